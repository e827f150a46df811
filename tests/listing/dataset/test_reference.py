"""The seed files: they parse, are complete, and contradict neither one another nor what is known of the service."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from perfstudy.errors import PerfstudyError
from perfstudy.listing.dataset import reference as module
from perfstudy.listing.dataset.population import fill, name_businesses
from perfstudy.listing.dataset.reference import LONGEST, PROGRAM_TYPES, STATUSES, read_reference
from perfstudy.listing.dataset.vocabulary import list_custom_names, read_vocabulary
from perfstudy.paths import seeds

Read = Callable[[], object]


@pytest.fixture
def changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str, str], Read]:
    """A function that replaces a text in a copy of a seed file, and returns what reads the copies."""
    copies = tmp_path / "seeds"
    shutil.copytree(seeds(), copies)
    monkeypatch.setattr(module, "seeds", lambda: copies)

    def change(file: str, old: str, new: str) -> Read:
        text = (copies / file).read_text(encoding="utf-8")
        assert old in text
        (copies / file).write_text(text.replace(old, new, 1), encoding="utf-8")
        return read_reference.__wrapped__

    return change


def test_every_file_says_what_it_is_for() -> None:
    files = sorted(path for path in seeds().rglob("*") if path.is_file())
    assert {path.suffix for path in files} == {".toml", ".csv"}
    assert all(path.read_text(encoding="utf-8").startswith("# ") for path in files)


def test_the_reference_tenant_is_the_account_of_the_report() -> None:
    tenant = read_reference().tenants["reference"]
    assert (tenant["name"], tenant["programs"], tenant["businesses"]) == ("agency-2671", 2_671, 100)
    assert tenant["statuses"]["CURRENT"] == 435
    assert sum(tenant["statuses"].values()) == 2_671


def test_types_and_statuses_are_those_of_the_service() -> None:
    assert tuple(read_reference().program_types) == PROGRAM_TYPES
    assert tuple(read_reference().statuses["weights"]) == STATUSES
    assert all(entry["features"] and entry["weight"] > 0 for entry in read_reference().program_types.values())


def test_every_feature_belongs_to_a_type() -> None:
    used = {feature for entry in read_reference().program_types.values() for feature in entry["features"]}
    assert used == set(read_reference().features["active"])


def test_text_fits_its_column() -> None:
    longest = max(
        len(name) for names in list_custom_names(read_reference()).values() for name in names if name is not None
    )
    assert longest == LONGEST
    assert all(
        len(value or "") <= 16 for value in (*read_vocabulary().program_statuses, *read_vocabulary().pause_statuses)
    )
    assert all(len(value or "") <= 32 for value in (*PROGRAM_TYPES, *read_vocabulary().fee_periods))
    assert all(len(value or "") <= 3 for value in read_vocabulary().currencies)


def test_no_text_holds_what_postgresql_cannot() -> None:
    assert not [
        name for names in list_custom_names(read_reference()).values() for name in names if "\0" in (name or "")
    ]


def test_names_come_from_several_scripts() -> None:
    text = "".join(name for name, _, _ in read_reference().names)
    scripts = ["é", "Ł", "Ε", "ё", "東", "서", "م", "ש", "आ", "ไ", "த", "🍕", "\u200d", "'", '"', "&"]
    assert [character for character in scripts if character not in text] == []


def test_custom_names_hold_what_breaks_careless_code() -> None:
    nasty = "".join(read_reference().custom_names["nasty"]["values"])
    assert [character for character in "\t\n\r\\\"'`,;|<>&%{}\u2028\ufeff" if character not in nasty] == []
    assert {"", " ", "\\N", "\\.", "NULL"} <= set(read_reference().custom_names["nasty"]["values"])


def test_budgets_include_cents_that_a_float_loses() -> None:
    words = read_vocabulary()
    amounts = {f"{unit}.{cent:02d}" for unit in words.budget_units.tolist() for cent in words.budget_cents.tolist()}
    assert len([amount for amount in amounts if int(float(amount) * 100) != int(amount.replace(".", ""))]) > 50


def test_a_filled_name_has_the_column_s_width() -> None:
    assert [len(fill(text)) for text in ("W", "ab ", "🙂", "x" * 300)] == [LONGEST] * 4
    assert not fill("ab ").endswith(" ")


def test_business_names_fit_and_some_fill_the_column(small_rows) -> None:  # type: ignore[no-untyped-def]
    lengths = [len(name) for name in name_businesses(small_rows.people.businesses, read_reference())]
    assert max(lengths) == LONGEST
    assert 0 < lengths.count(LONGEST) < len(lengths) / 50


@pytest.mark.parametrize(
    ("file", "old", "new", "fault"),
    [
        ("tenants.toml", "CURRENT = 435", "CURRENT = 436", "sum to 2672, not 2671"),
        ("tenants.toml", "CURRENT = 435", "CURRENTLY = 435", "reference.statuses must be"),
        ("tenants.toml", "today = 2025", "today = 2020", "first_day must come before"),
        ("program_types.toml", "[BH]", "[HB]", "the types must be"),
        ("program_types.toml", "LICENCE_BADGE", "LICENSE_BADGE", "features.toml does not know LICENSE_BADGE"),
        ("statuses.toml", "FUTURE = 35", "FUTURES = 35", "weights must name"),
        ("names.csv", "Acme,acme,20", "Acme,acme", "has 2 fields, not 3"),
        ("money.toml", "[budget]", "[budget", "cannot be read"),
    ],
)
def test_a_contradiction_is_named_with_its_file(
    changed: Callable[[str, str, str], Read], file: str, old: str, new: str, fault: str
) -> None:
    read = changed(file, old, new)
    with pytest.raises(PerfstudyError) as raised:
        read()
    assert file in str(raised.value)
    assert fault in str(raised.value)


def test_a_missing_file_is_named(changed: Callable[[str, str, str], Read], tmp_path: Path) -> None:
    read = changed("cities.csv", "Oakland", "Oaklands")
    (tmp_path / "seeds" / "cities.csv").unlink()
    with pytest.raises(PerfstudyError, match=r"cities\.csv cannot be read"):
        read()

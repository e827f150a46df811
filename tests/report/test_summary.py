"""The summary for a pull request: its sentence first, text that stays text, and where it is written."""

import re
from pathlib import Path

import pytest

from perfstudy.findings import Findings
from perfstudy.report import summarise
from perfstudy.report.markdown import code, escape
from perfstudy.report.open_questions import estimate_blocks, list_open
from perfstudy.results import Run, Store
from tests.commands.test_commands import here
from tests.report import shop

ODD = ("m|a#1", "@you <b>", "`x`")


@pytest.fixture(scope="module")
def sound(path: Path) -> Run:
    """Return a run whose arm ``prefetch`` is faster."""
    with Store.open(path) as store:
        return shop.store_run(store)


@pytest.fixture(scope="module")
def odd(path: Path) -> Run:
    """Return a run with few blocks, odd names, a gate that was left out, and an arm that is excluded."""
    excluded = {"@you <b>": "1 of 2 answers differ; /a|b <img src=x> @team #7 https://x.example"}
    with Store.open(path) as store:
        return shop.store_run(store, names=ODD, noise=0.05, blocks=6, gate=False, excluded=excluded)


@pytest.fixture(scope="module")
def text(sound: Run) -> str:
    """Return the summary of the sound run, made once."""
    return summarise(sound)


def test_the_first_line_says_what_changed_by_how_much_and_how_surely(text: str) -> None:
    number = r"\d\.\d+"
    said = rf"`prefetch` answers `(list|search)` {number}( to {number})? times as fast as `main` \(10 blocks, "
    assert re.match(rf"{said}noise floor {number}\); the other 3 comparisons: 1 faster, 2 equivalent\.\n\n", text)


def test_the_table_has_a_row_for_each_comparison(text: str) -> None:
    rows = [line for line in text.partition("<details>")[0].splitlines() if line.startswith("|")][2:]
    assert [line.split(" | ")[:2] for line in rows] == [
        [f"| `{scenario}`", f"`{arm}`"] for scenario in ("list", "search") for arm in ("prefetch", "pool")
    ]
    assert "| faster<br>claim `twice`: supported | 62 statements became 3" in rows[0]
    assert "main (control)" not in text


def test_details_are_folded_and_name_code_gate_and_machine(text: str) -> None:
    details = text.partition("<details>")[2]
    for said in (
        f"`main` serves ref `origin/main` at `{shop.SHA[:12]}`.",
        f"`prefetch` serves tree `.` at `{shop.SHA[:12]}`, with uncommitted changes in `shop/views.py`.",
        "Answers to 14 requests were compared with the reference's.",
        "Machine: cpu A processor, processors 2",
        "| `list` | `main`, cold | 62 |",
    ):
        assert said in details
    assert text.endswith("</details>\n")


def test_text_of_a_service_is_no_markup_mention_or_reference(odd: Run) -> None:
    said = summarise(odd)
    for wrong in ("<img", "@team", "@you", "#7", "#1", "https://x", "<b>"):
        assert wrong not in said
    rows = [line for line in said.splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in rows} == {8, 4}


def test_what_lowers_trust_is_said_before_the_table(odd: Run) -> None:
    before = summarise(odd).partition("\n| scenario")[0]
    assert "answers were not compared" in before
    assert "is excluded" in before
    assert "indicative" in before


def test_an_inconclusive_row_says_how_many_blocks_would_decide_it(path: Path) -> None:
    with Store.open(path) as store:
        run = shop.store_run(store, noise=0.08, planted=(0.04, 0.0396, 0.0404))
    said = summarise(run)
    assert "**Open**" in said
    assert re.search(r"- `\w+`, `\w+`: .*(would decide it|no more than|any number of blocks)", said)


@pytest.mark.parametrize(
    ("low", "speedup", "high", "blocks"),
    [(0.9, 1.0, 1 / 0.9, 47), (1.0, 1.1025, 1.2155, 41), (0.95, 1.05, 1.16, None), (1.0499, 1.2, 1.37, 11)],
)
def test_blocks_to_decide_grow_with_the_square_of_the_interval(
    low: float, speedup: float, high: float, blocks: int | None
) -> None:
    assert estimate_blocks({"low": low, "speedup": speedup, "high": high, "blocks": 10}) == blocks


def test_a_conclusive_row_is_not_open(sound: Run) -> None:
    assert (
        list_open([row for row in Findings(sound).comparisons.to_dict("records") if row["label"] == "prefetch"]) == []
    )


@pytest.mark.parametrize("text", ["@a", "#1", "GH-1", "http://x", "www.x", "<b>", "&lt;", "`", "a|b", "[x](y)", "$x$"])
def test_nothing_special_is_left_as_it_is(text: str) -> None:
    assert escape(text) != text
    assert escape(f"a\n{text}") == f"a {escape(text)}"
    assert code(text) in (f"`{text}`", f"<code>{escape(text)}</code>")


def test_it_is_written_to_a_file_or_printed(sound: Run, path: Path, text: str, tmp_path: Path) -> None:
    file = tmp_path / "new" / "summary.md"
    assert here("report", sound.id, "--summary", str(file), store=path).returncode == 0
    assert file.read_text(encoding="utf-8") == text
    assert here("report", sound.id, "--summary", "-", store=path).stdout == text


def test_only_a_regular_file_is_replaced(sound: Run, path: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.md"
    link.symlink_to(tmp_path / "other.md")
    done = here("report", sound.id, "--summary", str(link), store=path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "is a link" in done.stderr
    assert not (tmp_path / "other.md").exists()

"""The scales that are promised."""

import pytest

from perfstudy.errors import PerfstudyError, UsageError
from perfstudy.listing.dataset import SCALES
from perfstudy.listing.dataset.scales import find_scale, read_scales


def test_the_promised_scales_in_order() -> None:
    rows = {name: scale.rows for name, scale in SCALES.items()}
    published = [("tiny", 5_000), ("small", 50_000), ("medium", 1_000_000), ("large", 10_000_000)]
    assert list(rows.items()) == [*published, ("huge", 100_000_000)]
    assert [name for name, scale in SCALES.items() if scale.further] == ["huge"]
    assert all(scale.summary and scale.name == name for name, scale in SCALES.items())


def test_an_unknown_scale_names_the_nearest() -> None:
    with pytest.raises(UsageError, match="unknown scale 'medum': did you mean medium"):
        find_scale("medum")


@pytest.mark.parametrize("text", ["[tiny]\nrows = 5", "tiny = 5", "[tiny", "[tiny]\nrows = 5\nsummary = ''\nmore = 1"])
def test_a_malformed_file_is_named(text: str, tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "scales.toml").write_text(text)
    monkeypatch.setattr("perfstudy.listing.dataset.scales.seeds", lambda: tmp_path)
    with pytest.raises(PerfstudyError, match=r"scales\.toml does not declare the scales"):
        read_scales()

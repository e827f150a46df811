"""A reader's ratios beside the published ones, on published sets that stand in for a run."""

import pytest

from perfstudy import published, yours
from perfstudy.results import Store
from perfstudy.standing import NOTHING, against


def test_a_published_run_lies_within_itself() -> None:
    shown = against(published("ladder-medium"), "ladder").rows
    assert {row["yours lies"] for row in shown if row["from"] == "ladder-medium"} == {"within"}
    assert all(row["yours"] == row["published"] for row in shown if row["from"] == "ladder-medium")
    assert {row["scenario"] for row in shown} == {"page", "all", "business", "type"}


def test_claims_come_first_and_variants_are_compared_with_the_baseline() -> None:
    shown = [row["claim or variant"] for row in against(published("ladder-medium")).rows]
    assert shown[0] == "index-queries"
    assert shown.index("index, cold") > shown.index("together-warm")
    assert not [name for name in shown if "again" in str(name) or str(name).startswith("baseline")]


def test_a_ratio_outside_says_on_which_side_and_whether_the_intervals_meet() -> None:
    shown = against(published("scale-tiny-to-large")).rows
    assert {row["at"] for row in shown} == {"tiny", "small", "medium", "large"}
    words = {str(row["yours lies"]) for row in shown}
    assert words <= {"within", ""} | {
        f"{side}, {meeting}"
        for side in ("above", "below")
        for meeting in ("but the intervals meet", "and the intervals are apart")
    }
    assert len(words) > 1


def test_without_a_run_the_next_step_is_named(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("PERFSTUDY_STORE", str(tmp_path / "store.sqlite"))
    Store.open().close()
    assert yours() is NOTHING
    assert "perfstudy run" in repr(NOTHING)

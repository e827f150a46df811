"""A reader's ratios beside the published ones, on published sets that stand in for a run."""

import pandas as pd
import pytest

from perfstudy import findings, published, yours
from perfstudy.notebook.published_comparison import NOTHING, compare_with_published, describe_published
from perfstudy.results import Store


def test_a_published_run_lies_within_itself() -> None:
    shown = compare_with_published(published("ladder-medium"), "ladder").rows
    assert {row["yours lies"] for row in shown if row["from"] == "ladder-medium"} == {"within"}
    assert all(row["yours"] == row["published"] for row in shown if row["from"] == "ladder-medium")
    assert {row["scenario"] for row in shown} == {"page", "all", "business", "type"}


def test_claims_come_first_and_variants_are_compared_with_the_baseline() -> None:
    shown = [row["claim or variant"] for row in compare_with_published(published("ladder-medium")).rows]
    assert shown[0] == "index-queries"
    assert shown.index("index, cold") > shown.index("together-warm")
    assert not [name for name in shown if "again" in str(name) or str(name).startswith("baseline")]


def test_a_ratio_outside_says_on_which_side_and_whether_the_intervals_meet() -> None:
    shown = compare_with_published(published("scale-tiny-to-large")).rows
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


@pytest.mark.parametrize(
    ("low", "high", "scale", "words"),
    [
        (1.8, 2.2, "small", "1.62 to 2.5×; yours lies within"),
        (2.4, 3.0, "medium", "1.62 to 2.5× at small; yours lies above, but the intervals meet"),
        (0.9, 1.1, "small", "1.62 to 2.5×; yours lies below, and the intervals are apart"),
    ],
)
def test_where_a_ratio_lies_is_put_into_words(low: float, high: float, scale: str, words: str) -> None:
    middle = (low + high) / 2
    mine = {"claim": "c", "scenario": "page", "scale": scale, "speedup": middle, "low": low, "high": high}
    theirs = mine | {"published": "set", "study": "s", "scale": "small", "speedup": 2.0, "low": 1.62, "high": 2.5}
    frames = pd.DataFrame([mine]), pd.DataFrame([theirs | {"verdict": "supported"}])
    (row,) = findings.add_published(*frames).to_dict("records")
    assert describe_published(row) == words
    assert describe_published(row | {"published": float("nan")}) == ""

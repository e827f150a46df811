"""Published sets of before the verdict *ruled out* are read in its words, and no number of theirs changes."""

from collections import Counter

import pandas as pd
import pytest

from perfstudy.findings import find_published
from perfstudy.paths import PROJECT
from perfstudy.results.published import list_published, load_published

PUBLISHED = [name for name in list_published() if len(load_published(name).verdicts)]


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_verdict_changes_its_word_alone(name: str) -> None:
    found = load_published(name).verdicts
    stored = pd.read_csv(PROJECT / "data" / "published" / name / "verdicts.csv", keep_default_na=False, na_values=[""])
    pd.testing.assert_frame_equal(found.drop(columns="verdict"), stored.drop(columns="verdict"))
    changed = found["verdict"].ne(stored["verdict"])
    assert set(stored.loc[changed, "verdict"]) <= {"inconclusive"}
    assert set(found.loc[changed, "verdict"]) <= {"ruled out"}


@pytest.mark.parametrize("name", PUBLISHED)
def test_what_is_read_as_ruled_out_is_judged_so(name: str) -> None:
    keys = ["claim", "scale", "scenario"]
    stored, judged = load_published(name).verdicts, find_published(name).verdicts
    both = stored.merge(judged, on=keys, suffixes=("_stored", "_judged"))
    read = both[both["verdict_stored"].isin(["ruled out", "inconclusive"])]
    assert (read["verdict_stored"] == read["verdict_judged"]).all()


def test_eleven_of_the_sixteen_open_verdicts_of_the_ladder_are_ruled_out() -> None:
    counts = Counter(load_published("ladder-medium").verdicts["verdict"])
    assert (counts["ruled out"], counts["inconclusive"]) == (11, 5)

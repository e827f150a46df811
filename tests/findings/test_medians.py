"""Published sets: a median is that of the requests, and not what speed-ups compare in its place."""

import pandas as pd
import pytest

from perfstudy.findings import find_published
from perfstudy.results.published import list_published, load_published


def read_stored(name: str) -> pd.DataFrame:
    """Return the verdicts on response times that were stored with a median."""
    found = load_published(name).verdicts
    return found[found["quantity"].eq("response") & found["median"].notna()] if len(found) else found


JUDGED = [name for name in list_published() if len(read_stored(name))]


@pytest.mark.parametrize("name", JUDGED)
def test_what_is_read_anew_has_the_medians_that_were_stored(name: str) -> None:
    keys = ["claim", "scale", "scenario"]
    stored = read_stored(name)
    both = stored.merge(find_published(name).verdicts, on=keys, suffixes=("", "_anew"))
    assert len(both) == len(stored) > 0
    for side in ("median", "reference_median"):
        assert list(both[f"{side}_anew"]) == pytest.approx(list(both[side]), rel=1e-6, nan_ok=True)


def test_the_median_differs_from_the_middle_in_a_set() -> None:
    cells = load_published("ladder-medium").cells.dropna(subset=["median_ns"])
    assert (cells["median_ns"] != cells["middle_ns"]).mean() > 0.9

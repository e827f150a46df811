"""Compare a run's verdicts with the published ones of the same claims."""

from typing import Any

import pandas as pd


def add_published(verdicts: pd.DataFrame, published: pd.DataFrame, study: str = "") -> pd.DataFrame:
    """Add to each measured ratio the published interval of the same claim.

    *published* is what ``results.published`` gives. Of several published sets the one at the same scale
    comes first, then the one of the same *study*. Adds the columns published, published_scale, published_speedup,
    published_low, published_high, published_verdict and ``standing``: where the ratio lies, *within* the published
    interval, *above* it or *below* it; all missing where nothing is published.
    """
    found = [_published_beside(row, published, study) for row in verdicts.to_dict("records")]
    beside = pd.DataFrame(found, index=verdicts.index, columns=PUBLISHED_COLUMNS)
    return pd.concat([verdicts, beside], axis=1)


PUBLISHED_COLUMNS = [
    *("published", "published_scale", "published_speedup", "published_low", "published_high"),
    *("published_verdict", "standing"),
]


def _published_beside(mine: dict[str, Any], published: pd.DataFrame, study: str) -> dict[str, Any]:
    same = published[(published["claim"] == mine["claim"]) & (published["scenario"] == mine["scenario"])]
    if same.empty or pd.isna(mine["speedup"]):
        return {}
    ranked = sorted(
        same.to_dict("records"),
        key=lambda row: (row["scale"] != mine["scale"], row["study"] != study, row["published"], row["scale"]),
    )
    theirs = ranked[0]
    return {
        "published": theirs["published"],
        "published_scale": theirs["scale"],
        "published_speedup": theirs["speedup"],
        "published_low": theirs["low"],
        "published_high": theirs["high"],
        "published_verdict": theirs["verdict"],
        "standing": _standing(mine["speedup"], theirs["low"], theirs["high"]),
    }


def _standing(speedup: float, low: float, high: float) -> str:
    if speedup < low:
        return "below"
    return "above" if speedup > high else "within"

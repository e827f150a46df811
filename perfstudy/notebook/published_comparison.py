"""Show a reader's ratios next to the published ones."""

from typing import TYPE_CHECKING, Any

from perfstudy import findings
from perfstudy.formatting import factor_with_interval, interval
from perfstudy.model.labels import is_control, shorten
from perfstudy.model.scenario import NOOP
from perfstudy.model.table import Table
from perfstudy.notebook.display import TextView
from perfstudy.results import Run, Store
from perfstudy.results.published import list_published, load_published, published_verdicts
from perfstudy.results.remarks import TENANT

if TYPE_CHECKING:
    import pandas as pd

CAPTION = "Your speed-ups beside the published ones, each with its 95% interval"
NOTHING = TextView("No run of yours can judge a claim yet: `perfstudy run` makes one.")

Row = dict[str, Any]


def compare_with_published(run: findings.Source, study: str = "") -> Table:
    """Return what *run* measured next to what is published of the same.

    A claim that the run cannot judge is left out; a variant is compared with the baseline. Of several published sets
    the one at the same scale comes first, then the one of the same *study*.
    """
    found = findings.find(run)
    return Table([*_claims(found, study), *_variants(found)], CAPTION)


def yours() -> Table | TextView:
    """Return the newest finished run next to the published results."""
    with Store.open() as store:
        for run in _list_finished(store):
            rows = _claims(findings.Findings(run), run.study)
            if rows:
                return Table(rows, f"{CAPTION}: run {run.id}")
    return NOTHING


def _list_finished(store: Store) -> list[Run]:
    """Return the finished runs, newest first, those of notebooks last.

    A run that was published would be compared with itself.
    """
    published = {load_published(name).id for name in list_published()}
    runs = [store.run(one.id) for one in store.summaries() if one.finished_at and one.id not in published]
    runs = [run for run in runs if TENANT not in run.notes]
    return sorted(runs, key=lambda run: run.study == "notebook")


def _claims(found: findings.Findings, study: str) -> list[Row]:
    judged = found.verdicts.dropna(subset=["speedup"])
    if judged.empty:
        return []
    return [
        _row(row["claim"], row)
        for row in findings.add_published(judged, published_verdicts(), study).to_dict("records")
    ]


def _variants(found: findings.Findings) -> list[Row]:
    mine = _select_variants(found.comparisons)
    if mine.empty:
        return []
    theirs = _list_published()
    # The columns in which a published comparison is matched are those of a published verdict.
    named = mine.assign(claim=mine["label"] + ", " + mine["temperature"])
    return [_row(_briefly(row["claim"]), row) for row in findings.add_published(named, theirs).to_dict("records")]


def _briefly(what: str) -> str:
    label, _, temperature = what.rpartition(", ")
    return f"{shorten(label)}, {temperature}"


def _list_published() -> "pd.DataFrame":
    """Return every published comparison, in the columns of verdicts."""
    import pandas as pd

    frames = []
    for name in list_published():
        frame = _select_variants(findings.find_published(name).comparisons)
        frames.append(
            frame.assign(
                published=name,
                study=load_published(name).study,
                claim=frame["label"] + ", " + frame["temperature"],
                verdict=frame["comparison"],
            )
        )
    return pd.concat(frames, ignore_index=True) if frames else published_verdicts()


def _select_variants(comparisons: "pd.DataFrame") -> "pd.DataFrame":
    """Return the comparisons of variants with the baseline."""
    if comparisons.empty:
        return comparisons
    apart = comparisons["label"].map(is_control) | comparisons["label"].eq(comparisons["reference"])
    return comparisons[~apart & comparisons["scenario"].ne(NOOP)].dropna(subset=["speedup"])


def _row(what: str, row: Row) -> Row:
    published = isinstance(row["published"], str)
    return {
        "claim or variant": what,
        "scenario": row["scenario"],
        "yours": factor_with_interval(row["speedup"], row["low"], row["high"]),
        "at": row["scale"],
        "published": factor_with_interval(*(row[f"published_{name}"] for name in ("speedup", "low", "high")))
        if published
        else "not yet",
        "from": row["published"] if published else "",
        "published at": row["published_scale"] if published else "",
        "yours lies": describe_standing(row) if published else "",
    }


def describe_published(row: Row) -> str:
    """Describe the published interval and where the measured ratio lies.

    *row* is one of ``findings.against``: ``2.9 to 3.3× at medium; yours lies above, but the intervals meet``.
    """
    if not isinstance(row["published"], str):
        return ""
    scale = "" if row["published_scale"] == row["scale"] else f" at {row['published_scale']}"
    return f"{interval(row['published_low'], row['published_high'])}{scale}; yours lies {describe_standing(row)}"


def describe_standing(row: Row) -> str:
    """Describe where the ratio lies, and if outside, whether intervals meet."""
    if row["standing"] == "within":
        return "within"
    meet = row["low"] <= row["published_high"] and row["published_low"] <= row["high"]
    return f"{row['standing']}, {'but the intervals meet' if meet else 'and the intervals are apart'}"

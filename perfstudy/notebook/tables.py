"""Show what is published, as tables that are the same at every run."""

from collections.abc import Callable, Iterable, Mapping
from math import exp
from typing import TYPE_CHECKING, Any

from perfstudy.analysis.verdict import UNTESTED
from perfstudy.charts.frames import sort_labels
from perfstudy.errors import unknown
from perfstudy.formatting import UNITLESS, amount, factor, factor_with_interval
from perfstudy.model.catalog import first_catalog, list_claims
from perfstudy.model.claim import Claim
from perfstudy.model.labels import list_factors, shorten
from perfstudy.model.quantity import RESPONSE, format_quantity
from perfstudy.model.table import Table
from perfstudy.model.verdict_cell import Verdict
from perfstudy.results.published import load_published, published_verdicts

if TYPE_CHECKING:
    import pandas as pd

Row = dict[str, Any]
RATIOS = ("speedup", "ratio")
"""Columns with the ends of their interval in ``low`` and ``high``."""
LOGS = {"effect": ("low", "high"), "shapley": ("low", "high"), "main": ("main_low", "main_high")}
"""Logarithms of ratios, shown as the ratios, with the columns of the ends of their interval."""
MEDIANS = ("median", "reference_median")
LABELS = ("label", "theirs")
JUDGED = ("comparison", "verdict", "outcome")


def judged(*claims: str, name: str | None = None) -> Table:
    """Return the published verdicts on *claims*, of all sets or of one.

    Raises:
        UsageError: there is no such claim, or no such set; the nearest are named.
    """
    known = [claim.id for claim in list_claims()]
    for claim in claims:
        if claim not in known:
            raise unknown("claim", claim, known)
    if name is not None:
        load_published(name)
    frame = published_verdicts()
    frame = frame[frame["claim"].isin(claims) & (True if name is None else frame["published"].eq(name))]
    records = sorted(frame.to_dict("records"), key=_in_order(frame, claims))
    return Table([_verdict(row) for row in records], "Speed-ups with their 95% intervals")


def _in_order(frame: Any, claims: tuple[str, ...]) -> Callable[[Row], Any]:
    scales, scenarios = sort_labels(frame["scale"]), sort_labels(frame["scenario"])

    def place(row: Row) -> tuple[int, str, int, int]:
        return (
            claims.index(row["claim"]),
            row["published"],
            scales.index(row["scale"]),
            scenarios.index(row["scenario"]),
        )

    return place


def _verdict(row: Row) -> dict[str, object]:
    return {
        **{column: row[column] for column in ("claim", "scale", "scenario", "claimed")},
        "measured": factor_with_interval(row["speedup"], row["low"], row["high"]),
        "verdict": Verdict(row["verdict"]),
        "from": row["published"],
    }


MISSING = "not measured"


def verdicts_by_claim(name: str, claims: Iterable[Claim]) -> list[Row]:
    """Return what the published set *name* says of each of *claims*.

    Raises:
        UsageError: there is no such set; the nearest are named.
    """
    table = {(row["claim"], row["scenario"]): row for row in load_published(name).verdicts.to_dict("records")}
    return [
        {
            "claim": claim.id,
            "claimed": claim.range,
            **{
                column: text
                for scenario in first_catalog().headline
                for column, text in _judge(scenario, table.get((claim.id, scenario))).items()
            },
        }
        for claim in claims
    ]


def _judge(scenario: str, row: Mapping[Any, Any] | None) -> Row:
    measured = row is not None and row["speedup"] == row["speedup"]
    return {
        scenario: factor_with_interval(row["speedup"], row["low"], row["high"]) if row and measured else MISSING,
        f"verdict, {scenario}": Verdict(row["verdict"] if row else UNTESTED),
    }


def costs(optimization: str, name: str) -> Table:
    """Return what *optimization* costs by the published set *name*.

    Raises:
        UsageError: there is no such optimization, or no such set; the nearest are named.
    """
    if optimization not in list_factors():
        raise unknown("optimization", optimization, list_factors())
    frame = load_published(name).costs
    frame = frame[frame["optimization"].eq(optimization)] if len(frame) else frame
    found: dict[str, dict[str, object]] = {}
    for row in frame.to_dict("records"):
        found.setdefault(row["quantity"], {"quantity": row["quantity"]})[row["scale"]] = _amount(row)
    return Table(list(found.values()), f"What {optimization} costs, from {name}")


def _amount(row: Row) -> str:
    """Return the value of a cost; a factor has its interval, and 1 is no cost."""
    if row["unit"] in UNITLESS:
        return f"{factor_with_interval(row['value'], row['low'], row['high'])} times"
    return amount(row["value"], row["unit"])


def tabulate(frame: "pd.DataFrame", *columns: str, title: str = "") -> Table:
    """Return a frame of findings as a table, with *columns* or all of its own.

    Ratios have their interval, times and costs their unit, and labels their short form. Names in the index come first.
    """
    named = frame.index.inferred_type == "string"
    rows = (frame.rename_axis("name").reset_index() if named else frame).to_dict("records")
    shown = columns or tuple(rows[0] if rows else frame.columns)
    return Table([{column: _format(row, column) for column in shown} for row in rows], title, shown)


def _format(row: Mapping[Any, Any], column: str) -> object:
    value = row[column]
    if column == "value":
        return _amount(dict(row))
    if column in MEDIANS:
        return format_quantity(row.get("quantity", RESPONSE), value)
    if column in JUDGED:
        return Verdict(value)
    if column in LABELS:
        return shorten(value)
    if not isinstance(value, float):
        return value
    if value != value:
        return ""
    if column in LOGS:
        return factor_with_interval(*(exp(row[name]) for name in (column, *LOGS[column])))
    return factor_with_interval(value, row["low"], row["high"]) if column in RATIOS else factor(value)

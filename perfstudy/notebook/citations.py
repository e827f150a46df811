"""Numbers by address: what a published result says, as the text that prose quotes.

An address names a published set and then, set apart by slashes, what is meant:

- ``ladder-medium: index-response/page``: the speed-up that was measured for a claim, with its interval;
- ``ladder-medium: index+related/all/cold``: the speed-up of a variant, by its name or its short one, over the baseline;
- either of them followed by a field: ``…/verdict``, ``/claimed``, ``/median``, ``/reference``, ``/p95``, ``/floor``;
- ``factorial-medium: shapley index/page/cold``, or ``main index/…``: what an optimization is worth, as a factor;
- ``factorial-medium: interaction related+connections/page/cold``: by what factor one helps the other;
- ``ladder-medium: cost index size``: a row of the cost side;
- ``limits-medium: target a hit, against one GET/page``: the ratio that a target limits, with its interval, and with
  ``outcome`` in place of ``target`` whether it is met;
- ``claim: index-queries``: what is claimed, in no set.

A scale is named among them where a set has several. Speed-ups have 95% intervals; bytes are in decimal units.
"""

from collections.abc import Callable, Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

from perfstudy.errors import UsageError, unknown
from perfstudy.findings import find_published
from perfstudy.formatting import duration, factor, factor_with_interval, size_in_bytes
from perfstudy.model.catalog import list_claims, load_catalogs
from perfstudy.model.labels import shorten
from perfstudy.model.quantity import RESPONSE, format_quantity
from perfstudy.notebook.display import NumberView
from perfstudy.results.published import load_published

if TYPE_CHECKING:
    import pandas as pd

Row = dict[str, Any]


def number(address: str) -> NumberView:
    """Return the number at *address*, which says where it comes from.

    Raises:
        UsageError: the address names nothing, or several things at once; the message says what there is.
    """
    source, colon, path = (part.strip() for part in address.partition(":"))
    parts = [part.strip() for part in path.split("/")]
    if not colon or not parts[0]:
        raise UsageError(f"{address!r} is no address: write the set, a colon and the number, as in {EXAMPLE!r}")
    if source == "claim":
        return NumberView(_judge_range(parts[0]).range, address)
    kind, _, rest = parts[0].partition(" ")
    read = KINDS.get(kind, _speedup) if rest else _speedup
    return NumberView(read(source, [rest, *parts[1:]] if rest and kind in KINDS else parts), address)


EXAMPLE = "ladder-medium: index-response/page"


def _speedup(source: str, parts: list[str]) -> str:
    parts, field = _field(parts)
    named = parts[0]
    claimed = named in {claim.id for claim in list_claims()}
    frame = _verdicts(source) if claimed else find_published(source).comparisons
    if not claimed:
        frame = frame.assign(label=frame["label"].map(lambda label: named if shorten(label) == named else label))
    row = _one(source, frame, "claim" if claimed else "label", parts)
    return FIELDS[field](row)


def _field(parts: list[str]) -> tuple[list[str], str]:
    """Return an address without its field, and the field."""
    return (parts[:-1], parts[-1]) if parts[-1] in FIELDS else (parts, "speedup")


def _interval_of(row: Row) -> str:
    return factor_with_interval(row["speedup"], row["low"], row["high"])


def _reference(row: Row) -> str:
    """Return the reference's median, which comparisons do not hold."""
    if "reference_median" not in row:
        raise UsageError(f"the reference of {row['label']!r} is {row['reference']!r}: ask for the median of that")
    return format_quantity(row.get("quantity", RESPONSE), row["reference_median"])


FIELDS: dict[str, Callable[[Row], str]] = {
    "speedup": _interval_of,
    "verdict": lambda row: str(row.get("verdict") or row.get("comparison")),
    "claimed": lambda row: str(row["claimed"]),
    "median": lambda row: format_quantity(row.get("quantity", RESPONSE), row["median"]),
    "reference": _reference,
    "p95": lambda row: duration(row["p95"]),
    "floor": lambda row: factor(row["floor"]),
}


def _read_attribution(column: str) -> Callable[[str, list[str]], str]:
    def read(source: str, parts: list[str]) -> str:
        from numpy import exp

        row = _one(source, find_published(source).attribution, "optimization", parts)
        ends = ("low", "high") if column == "shapley" else ("main_low", "main_high")
        return factor_with_interval(*(float(exp(row[name])) for name in (column, *ends)))

    return read


def _interaction(source: str, parts: list[str]) -> str:
    from numpy import exp

    row = _one(source, _interactions(source), "pair", ["+".join(sorted(parts[0].split("+"))), *parts[1:]])
    return factor_with_interval(*(float(exp(row[name])) for name in ("effect", "low", "high")))


def _cost(source: str, parts: list[str]) -> str:
    row = _one(source, _costs(source), "quantity", parts)
    value, unit = row["value"], row["unit"]
    if unit == "seconds":
        return duration(value) if value % 1 else f"{value:.0f} s"
    if unit == "bytes":
        return size_in_bytes(value)
    return factor_with_interval(value, row["low"], row["high"]) if "times" in unit else f"{value:,.0f}"


def _ratio(source: str, parts: list[str]) -> str:
    row = _one(source, _targets(source), "target", parts)
    return factor_with_interval(row["ratio"], row["low"], row["high"])


def _outcome(source: str, parts: list[str]) -> str:
    return str(_one(source, _targets(source), "target", parts)["outcome"])


KINDS: dict[str, Callable[[str, list[str]], str]] = {
    "shapley": _read_attribution("shapley"),
    "main": _read_attribution("main"),
    "interaction": _interaction,
    "cost": _cost,
    "target": _ratio,
    "outcome": _outcome,
}

PLACES = ("scale", "scenario", "temperature")


def _one(source: str, frame: "pd.DataFrame", column: str, parts: list[str]) -> Row:
    """Return the one row of *frame* that *parts* name."""
    named, *places = parts
    if frame.empty or named not in set(frame[column]):
        raise unknown(f"{column} of {source}", named, [] if frame.empty else frame[column].unique())
    rows = frame[frame[column] == named]
    columns = [name for name in (*PLACES, "optimization") if name in frame.columns and name != column]
    for place in places:
        known = [name for name in columns if place in set(rows[name])]
        if not known:
            raise unknown(f"part of {source}: {named}", place, _values(rows, columns))
        rows = rows[rows[known[0]] == place]
    if len(rows) > 1:
        open_ = [name for name in columns if rows[name].nunique() > 1]
        raise UsageError(f"{source}: {'/'.join(parts)} is {len(rows)} numbers: name one {' and one '.join(open_)}")
    return dict(rows.iloc[0])


def _values(rows: "pd.DataFrame", columns: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(str(value) for name in columns for value in rows[name].unique()))


def _judge_range(name: str) -> Any:
    by_name = {claim.id: claim for claim in list_claims()}
    if name not in by_name:
        raise unknown("claim", name, by_name)
    return by_name[name]


# Published sets do not change while a program runs, and prose asks for many numbers of one.


@cache
def _verdicts(name: str) -> "pd.DataFrame":
    found = load_published(name).verdicts
    return found.dropna(subset=["speedup"]) if len(found) else found


@cache
def _interactions(name: str) -> "pd.DataFrame":
    frame = find_published(name).interactions
    if len(frame):
        pairs = zip(frame["one"], frame["other"], strict=True)
        frame = frame.drop(columns=["one", "other"]).assign(pair=["+".join(sorted(pair)) for pair in pairs])
    return frame


@cache
def _costs(name: str) -> "pd.DataFrame":
    return load_published(name).costs


@cache
def _targets(name: str) -> "pd.DataFrame":
    import pandas as pd

    judges = (catalog.judge_targets for catalog in load_catalogs().values())
    return pd.concat([judge(load_published(name)) for judge in judges if judge is not None], ignore_index=True)

"""Targets for the service's speed: ratios of times within one run.

A ratio is a time of ours over a time of theirs, below 1 where ours is shorter; its interval is that of the speed-up.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from perfstudy.analysis.comparison import Comparison
from perfstudy.findings import Condition, Findings, Run
from perfstudy.listing.studies import DEPTHS
from perfstudy.listing.variant import BEST, FASTEST, SOURCE_FINAL
from perfstudy.listing.variant import UNCACHED as NO_CACHE
from perfstudy.model.quantity import RESPONSE

FINAL = FASTEST.name
"""The variant that most targets are about."""
RECOMMENDED = BEST.name
"""What the study recommends: how it grows with the table and with the tenant."""
UNCACHED = (NO_CACHE + "presorted").name
"""The same without its cache; a miss takes longer by the reads and writes of the cache."""
STORED = (NO_CACHE + "presorted+lines").name
"""The same where the database keeps each program's JSON."""
SOURCE = SOURCE_FINAL.name
"""The source report's final state."""
LAST = f"after@{max(DEPTHS)}"
"""The scenario of the largest tenant's last page, by a cursor."""


@dataclass(frozen=True, kw_only=True)
class Side:
    """One side of a ratio: the quickest of *labels* at a temperature.

    It is measured in the other side's scenario and scale where none are named.
    """

    labels: tuple[str, ...]
    temperature: str = "cold"
    scenario: str = ""
    scale: str = ""

    def find_place(self, other: Condition) -> Condition:
        """Return where this side is measured, if the target is judged at *other*."""
        return Condition(self.scale or other.scale, self.scenario or other.scenario)


@dataclass(frozen=True, kw_only=True)
class Target:
    """A limit on the time of *mine* over that of *theirs*, one for each scenario."""

    name: str
    mine: Side
    theirs: Side
    most: Mapping[str, float] = field(default_factory=dict)


def _make_warm(*labels: str) -> Side:
    return Side(labels=labels, temperature="warm")


def _make_cold(*labels: str) -> Side:
    return Side(labels=labels)


def _declare_cold_targets(what: str, theirs: tuple[str, ...], **most: float) -> tuple[Target, ...]:
    """Return the targets on *theirs* for a miss, with the cache and without it."""
    ours = {"a miss": FINAL, "without a cache": UNCACHED}
    return tuple(
        Target(name=f"{name}, against {what}", mine=_make_cold(label), theirs=_make_cold(*theirs), most=most)
        for name, label in ours.items()
    )


ONE_QUERY = "bare WSGI and one query that returns JSON"
PEERS = ("drf", "ninja", "fastapi-orm", "fastapi-core")
CACHING_PEERS = ("cache-page", "cachalot", "cacheops")

TARGETS = (
    Target(
        name="a hit, against bare WSGI with constant bytes",
        mine=_make_warm(FINAL),
        theirs=_make_warm("wsgi-constant"),
        most={"page": 1.4, "all": 1.2},
    ),
    Target(
        name="a hit, against bare WSGI and one GET",
        mine=_make_warm(FINAL),
        theirs=_make_warm("wsgi-redis"),
        most={"page": 0.75, "all": 0.7},
    ),
    Target(
        name="a hit, against a hit of the report's final state",
        mine=_make_warm(FINAL),
        theirs=_make_warm(SOURCE),
        most={"page": 0.5, "all": 0.1},
    ),
    *_declare_cold_targets(ONE_QUERY, ("wsgi-postgres",), page=1.5, all=0.75),
    Target(
        name=f"stored lines without a cache, against {ONE_QUERY}",
        mine=_make_cold(STORED),
        theirs=_make_cold("wsgi-postgres"),
        most={"all": 0.2},
    ),
    *_declare_cold_targets("the quickest peer", PEERS, page=0.35, all=0.35),
    *_declare_cold_targets("Django REST framework", ("drf",), page=0.17, all=0.16),
    Target(
        name="a hit, against the quickest caching peer",
        mine=_make_warm(FINAL),
        theirs=_make_warm(*CACHING_PEERS),
        most={"page": 0.3, "all": 0.4},
    ),
    Target(
        name="ten million rows, against fifty thousand",
        mine=Side(labels=(RECOMMENDED,), scale="large"),
        theirs=Side(labels=(RECOMMENDED,), scale="small"),
        most={"page": 1.2},
    ),
    Target(
        name="the tenant's last page by its cursor, against its first",
        mine=Side(labels=(RECOMMENDED,), scenario=LAST),
        theirs=Side(labels=(RECOMMENDED,), scenario="page@0"),
        most={LAST: 1.1},
    ),
)

ELSEWHERE = {
    "capacity at p99 under 50 ms, against the report's final state": ("at least 4", "python benchmarks/capacity.py"),
    "99.9th percentile of a hit, against its median": ("at most 4", "python -m benchmarks.tails --scale medium"),
    f"all programs after a write, against {ONE_QUERY}": ("at most 0.3", "python -m benchmarks.writes --scale medium"),
    "`perfstudy --help`, against `python -c pass`": ("at most 8", "python benchmarks/startup.py"),
    "loading, against psql's COPY and the same indexes": ("at most 1.25", "python benchmarks/loading.py"),
}
"""Targets that no study measures: the bound, and the command that measures it."""


def judge(run: Run, targets: Iterable[Target] = TARGETS) -> pd.DataFrame:
    """Return the outcome of each target of which *run* measured both sides.

    Each place where both were measured is a row. Columns: target, scale, scenario, mine, theirs, mine_median and
    their_median in seconds, ratio, low and high (95%), most, blocks, outcome: *met* where the whole interval lies
    within the target, *not met* where it lies beyond, *open* where the target lies inside the interval.
    """
    found = Findings(run)
    rows = [row for target in targets for place in found.places for row in _list_rows(found, target, place)]
    return pd.DataFrame(rows, columns=COLUMNS)


COLUMNS = [
    *("target", "scale", "scenario", "mine", "theirs", "mine_median", "their_median"),
    *("ratio", "low", "high", "most", "blocks", "outcome"),
]


def _list_rows(found: Findings, target: Target, place: Condition) -> Iterable[dict[str, Any]]:
    if place.scenario not in target.most or target.mine.find_place(place) != place:
        return
    fastest = [_find_fastest(found, side, side.find_place(place)) for side in (target.mine, target.theirs)]
    (label, median, mine), (other, their_median, theirs) = fastest
    ratio = _describe_ratio(found.compare(mine, theirs, place))
    if ratio is None:
        return
    most = target.most[place.scenario]
    yield {
        "target": target.name,
        "scale": place.scale,
        "scenario": place.scenario,
        "mine": label,
        "theirs": other,
        "mine_median": median,
        "their_median": their_median,
        **ratio,
        "most": most,
        "outcome": judge_target(ratio["low"], ratio["high"], most),
    }


def judge_target(low: float, high: float, most: float) -> str:
    """Return whether a ratio within *low* to *high* is at most *most*."""
    if high <= most:
        return "met"
    return "not met" if low > most else "open"


def compute_ratios(run: Run, reference: str, temperature: str = "", quantity: str = RESPONSE) -> pd.DataFrame:
    """Return each label's time over that of *reference*, by place and temperature.

    The time is the response's, or another *quantity* in seconds. The reference is taken at *temperature*, or at each
    label's own. Columns: scale, scenario, label, temperature, median in seconds, ratio, low, high (95%), blocks.
    """
    found = Findings(run)
    rows = []
    for place in found.places:
        for label in found.labels:
            for own in found.temperatures(label, place):
                mine = found.quantity(quantity, label, place, own)
                theirs = found.quantity(quantity, reference, place, temperature or own)
                ratio = _describe_ratio(found.compare(mine, theirs, place, quantity=quantity)) or {}
                where = {"scale": place.scale, "scenario": place.scenario, "label": label, "temperature": own}
                rows.append({**where, "median": found.median(quantity, label, place, own), **ratio})
    return pd.DataFrame(rows, columns=RATIOS)


RATIOS = ["scale", "scenario", "label", "temperature", "median", "ratio", "low", "high", "blocks"]


def _find_fastest(found: Findings, side: Side, place: Condition) -> tuple[str, float, dict[int, Any]]:
    """Return the quickest label of *side* at *place*, its median and its cells.

    The median is in seconds. Return nothing if none was measured.
    """
    measured = [
        (found.median(RESPONSE, label, place, side.temperature), label, cells)
        for label in side.labels
        if (cells := found.cells(label, place, side.temperature))
        and not (label in found.labels and found.invalid(found.variant(label)))
    ]
    median, label, cells = min(measured, key=lambda one: one[0], default=(float("nan"), "", {}))
    return label, median, cells


def _describe_ratio(comparison: Comparison | None) -> dict[str, Any] | None:
    if comparison is None or comparison.speedup is None:
        return None
    speedup = comparison.speedup
    return {
        "ratio": 1 / speedup.estimate,
        "low": 1 / speedup.high,
        "high": 1 / speedup.low,
        "blocks": comparison.measured.blocks,
    }

"""Build the first section of a report: claims, verdicts and warnings."""

from collections.abc import Mapping
from itertools import groupby
from math import isfinite
from typing import Any

import pandas as pd

from perfstudy import charts, formatting
from perfstudy.analysis.verdict import ENOUGH_BLOCKS
from perfstudy.charts.frames import sort_labels
from perfstudy.model.labels import describe
from perfstudy.notebook import published_comparison
from perfstudy.report.material import Material
from perfstudy.report.parts import Claim, Part, Section, Verdict, Verdicts, figure, table
from perfstudy.results.remarks import remarks

UNTESTED = "not testable here"

SYMBOLS: Mapping[str, str] = {
    "supported": "●",
    "exceeded": "▲",
    "fell short": "▼",
    "refuted": "✖",
    "inconclusive": "◆",
    "not testable here": "■",
    "invalid": "✚",
}
"""Beside the word of each verdict: the shape of its marker in the chart."""


def verdicts(material: Material) -> list[Section]:
    """Return the section of verdicts, if there are any."""
    frame = material.verdicts
    if frame.empty:
        return []
    claims, untested = _claims(frame), _list_untested(frame)
    parts: list[Part] = [Verdicts("Verdicts, each with the noise floor of its place", claims)] if claims else []
    tested = frame[frame["verdict"] != UNTESTED]
    if len(tested):
        parts.append(figure("verdicts-chart", charts.verdicts, tested))
    if untested:
        parts.append(table("untested", "Claims that this run cannot test", ("claim", "what it says", "why"), untested))
    return [Section("verdicts", "What is claimed, and what was measured", "Verdicts", parts)]


def count_verdicts(material: Material) -> list[tuple[str, str, int]]:
    """Return (symbol, verdict, count) of every verdict that occurs."""
    if material.verdicts.empty:
        return []
    lines = [line for claim in _claims(material.verdicts) for line in claim.lines]
    counted = {word: sum(line.verdict == word for line in lines) for word in SYMBOLS}
    counted[UNTESTED] += len(_list_untested(material.verdicts))
    return [(SYMBOLS[word], word, count) for word, count in counted.items() if count]


def warnings(material: Material) -> list[str]:
    """Return what makes the results less trustworthy, with the next step."""
    found = []
    if not material.finished:
        found.append(f"The run is unfinished: perfstudy run --resume {material.name} fills its gaps.")
    if 0 < material.blocks < ENOUGH_BLOCKS:
        few = f"Fewer than {ENOUGH_BLOCKS} blocks: verdicts are indicative at most"
        found.append(f"{few}; perfstudy run --blocks {ENOUGH_BLOCKS} makes firm ones.")
    found += [f"{variant} is excluded: {reason}" for variant, reason in sorted(material.excluded.items())]
    return [*found, *remarks(material), *_surroundings(material)]


def _surroundings(material: Material) -> list[str]:
    from perfstudy.evidence import environment

    before = material.telemetry.get("before")
    if not before or not material.environment:
        return []
    return [str(warning) for warning in environment.list_warnings(material.environment, before)]


def _claims(frame: pd.DataFrame) -> list[Claim]:
    """Group the verdicts by claim, and leave out the claims that are tested nowhere."""
    scales, scenarios = sort_labels(frame["scale"]), sort_labels(frame["scenario"])
    claims = []
    for _, rows in groupby(frame.to_dict("records"), key=lambda r: r["claim"]):
        found = sorted(rows, key=lambda r: (scales.index(r["scale"]), scenarios.index(r["scenario"])))
        if any(row["verdict"] != UNTESTED for row in found):
            claims.append(_judge_range(found, len(scales) > 1))
    return claims


def _list_untested(frame: pd.DataFrame) -> list[tuple[str, str, str]]:
    """Return (claim, quote, reason) of the claims that are tested nowhere."""
    somewhere = set(frame.loc[frame["verdict"] != UNTESTED, "claim"])
    rest = frame[~frame["claim"].isin(somewhere)].drop_duplicates("claim")
    return [(row["claim"], row["quote"], row["reason"]) for row in rest.to_dict("records")]


def _judge_range(rows: list[dict[str, Any]], several: bool) -> Claim:
    first = rows[0]
    itself = first["variant"] == first["reference"]
    against = "the same, cold" if itself else describe(first["reference"])
    compared = f"{describe(first['variant'])}, {first['temperature']}, against {against}"
    quantity = "time in the database" if first["quantity"] == "database" else "response time"
    return Claim(
        id=first["claim"],
        quote=first["quote"],
        source=first["source"],
        claimed=first["claimed"],
        about=f"{quantity} of {compared}",
        lines=[_line(row, several) for row in rows],
    )


def _line(row: dict[str, Any], several: bool) -> Verdict:
    place = f"{row['scenario']}, {row['scale']}" if several else row["scenario"]
    measured = isfinite(row["speedup"])
    times = f"{formatting.duration(row['reference_median'])} → {formatting.duration(row['median'])}" if measured else ""
    given = not isfinite(row.get("p_adjusted", float("nan"))) or "p = " in row["reason"]
    p = "" if given else f"; adjusted p {row['p_adjusted']:.2g}"
    return Verdict(
        where=place,
        speedup=formatting.ratio(row["speedup"]) if measured else "",
        interval=formatting.interval(row["low"], row["high"]) if measured else "",
        times=times,
        floor=formatting.ratio(row["floor"]) if isfinite(row["floor"]) else "",
        published=published_comparison.describe_published(row) if "published" in row else "",
        verdict=row["verdict"],
        indicative=bool(row["indicative"]),
        reason=f"{row['reason']}{p}",
    )

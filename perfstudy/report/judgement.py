"""Build the first section of a report: claims, verdicts and warnings."""

from itertools import groupby
from math import isfinite
from typing import Any

import pandas as pd

from perfstudy import charts, formatting
from perfstudy.analysis.verdict import ENOUGH_BLOCKS, UNTESTED
from perfstudy.charts.frames import sort_labels
from perfstudy.findings.symbols import SYMBOLS
from perfstudy.model.labels import describe, is_own, name_place
from perfstudy.model.quantity import QUANTITIES, format_quantity
from perfstudy.report.headline import join
from perfstudy.report.material import Material
from perfstudy.report.parts import (
    Claim,
    ClaimTable,
    Fold,
    Judged,
    Part,
    Section,
    Tally,
    Verdict,
    Verdicts,
    figure,
    space,
    table,
)
from perfstudy.results.remarks import remarks


def verdicts(material: Material) -> list[Section]:
    """Return the section of verdicts, if there are any."""
    frame = material.verdicts
    if frame.empty:
        return []
    tested = frame[frame["verdict"] != UNTESTED]
    tally = Tally(count_verdicts(material))
    parts = [tally, *_draw_verdicts(material, tested), *_list_verdicts(material, tested), *_fold_untested(frame)]
    return [Section("verdicts", "What is claimed, and what was measured", "Verdicts", parts, folded=False)]


def _draw_verdicts(material: Material, tested: pd.DataFrame) -> list[Part]:
    """Draw the verdicts, those of further scenarios folded away."""
    shown = tested["scenario"].isin(material.headline)
    if not shown.any():
        shown |= True
    parts: list[Part] = [figure("verdicts-chart", charts.verdicts, tested[shown])] if len(tested) else []
    if not shown.all():
        names = " and ".join(sort_labels(tested.loc[~shown, "scenario"]))
        parts.append(Fold(f"The same for {names}", [figure("verdicts-others", charts.verdicts, tested[~shown])]))
    return parts


def _list_verdicts(material: Material, tested: pd.DataFrame) -> list[Part]:
    claims = _claims(material.verdicts)
    if not claims:
        return []
    listed = Verdicts("Verdicts, each with the noise floor of its place", claims)
    if is_own(material.declaration):
        return [listed]
    return [Fold(f"All {len(tested)} verdicts, with their noise floors and reasons", [listed])]


def _fold_untested(frame: pd.DataFrame) -> list[Part]:
    """Return the claims that this run cannot test, in one line that opens."""
    rows = _list_untested(frame)
    if not rows:
        return []
    many = f"{len(rows)} claims" if len(rows) > 1 else "One claim"
    title = f"{many} cannot be tested by this run"
    return [Fold(title, [table("untested", title, ("claim", "what it says", "why"), rows)])]


def tabulate_claims(material: Material) -> list[Part]:
    """Return a table with a row for each claim, at the scenarios shown at once."""
    frame = material.verdicts
    if frame.empty:
        return []
    here = frame[frame["scenario"].isin(material.headline) & frame["verdict"].ne(UNTESTED)]
    pairs = zip(here["scale"], here["scenario"], strict=True)
    scales, scenarios = sort_labels(here["scale"]), sort_labels(here["scenario"])
    places = sorted(set(pairs), key=lambda pair: (scales.index(pair[0]), scenarios.index(pair[1])))
    rows = [_summarise(list(rows), places) for _, rows in groupby(here.to_dict("records"), key=lambda r: r["claim"])]
    columns = [name_place(scale, scenario, len(scales) > 1) for scale, scenario in places]
    return [ClaimTable("What each claim says, and what was measured", columns, rows)] if rows else []


def _summarise(rows: list[dict[str, Any]], places: list[tuple[str, str]]) -> Judged:
    found = {(row["scale"], row["scenario"]): _line(row, False) for row in rows}
    first = rows[0]
    return Judged(first["claim"], first["quote"], first["claimed"], [found.get(place) for place in places])


def count_verdicts(material: Material) -> list[tuple[str, int]]:
    """Return every verdict that occurs, and how often.

    A claim that cannot be tested counts once, however many places it is about.
    """
    lines = [line for claim in _claims(material.verdicts) for line in claim.lines]
    counted = {word: sum(line.verdict == word for line in lines) for word in SYMBOLS}
    counted[UNTESTED] += len(_list_untested(material.verdicts))
    return [(word, count) for word, count in counted.items() if count]


def warnings(material: Material) -> list[str]:
    """Return what makes the results less trustworthy, with the next step."""
    found = []
    if not material.finished:
        found.append(f"The run is unfinished: perfstudy run --resume {material.name} fills its gaps.")
    if 0 < material.blocks < ENOUGH_BLOCKS:
        few = f"Fewer than {ENOUGH_BLOCKS} blocks: verdicts are indicative at most"
        found.append(f"{few}; `--blocks {ENOUGH_BLOCKS}` makes firm ones.")
    found += [
        f"{describe(variant)} is excluded: {space(reason)}" for variant, reason in sorted(material.excluded.items())
    ]
    return [*found, *remarks(material), *_surroundings(material)]


def describe_noise(material: Material) -> list[str]:
    """Return what a difference has to exceed, in a line."""
    frame = material.comparisons
    if not len(frame):
        return []
    floors = frame.dropna(subset=["floor"]).groupby("scenario")["floor"].max()
    said = join([f"{name} {formatting.ratio(floors[name])}" for name in material.headline if name in floors])
    blocks = f"Every interval is over {material.blocks} blocks" if material.blocks > 1 else ""
    noise = f"a difference within the noise floor may be chance: {said}" if said else "no noise floor was measured"
    return [f"{'; '.join(filter(None, [blocks, noise]))}."]


def _surroundings(material: Material) -> list[str]:
    from perfstudy.evidence.conditions import list_run_warnings

    before = material.telemetry.get("before")
    if not before or not material.environment:
        return []
    return list_run_warnings(material.environment, before, material.notes)


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
    return [(row["claim"], row["quote"], space(row["reason"])) for row in rest.to_dict("records")]


def _judge_range(rows: list[dict[str, Any]], several: bool) -> Claim:
    first = rows[0]
    itself = first["variant"] == first["reference"]
    against = "the same, cold" if itself else describe(first["reference"])
    compared = f"{describe(first['variant'])}, {first['temperature']}, against {against}"
    quantity = QUANTITIES[first["quantity"]].title
    return Claim(
        id=first["claim"],
        quote=first["quote"],
        source=first["source"],
        claimed=first["claimed"],
        about=f"{quantity} of {compared}",
        lines=[_line(row, several) for row in rows],
    )


def _line(row: dict[str, Any], several: bool) -> Verdict:
    place = name_place(row["scale"], row["scenario"], several)
    measured = isfinite(row["speedup"])
    before, after = (format_quantity(row["quantity"], row[name]) for name in ("reference_median", "median"))
    times = f"{before} → {after}" if measured else ""
    given = not isfinite(row.get("p_adjusted", float("nan"))) or "p = " in row["reason"]
    p = "" if given else f"; adjusted p {row['p_adjusted']:.2g}"
    return Verdict(
        where=place,
        speedup=formatting.ratio(row["speedup"]) if measured else "",
        interval=formatting.interval(row["low"], row["high"]) if measured else "",
        times=times,
        floor=formatting.ratio(row["floor"]) if isfinite(row["floor"]) else "",
        verdict=row["verdict"],
        indicative=bool(row["indicative"]),
        reason=f"{space(row['reason'])}{p}",
    )

"""Open the report of an installed service with its ladder and claims."""

from collections import Counter
from collections.abc import Sequence
from math import isfinite, prod
from typing import Any

from perfstudy import charts, formatting
from perfstudy.analysis.verdict import UNTESTED
from perfstudy.findings.comparisons import pick_judged
from perfstudy.findings.symbols import SYMBOLS
from perfstudy.model.labels import describe, name_reference
from perfstudy.report.headline import join, say_headline
from perfstudy.report.judgement import tabulate_claims
from perfstudy.report.material import Material
from perfstudy.report.parts import Figure, FirstScreen, small_figure, space

Rows = list[dict[str, Any]]


def open_study(material: Material) -> FirstScreen | None:
    """Return what the report opens with; None where nothing was compared."""
    steps = _list_steps(material)
    rows = [row for row in pick_judged(material.comparisons) if row["scenario"] in material.headline]
    if not rows:
        return None
    return FirstScreen(
        sentence=(_say_whole(material) if steps else "") or say_headline(rows, material.excluded),
        more=" ".join(filter(None, [_say_largest(steps) if steps else "", _count_verdicts(material)])),
        figures=draw_ladders(material) if steps else (),
        parts=tabulate_claims(material),
        actions=_rank_steps(steps),
    )


def draw_ladders(material: Material) -> Sequence[Figure]:
    """Draw the ladder of the first two scenarios that are shown at once."""
    return [
        small_figure(
            f"opening-{scenario}", charts.ladder, material.ladder, scenario=scenario, scale=material.scales[-1]
        )
        for scenario in material.headline[:2]
        if _is_measured(material, scenario)
    ]


def _is_measured(material: Material, scenario: str) -> bool:
    frame = material.ladder
    return bool(((frame["scenario"] == scenario) & (frame["scale"] == material.scales[-1])).any())


def _list_steps(material: Material) -> Rows:
    """Return the steps of the ladder at the scenarios that are shown at once."""
    frame = material.ladder
    if not len(frame) or frame["label"].nunique() < 2:
        return []
    here = frame[frame["scenario"].isin(material.headline) & frame["scale"].eq(material.scales[-1])]
    rows: Rows = here.to_dict("records")
    rows.sort(key=lambda row: material.headline.index(row["scenario"]))
    return [row for row in rows if row["label"] != row["reference"] and isfinite(row["speedup"])]


def _say_whole(material: Material) -> str:
    """Say how much faster the last step of the ladder is than the reference."""
    last = material.ladder.sort_values("step", kind="stable")["label"].iloc[-1]
    found = material.comparisons
    found = found[found["label"].eq(last) & found["scale"].eq(material.scales[-1]) & found["speedup"].notna()]
    places = [found[found["scenario"].eq(name)].to_dict("records") for name in material.headline]
    measured = [rows for rows in places if rows]
    if not measured:
        return ""
    name, beside = describe(last), f" as fast as {name_reference(material.reference)}"
    said = [_say_factors(rows, beside if rows is measured[0] else "") for rows in measured]
    return f"{name[:1].upper()}{name[1:]} answers {', and '.join(said)}."


def _say_factors(rows: Rows, beside: str) -> str:
    """Return the factors of a place, cold and warm, *beside* what if given."""
    kinds = {"cold": " with an empty cache", "warm": " with a warm one"} if beside and len(rows) > 1 else {}
    rows = sorted(rows, key=lambda row: str(row["temperature"]))
    said = [
        f"{formatting.ratio(row['speedup'])}{beside if row is rows[0] else ''}{kinds.get(row['temperature'], '')}"
        for row in rows
    ]
    return f"{rows[0]['scenario']} {join(said)}"


def _say_largest(steps: Rows) -> str:
    largest = [
        max((row for row in steps if row["scenario"] == scenario), key=lambda row: row["speedup"])
        for scenario in dict.fromkeys(row["scenario"] for row in steps)
    ]
    said = [f"{_name(row)} for {row['scenario']} ({formatting.ratio(row['speedup'])})" for row in largest]
    return f"The largest step is {join(said)}."


def _name(row: dict[str, Any]) -> str:
    return space(row["change"]) + (", warm" if row["temperature"] == "warm" else "")


def _count_verdicts(material: Material) -> str:
    frame = material.verdicts
    if not len(frame):
        return ""
    here = frame[frame["scenario"].isin(material.headline) & frame["verdict"].ne(UNTESTED)]
    counts = Counter(here["verdict"])
    said = join([f"{counts[word]} {word}" for word in SYMBOLS if counts[word]])
    claims = here["claim"].nunique()
    return f"Of {len(here)} verdicts on {claims} claims: {said}." if said else ""


def _rank_steps(steps: Rows) -> list[str]:
    """Return a line for each step that gains something, the largest first."""
    groups: dict[str, Rows] = {}
    for row in steps:
        groups.setdefault(_name(row), []).append(row)
    gains = {name: rows for name, rows in groups.items() if any(row["comparison"] == "faster" for row in rows)}
    ranked = sorted(gains, key=lambda name: -prod(row["speedup"] for row in gains[name]))
    lines = [f"{name}: {_say_gains(gains[name])} as fast as the step before it." for name in ranked]
    rest = [f"{name} ({_say_gains(rows)})" for name, rows in groups.items() if name not in gains]
    return [*lines, f"No gain is shown by {join(rest)}."] if rest else lines


def _say_gains(rows: Rows) -> str:
    return ", ".join(f"{row['scenario']} {formatting.ratio(row['speedup'])}" for row in rows)

"""Open the report of a reader's own service with the answer."""

from typing import Any

from perfstudy import formatting
from perfstudy.findings.comparisons import pick_judged
from perfstudy.model.labels import describe, is_own
from perfstudy.report.causes import Causes, find_causes
from perfstudy.report.headline import say_headline, say_place
from perfstudy.report.material import Material
from perfstudy.report.open_questions import list_open
from perfstudy.report.parts import FirstScreen, table

COLUMNS = ("scenario", "arm", "before", "after", "factor", "result", "cause")


def open_report(material: Material) -> FirstScreen | None:
    """Return what the report opens with; None for an installed service's."""
    if not is_own(material.declaration):
        return None
    rows = pick_judged(material.comparisons) if len(material.comparisons) else []
    causes = find_causes(material.evidence, material.plans, material.reference)
    shown = table("first", "Every arm beside the reference", COLUMNS, _lines(material, rows, causes), "ttnnntt")
    return FirstScreen(say_headline(rows, material.excluded), [shown] if rows else [], _list_actions(material, rows))


def _lines(material: Material, rows: list[dict[str, Any]], causes: Causes) -> list[tuple[str, ...]]:
    before = {
        (row["scale"], row["scenario"]): row["median"]
        for row in material.comparisons.to_dict("records")
        if (row["label"], row["temperature"]) == (material.reference, "cold")
    }
    return [
        (
            row["scenario"],
            describe(row["label"]) + (f", {row['temperature']}" if row["caches"] else ""),
            formatting.time_cell(before.get((row["scale"], row["scenario"]))),
            formatting.time_cell(row["median"]),
            "" if row["comparison"] == "invalid" else formatting.speedup_cell(row),
            f"{row['comparison']}{' (indicative)' if row['indicative'] and row['comparison'] != 'invalid' else ''}",
            "; ".join(causes.get((row["variant"], row["scale"], row["scenario"], row["temperature"]), [])),
        )
        for row in rows
    ]


def _list_actions(material: Material, rows: list[dict[str, Any]]) -> list[str]:
    """Return what to do first, the most important thing at the beginning."""
    excluded = [f"Make {describe(arm)} answer like the reference: {why}" for arm, why in material.excluded.items()]
    slower = [
        f"See what {describe(row['label'])} does in {say_place(row, describe)}, which is slower: its statements and "
        "plans are below."
        for row in rows
        if row["comparison"] == "slower"
    ]
    return [*excluded, *slower, *list_open(rows)] or ["Nothing is left open."]

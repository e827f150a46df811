"""Why an arm's time differs from the reference's, from the evidence of a run."""

from collections.abc import Callable, Mapping
from typing import Any

Evidence = Mapping[str, Any]
DescribeCause = Callable[[Evidence, Evidence], list[str]]
"""Returns the causes of a difference, from the evidence of the reference and of the arm."""
Place = tuple[str, str, str, str]
"""The arm's name, the scale, the scenario and the temperature."""
Causes = Mapping[Place, list[str]]


def find_causes(evidence: list[dict[str, Any]], reference: str, describe: DescribeCause | None = None) -> Causes:
    """Return the causes by place; *reference* is the name of the arm that others are compared with."""
    explain = describe or describe_counts
    by_place: dict[Place, Evidence] = {_place(row): row for row in evidence}
    found = {}
    for place, row in by_place.items():
        name, scale, scenario, _ = place
        before = by_place.get((reference, scale, scenario, "cold"))
        if before is not None and name != reference:
            found[place] = explain(before, row)
    return found


def describe_counts(before: Evidence, after: Evidence) -> list[str]:
    """Return how the number of statements changed, if it did."""
    counts = before.get("statement_count"), after.get("statement_count")
    if None in counts or counts[0] == counts[1]:
        return []
    old, new = counts
    return [f"{old:,} statement{'s' * (old != 1)} became {new:,}"]


def _place(row: Mapping[str, Any]) -> Place:
    return (row["variant"], row["scale"], row["scenario"], row["temperature"])

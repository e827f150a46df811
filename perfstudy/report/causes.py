"""Why an arm's time differs from the reference's, from the evidence of a run."""

from collections.abc import Mapping
from typing import Any

from perfstudy.findings.causes import attach_shapes, describe_cause

Place = tuple[str, str, str, str]
"""The arm's name, the scale, the scenario and the temperature."""
Causes = Mapping[Place, list[str]]


def find_causes(run: Any, reference: str) -> Causes:
    """Return the causes by place, for arms beside the one named *reference*."""
    rows = attach_shapes(run.evidence, run.plans)
    found = {}
    for place, row in rows.items():
        name, scale, scenario, _ = place
        before = rows.get((reference, scale, scenario, "cold"))
        if before is not None and name != reference:
            found[place] = describe_cause(before, row)
    return found

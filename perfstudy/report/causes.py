"""Why an arm's time differs from the reference's, from the evidence of a run."""

from collections.abc import Mapping
from typing import Any

from perfstudy.findings.causes import attach_shapes, describe_cause

Place = tuple[str, str, str, str]
"""The arm's name, the scale, the scenario and the temperature."""
Rows = list[dict[str, Any]]
Causes = Mapping[Place, list[str]]


def find_causes(evidence: Rows, plans: Rows, reference: str) -> Causes:
    """Return the causes by place.

    *evidence* and *plans* as a run has them; *reference* is the name of the arm that others are compared with.
    """
    rows = attach_shapes(evidence, plans)
    found = {}
    for place, row in rows.items():
        name, scale, scenario, _ = place
        before = rows.get((reference, scale, scenario, "cold"))
        if before is not None and name != reference:
            found[place] = describe_cause(before, row)
    return found

"""Say under which conditions a run was measured, on each of its machines."""

from collections.abc import Mapping, Sequence
from typing import Any

from perfstudy.evidence.environment import list_warnings
from perfstudy.results.machines import read_machines

LOWER_IS_WORSE = {"available_gib"}
"""Conditions that are worse the lower they are; all others are worse the higher."""


def list_run_warnings(identity: Mapping[str, Any], before: Mapping[str, Any], notes: Mapping[str, Any]) -> list[str]:
    """Return the warnings about each machine of a run.

    *identity* and *before* are the environment and the telemetry of a run on one machine; the *notes* of a run on
    several say what those of each were. A machine that measured several parts has the warnings of their worst moment.
    """
    machines = read_machines(notes)
    if len(machines) < 2:
        found = machines[0].conditions if machines else ()
        return [str(warning) for warning in list_warnings(identity, _find_worst(found or (before,)))]
    return [
        f"machine {number}: {warning}"
        for number, one in enumerate(machines, 1)
        for warning in list_warnings(one.identity, _find_worst(one.conditions))
    ]


def _find_worst(conditions: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the worst value of each condition; lists count by their first number."""
    names = {name for one in conditions for name in one}
    return {
        name: (min if name in LOWER_IS_WORSE else max)(one[name] for one in conditions if name in one) for name in names
    }

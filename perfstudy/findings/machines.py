"""Compare what each machine of a run found, where several measured it."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from perfstudy.analysis.verdict import judge
from perfstudy.findings.series import Condition, Measurements, interval_columns

COLUMNS = [
    *("label", "variant", "scale", "scenario", "temperature", "reference", "machine", "blocks"),
    *("speedup", "low", "high", "comparison"),
]
COMBINED = "combined"


def compare_machines(found: Measurements) -> pd.DataFrame:
    """Return every variant against the reference on each machine, and combined.

    ``machine`` is ``machine 1`` and so on, and ``combined`` in the last row of each variant. There is no row where one
    machine measured.
    """
    rows = [row for place in found.places if not place.is_noop for row in _compare(found, place)]
    return pd.DataFrame(rows, columns=COLUMNS)


def _compare(found: Measurements, place: Condition) -> Iterator[dict[str, Any]]:
    reference = found.cells(found.reference, place, "cold")
    for label in found.labels if found.machines else ():
        if found.series[label].role in ("reference", "control"):
            continue
        for temperature in found.temperatures(label, place):
            mine = found.cells(label, place, temperature)
            comparison = found.compare(mine, reference, place, found.invalid(found.variant(label)))
            if comparison is None or comparison.strata is None:
                continue
            where = {"label": label, "variant": found.variant(label), "scale": place.scale, "scenario": place.scenario}
            where |= {"temperature": temperature, "reference": found.reference}
            measured = {f"machine {number}": one for number, one in comparison.measured.machines.items()}
            for machine, one in (*measured.items(), (COMBINED, comparison.measured)):
                judged = {"machine": machine, "blocks": one.blocks, "comparison": judge(one).outcome}
                yield where | judged | interval_columns(one.speedup)

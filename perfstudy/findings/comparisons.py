"""Compare every series with the reference, and a ladder's steps in turn."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from perfstudy.analysis.quantile import estimate_quantile
from perfstudy.findings.series import Condition, Measurements, interval_columns
from perfstudy.model.labels import is_control
from perfstudy.model.quantity import RESPONSE
from perfstudy.model.scenario import NOOP

COLUMNS = [
    *("label", "variant", "role", "caches", "scale", "scenario", "temperature", "median", "p95", "n", "blocks"),
    *("reference", "stalled", "speedup", "low", "high", "floor", "comparison", "indicative", "agreement"),
]
"""The columns are there without a row as well: a run may have nothing to compare."""
DELAY = 0.035
"""Seconds beyond which a delayed acknowledgement hides: Linux waits 40 ms with it, other kernels longer."""
QUICK = DELAY / 2
"""The median in seconds above which an answer may well take as long by itself."""


def compare_all(found: Measurements) -> pd.DataFrame:
    """Return every label against the cold reference, at each place."""
    rows = [
        _row(found, label, place, temperature, found.reference)
        for place in found.places
        for label in found.labels
        for temperature in ("cold", "warm")
        if found.has(label, place, temperature)
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def compare_quantities(found: Measurements) -> pd.DataFrame:
    """Return every label against the cold reference, in each quantity of a page.

    The columns are those of :func:`compare_all`, and ``quantity``; its times and counts are in its unit.
    """
    rows = [
        _row(found, label, place, temperature, found.reference, name) | {"quantity": name}
        for place in found.places
        for name in found.quantities(place)
        for label in found.labels
        for temperature in ("cold", "warm")
        if found.quantity(name, label, place, temperature)
    ]
    return pd.DataFrame(rows, columns=[*COLUMNS, "quantity"])


def pick_judged(comparisons: pd.DataFrame, outcome: str = "") -> list[dict[str, Any]]:
    """Return the rows of :func:`compare_all` that judge a variant, in study order.

    With an *outcome*, such as ``slower``, those with that one.
    """
    rows: list[dict[str, Any]] = comparisons.to_dict("records")
    return [
        row
        for row in rows
        if row["role"] in ("variant", "competitor")
        and row["scenario"] != NOOP
        and (row["comparison"] == outcome if outcome else row["comparison"])
    ]


def compare_steps(found: Measurements) -> pd.DataFrame:
    """Return each step of the study's ladder against the step before it.

    A step with a cache appears twice, cold and warm, both against the step before it.
    """
    rungs = [label for label in found.run.declaration.get("ladder") or () if label in found.series]
    rows = []
    for place in found.places:
        for step, label in enumerate(rungs):
            before = rungs[max(step - 1, 0)]
            factors_before = found.series[before].factors
            change = "+".join(factor for factor in found.series[label].factors if factor not in factors_before)
            for temperature in found.temperatures(label, place):
                row = _row(found, label, place, temperature, before)
                rows.append(row | {"step": step + 1, "change": f"+ {change or label}" if step else label})
    return pd.DataFrame(rows, columns=[*COLUMNS, "step", "change"])


TIMINGS = {"connect_ms": "connect", "db_ms": "db", "serialize_ms": "serialize", "total_ms": "total"}


def phases(cells: pd.DataFrame, scenario: str | None = None) -> pd.DataFrame:
    """Return the median milliseconds of each phase of a request.

    Columns: label, temperature, connect, db, serialize, total, response.

    *cells* of one place, as a run has them; of several scenarios the one to be shown is named. Controls are left out
    where a scenario is named.
    """
    if scenario is not None:
        cells = cells[cells["scenario"].eq(scenario) & ~cells["label"].map(is_control)]
    frame = cells.rename(columns=TIMINGS).assign(response=cells["median_ns"].astype(float) / 1e6)
    names = [*TIMINGS.values(), "response"]
    medians = frame.groupby(["label", "temperature"], as_index=False)[names].median()
    return medians.dropna(subset=["total"]).fillna(0.0)


def _row(
    found: Measurements,
    label: str,
    place: Condition,
    temperature: str,
    reference: str,
    quantity: str = RESPONSE,
) -> dict[str, Any]:
    mine = found.quantity(quantity, label, place, temperature)
    theirs = found.quantity(quantity, reference, place, "cold")
    comparison = found.compare(mine, theirs, place, found.invalid(found.variant(label)), quantity)
    speedup = comparison.speedup if comparison else None
    pooled = np.concatenate(list(mine.values())) if mine else np.array([])
    floor = found.floor(place, quantity)
    tail = estimate_quantile(pooled, 0.95)
    return {
        "label": label,
        "variant": found.variant(label),
        "role": found.series[label].role,
        "caches": found.caches(label),
        "scale": place.scale,
        "scenario": place.scenario,
        "temperature": temperature,
        "median": found.median(quantity, label, place, temperature),
        "p95": np.nan if tail.value is None else tail.value,
        "n": pooled.size,
        "blocks": len(mine),
        "reference": reference,
        "stalled": 0.0 if found.quantities(place) else find_stalled_share(pooled),
        **interval_columns(speedup),
        "floor": floor.factor if floor else np.nan,
        "comparison": comparison.verdict.outcome if comparison and label != reference else "",
        "indicative": bool(comparison and comparison.verdict.indicative) or found.runs_elsewhere(label, reference),
        "agreement": comparison.verdict.agreement if comparison and label != reference else "",
    }


def find_stalled_share(seconds: ArrayLike) -> float:
    """Return the share of *seconds* above :data:`DELAY`: answers that may have waited.

    It is 0 where their median is not well below.
    """
    times = np.asarray(seconds, dtype=float)
    if not times.size or np.median(times) > QUICK:
        return 0.0
    return float(np.mean(times > DELAY))

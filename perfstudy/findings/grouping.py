"""Group what was measured by cell: samples, and the quantities of pages."""

from typing import Any

import numpy as np
import pandas as pd

from perfstudy.model.quantity import QUANTITIES

ByBlock = dict[int, Any]
"""An array of values for each block."""


def group_samples(samples: pd.DataFrame, column: str) -> dict[tuple[str, str, str, str], ByBlock]:
    """Return the values of a *column* of each cell, by block."""
    grouped: dict[tuple[str, str, str, str], ByBlock] = {}
    keys = ["label", "scale", "scenario", "temperature", "block"]
    for (label, scale, scenario, temperature, block), values in samples.groupby(keys, sort=False)[column]:
        grouped.setdefault((label, scale, scenario, temperature), {})[int(block)] = values.to_numpy()
    return grouped


def group_quantities(cells: pd.DataFrame) -> dict[tuple[str, str, str, str, str], ByBlock]:
    """Return the value of each quantity of a page's cells, by block."""
    grouped: dict[tuple[str, str, str, str, str], ByBlock] = {}
    columns = ["label", "scale", "scenario", "temperature", "block", "quantities"]
    rows = cells[columns].itertuples(index=False) if "quantities" in cells else ()
    for label, scale, scenario, temperature, block, measured in rows:
        for name, value in measured.items():
            if name in QUANTITIES:
                value = np.array([max(float(value), QUANTITIES[name].least)])
                grouped.setdefault((name, label, scale, scenario, temperature), {})[int(block)] = value
    return grouped

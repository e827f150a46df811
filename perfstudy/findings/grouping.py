"""Group what was measured by cell: samples, and the quantities of pages."""

from typing import Any

import numpy as np
import pandas as pd

from perfstudy.model.quantity import QUANTITIES

Cells = list["np.ndarray[Any, np.dtype[np.float64]]"]

ByBlock = dict[int, Any]
"""An array of values for each block."""
Grouped = dict[tuple[str, str, str, str], ByBlock]
"""The values of each label, scale, scenario and temperature."""


def group_samples(samples: pd.DataFrame, column: str) -> Grouped:
    """Return the values of a *column* of each cell, by block."""
    grouped: Grouped = {}
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
                grouped.setdefault((name, label, scale, scenario, temperature), {})[int(block)] = np.array([value])
    return grouped


def pair_blocks(one: ByBlock, other: ByBlock, quantity: str) -> tuple[Cells, Cells]:
    """Return both sides' cells in the blocks that they share.

    Of a quantity that may be 0 no value is less than the least that a ratio is taken of.
    """
    blocks, least = sorted(one.keys() & other.keys()), QUANTITIES[quantity].least
    mine, theirs = ([np.maximum(side[block], least) for block in blocks] for side in (one, other))
    return mine, theirs

"""Draw what each machine found, and the combined effect."""

from typing import Any

import numpy as np
import pandas as pd

from perfstudy import formatting
from perfstudy.charts import style
from perfstudy.charts.frames import require, select, series_names
from perfstudy.charts.style import Chart
from perfstudy.model.labels import name_reference

COMBINED = "combined"


def machines(
    frame: pd.DataFrame, *, scenario: str | None = None, scale: str | None = None, width: float = style.WIDE
) -> Chart:
    """Draw a forest plot: a row for each machine, and one for all of them.

    *frame* as ``findings.machines.compare_machines`` gives it. A machine that measured one block has no interval.

    Raises:
        UsageError: one machine measured all, or none this scenario or scale.
    """
    require(frame, "machines", "label", "temperature", "machine", "blocks", "speedup", "low", "high", "reference")
    frame, where = select(frame, scenario=scenario, scale=scale)
    records = frame.to_dict("records")
    names = series_names(records)
    chart, axes = style.rows(
        width,
        len(records),
        f"On each machine: {where}",
        "Forest plot on a log scale",
        f"times as fast as {name_reference(str(records[0]['reference']))}, log scale",
        foot=style.FOOT + 0.16,
    )
    values = frame[["speedup", "low", "high"]].to_numpy(dtype=float).ravel()
    style.spread(axes, [1.0, 0.9, 1.1, *values[np.isfinite(values) & (values > 0)]], 0.04)
    style.ratios(axes)
    style.grid(axes)
    for y, row in enumerate(records):
        _row(axes, y, row, names[row["label"], row["temperature"]])
    return style.finish(chart, _caption(records))


def _row(axes: Any, y: float, row: dict[str, Any], name: str) -> None:
    combined = row["machine"] == COMBINED
    line, colour = y + 0.12, style.INK if combined else style.BLUE
    style.mark(axes, 1, y)
    if np.isfinite(row["high"]) and row["low"] > 0:
        axes.plot([row["low"], row["high"]], [line, line], color=colour, linewidth=3 if combined else 2)
    axes.plot([row["speedup"]], [line], marker="D" if combined else "o", markersize=7, color=colour, linewidth=0)
    blocks = f"{row['blocks']} block{'s' * (row['blocks'] != 1)}"
    style.row_name(axes, y, f"{name}, {row['machine']}, {blocks}", formatting.ratio(row["speedup"]))


def _caption(records: list[dict[str, Any]]) -> str:
    alone = [row for row in records if row["machine"] != COMBINED]
    slowest, fastest = (pick(alone, key=lambda row: row["speedup"]) for pick in (min, max))
    return (
        f"Points are the speed-ups of {len({row['machine'] for row in alone})} machines, from "
        f"{formatting.ratio(slowest['speedup'])} to {formatting.ratio(fastest['speedup'])}, with their 95% intervals; "
        "diamonds are the combined ones, whose intervals allow for how far machines differ."
    )

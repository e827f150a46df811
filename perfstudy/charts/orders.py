"""How much a ladder's credit for a step depends on the order of its steps."""

from typing import Any

import numpy as np
import pandas as pd

from perfstudy import formatting
from perfstudy.charts import style
from perfstudy.charts.frames import require, select, sort_factors
from perfstudy.charts.style import Chart
from perfstudy.model.labels import REFERENCE, list_ladder_factors


def orders(
    frame: pd.DataFrame,
    *,
    scenario: str | None = None,
    scale: str | None = None,
    temperature: str | None = None,
    width: float = style.WIDE,
) -> Chart:
    """Draw what every order of steps credits to each optimization.

    *frame* as ``orders.order_steps`` gives it. A point is one set of optimizations that a step may start from; the more
    orders pass through it, the larger it is.

    Raises:
        UsageError: the study was not factorial, or not for this scenario, scale or temperature.
    """
    require(frame, "steps", "optimization", "after", "orders", "speedup")
    frame, where = select(frame, scenario=scenario, scale=scale, temperature=temperature)
    names = sort_factors(frame["optimization"])
    colours = style.colour_factors(names)
    chart, axes = style.rows(
        width,
        len(names),
        f"What a step is credited with, by what came before it: {where}",
        "Strip chart on a log scale",
        "times as fast as before the step, log scale\nline: the report's order",
        foot=style.FOOT + 0.16,
    )
    style.spread(axes, [1.0, *frame["speedup"]], 0.04)
    style.ratios(axes)
    style.grid(axes)
    for y, name in enumerate(names):
        _row(axes, y, name, frame[frame["optimization"] == name], colours[name])
    return style.finish(chart, _caption(frame))


def _row(axes: Any, y: float, name: str, rows: pd.DataFrame, colour: str) -> None:
    style.mark(axes, 1, y)
    share = rows["orders"] / rows["orders"].sum()
    golden = (np.arange(len(rows)) * 0.6180339887498949) % 1 - 0.5
    axes.scatter(
        rows["speedup"],
        y + 0.12 + 0.22 * golden,
        s=16 + 500 * share,
        color=colour,
        alpha=0.55,
        linewidths=0,
    )
    reported = rows.loc[rows["after"] == _before(name), "speedup"]
    for value in reported:
        axes.plot([value, value], [y - 0.06, y + 0.36], color=style.INK, linewidth=2.2, zorder=5)
    span = f"{formatting.ratio(rows['speedup'].min())[:-1]} to {formatting.ratio(rows['speedup'].max())}"
    style.row_name(axes, y, name, span)


def _before(name: str) -> str:
    """Return what came before *name* in the report's order."""
    names = list_ladder_factors()
    return "+".join(names[: names.index(name)]) or REFERENCE if name in names else ""


def _caption(frame: pd.DataFrame) -> str:
    spans = frame.groupby("optimization")["speedup"].agg(["min", "max"])
    widest = (spans["max"] / spans["min"]).idxmax()
    low, high = spans.loc[widest]
    return (
        f"Each point is a set of optimizations that the step can start from, large where many orders pass through it. "
        f"The widest is {widest}: {formatting.ratio(float(low))} or {formatting.ratio(float(high))}, "
        f"depending on what was there before it. The line marks the report's own order."
    )

"""Draw a curve and read a value off it."""

from collections.abc import Callable

import pandas as pd

from perfstudy import formatting
from perfstudy.charts import style
from perfstudy.charts.frames import require
from perfstudy.charts.style import Chart


def reading(
    curve: pd.DataFrame,
    at: float,
    *,
    title: str,
    label: str,
    caption: str,
    tick: Callable[[float], str],
    share: bool = False,
    width: float = style.WIDE,
) -> Chart:
    """Draw a curve of ``x`` and ``y`` with a line at x = *at*, where it is read.

    *curve* has the columns x and y, in the order of x, which is drawn on a log scale with *label*; *tick* writes a
    value of x. With *share*, y goes from 0 to 1; otherwise it is seconds on a log scale.

    Raises:
        UsageError: the curve is empty.
    """
    require(curve, "points of the curve", "x", "y")
    chart, top = style.sheet(width, 2.6 + style.FOOT, title, "Curve with a reading")
    axes = style.area(chart, 0.78, top, 0.24, 2.6)
    axes.set_xscale("log")
    axes.set_xlim(curve["x"].min(), curve["x"].max())
    ticks = style.choose_ticks(*axes.get_xlim(), width - 1.02, lambda _: 0.55)
    axes.set_xticks(ticks, [tick(value) for value in ticks])
    axes.minorticks_off()
    if share:
        axes.set_ylim(0, 1.02)
        style.set_linear(axes.yaxis, formatting.percent)
    else:
        axes.set_ylim(curve["y"].min() / 1.3, curve["y"].max() * 1.3)
        style.times(axes, "y")
    style.grid(axes, "both")
    axes.set_xlabel(label, color=style.FAINT, fontsize=style.figure_size(width, -0.5))
    axes.plot(curve["x"], curve["y"], color=style.BLUE, linewidth=2)
    place = (curve["x"] - at).abs().idxmin()
    axes.axvline(at, color=style.INK, linewidth=1)
    axes.plot([curve["x"][place]], [curve["y"][place]], marker="o", markersize=8, color=style.VERMILION)
    return style.finish(chart, caption)

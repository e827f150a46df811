"""Draw what a cache does for the slow requests, by how often it hits."""

from typing import Any

import numpy as np
import pandas as pd

from perfstudy import formatting
from perfstudy.analysis.hitratio import mixture_quantile
from perfstudy.charts import style
from perfstudy.charts.frames import require, select
from perfstudy.charts.style import Chart
from perfstudy.errors import UsageError
from perfstudy.model.labels import describe, sort_arms

QUANTILES = {0.5: ("median", style.GREEN, "-"), 0.95: ("p95", style.BLUE, "--"), 0.99: ("p99", style.VERMILION, ":")}
MISSES = np.geomspace(1, 0.001, 241)
"""Shares of requests that miss: the axis is logarithmic in these, so that 90, 99 and 99.9 % hits lie evenly apart."""
TICKS = (1.0, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.001)
FEWEST = (1.0, 0.5, 0.1, 0.05, 0.01, 0.001)
"""Those that a phone has room for."""


def tail(
    samples: pd.DataFrame, scenario: str | None = None, *, scale: str | None = None, width: float = style.WIDE
) -> Chart:
    """Draw quantiles of cold and warm requests mixed, by the share of warm ones.

    *samples* as ``run.samples`` gives them. Of the labels measured at both temperatures the largest is drawn; each
    mixture is computed from its samples, see ``analysis.hitratio.mixture_quantile``.

    Raises:
        UsageError: nothing was measured at both temperatures.
    """
    require(samples, "samples", "label", "temperature", "scenario", "seconds")
    frame, where = select(samples, scenario=scenario, scale=scale)
    label, hits, misses = _split_sides(frame)
    lines = {q: [float(mixture_quantile(hits, misses, 1 - share, q)) for share in MISSES] for q in QUANTILES}
    chart, top = style.sheet(
        width, 2.9 + 0.62 + 0.22, f"What requests wait, by how many of them hit: {where}", "Lines on log scales"
    )
    axes = style.area(chart, 0.66, top, 0.3, 2.9)
    every = [t for line in lines.values() for t in line]
    axes.set_ylim(min(every) / 1.3, max(every) * 1.3)
    style.times(axes, "y")
    _tail_shares(axes, width)
    style.grid(axes, "both")
    for q, (name, colour, dash) in QUANTILES.items():
        axes.plot(MISSES, lines[q], color=colour, linestyle=dash, linewidth=2, label=name)
    style.legend(axes, 0.58, 3)
    return style.finish(chart, _caption(label, lines))


def _split_sides(frame: pd.DataFrame) -> tuple[str, Any, Any]:
    both = [label for label, rows in frame.groupby("label") if set(rows["temperature"]) == {"cold", "warm"}]
    if not both:
        raise UsageError("nothing was measured both cold and warm: measure a variant with a cache")
    label = sort_arms(both)[-1]
    mine = frame[frame["label"] == label]
    hits, misses = (mine.loc[mine["temperature"] == t, "seconds"].to_numpy(dtype=float) for t in ("warm", "cold"))
    return label, hits, misses


def _tail_shares(axes: Any, width: float) -> None:
    from matplotlib.ticker import NullLocator

    ticks = TICKS if width >= 5 else FEWEST
    axes.set_xscale("log")
    axes.set_xlim(1.0, float(MISSES[-1]))
    axes.set_xticks(ticks, [formatting.percent(1 - share, 3) for share in ticks])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlabel("share of requests that hit", color=style.FAINT, fontsize=style.figure_size(width, -0.5))


def _caption(label: str, lines: dict[float, list[float]]) -> str:
    parts = []
    for q, line in lines.items():
        half = np.sqrt(line[0] * line[-1])
        falls = next((share for share, t in zip(MISSES, line, strict=True) if t <= half), None)
        if falls is not None:
            parts.append(f"the {QUANTILES[q][0]} falls at {formatting.percent(1 - falls, 3)}")
    return (
        f"Samples of {describe(label)}, mixed: {', '.join(parts) or 'none of the lines falls'}. While more than 5% "
        f"of the requests miss, p95 is a miss's time, however fast a hit is."
    )

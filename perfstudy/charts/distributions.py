"""Draw every sample: as points, as a curve, and the first requests."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import stdtrit

from perfstudy import formatting
from perfstudy.charts import style
from perfstudy.charts.frames import find_series, require, select
from perfstudy.charts.style import Chart
from perfstudy.model.labels import describe, sort_arms

Seconds = NDArray[np.float64]


def _median(frame: pd.DataFrame) -> tuple[float, float, float]:
    """Return the median response time and its interval, by blocks.

    The geometric mean of the blocks' medians, with Student's interval on the logarithms; the interval is NaN where
    there are fewer than two blocks.
    """
    logs = np.log(frame.groupby("block")["seconds"].median().to_numpy(dtype=float))
    mean = float(logs.mean())
    if len(logs) < 2:
        return float(np.exp(mean)), float("nan"), float("nan")
    half = float(stdtrit(len(logs) - 1, 0.975) * logs.std(ddof=1) / np.sqrt(len(logs)))
    return float(np.exp(mean)), float(np.exp(mean - half)), float(np.exp(mean + half))


def _scatter(seconds: Seconds) -> Seconds:
    """Return a height for each sample, wider where samples crowd."""
    logs = np.log(seconds)
    counts, edges = np.histogram(logs, bins=48)
    smooth = np.convolve(np.pad(counts, 2, mode="edge"), np.array([1, 2, 3, 2, 1]) / 9, mode="valid")
    density = np.interp(logs, (edges[:-1] + edges[1:]) / 2, smooth / max(float(smooth.max()), 1.0))
    golden = (np.arange(len(logs)) * 0.6180339887498949) % 1 - 0.5
    return np.asarray(golden * np.clip(density, 0.08, 1), dtype=np.float64)


def samples(samples: pd.DataFrame, scenario: str, *, scale: str | None = None, width: float = style.WIDE) -> Chart:
    """Draw every sample of a scenario, with the median and its interval.

    *samples* as ``run.samples()`` gives them: block, label, scale, scenario, temperature, seconds.

    Raises:
        UsageError: nothing was measured for this scenario or scale.
    """
    require(samples, "samples", "block", "label", "temperature", "scenario", "seconds")
    frame, where = select(samples, scenario=scenario, scale=scale)
    found = list(find_series(frame))
    looks = style.choose_style(label for label, *_ in found)
    chart, axes = style.rows(
        width, len(found), f"Every response time: {where}", "Strip chart on a log scale", "response time, log scale"
    )
    style.spread(axes, frame["seconds"])
    style.times(axes)
    style.grid(axes)
    middles = []
    for y, (label, temperature, name, rows) in enumerate(found):
        middles.append((name, _median(rows)))
        _strip(axes, y, rows["seconds"].to_numpy(dtype=float), looks[label].colour, temperature)
        _interval(axes, y + 0.41, middles[-1][1])
        style.row_name(axes, y, name, formatting.duration(middles[-1][1][0]))
    return style.finish(chart, _samples_caption(frame, middles))


def _strip(axes: Any, y: float, seconds: Seconds, colour: str, temperature: str) -> None:
    alpha = float(np.clip(40 / np.sqrt(len(seconds)) / 4, 0.12, 0.7))
    axes.scatter(
        seconds,
        y + 0.16 + 0.42 * _scatter(seconds),
        s=9,
        alpha=alpha,
        linewidths=0 if temperature == "cold" else 0.7,
        facecolors=colour if temperature == "cold" else "none",
        edgecolors=colour,
        rasterized=len(seconds) > 40,
    )


def _interval(axes: Any, y: float, values: tuple[float, float, float]) -> None:
    mid, low, high = values
    style.interval(axes, low, high, y, color=style.INK, linewidth=2.2, solid_capstyle="butt", zorder=4)
    axes.plot([mid, mid], [y - 0.44, y + 0.05], color=style.INK, linewidth=1.6, zorder=4)


def _samples_caption(frame: pd.DataFrame, middles: list[tuple[str, tuple[float, float, float]]]) -> str:
    slow = max(middles, key=lambda m: m[1][0])
    fast = min(middles, key=lambda m: m[1][0])
    blocks = frame["block"].nunique()
    each = f"Each of the {len(frame):,} points is one request; the line is the median over {_blocks(blocks)}"
    words = f"{each}, the bar its 95% interval." if blocks > 1 else f"{each}."
    if len(middles) == 1 or slow == fast:
        return f"{slow[0]} takes {formatting.duration(slow[1][0])}. {words}"
    return (
        f"The slowest is {slow[0]} at {formatting.duration(slow[1][0])}, the fastest {fast[0]} at "
        f"{formatting.duration(fast[1][0])}, {formatting.ratio(slow[1][0] / fast[1][0])} apart. {words}"
    )


def _blocks(count: int) -> str:
    return "one block" if count == 1 else f"{count} blocks"


CURVE_POINTS = 400
"""A curve is drawn through so many of its steps at most, which no screen can tell from all of them."""


def ecdf(
    samples: pd.DataFrame, scenario: str | None = None, *, scale: str | None = None, width: float = style.WIDE
) -> Chart:
    """Draw the share of requests answered within a time, a curve for each label.

    *samples* as for :func:`samples`.

    Raises:
        UsageError: nothing was measured for this scenario or scale.
    """
    require(samples, "samples", "label", "temperature", "scenario", "seconds")
    frame, where = select(samples, scenario=scenario, scale=scale)
    found = list(find_series(frame))
    looks = style.choose_style(label for label, *_ in found)
    columns, names = style.fit_legend([name for *_, name, _ in found], width)
    chart, top = style.sheet(
        width,
        2.9 + style.measure_legend(len(found), columns),
        f"Share of requests answered in time: {where}",
        "Cumulative curves",
    )
    axes = style.area(chart, 0.62, top, 0.24, 2.9)
    style.spread(axes, frame["seconds"], 0.03)
    style.times(axes)
    axes.set_ylim(0, 1.01)
    style.set_linear(axes.yaxis, lambda share: formatting.percent(share))
    style.grid(axes, "both")
    axes.set_xlabel("response time, log scale", color=style.FAINT, fontsize=style.figure_size(width, -0.5))
    for (label, temperature, _, rows), name in zip(found, names, strict=True):
        look = looks[label]
        x, y = steps(rows["seconds"].to_numpy(dtype=float))
        dash = style.WARM_DASH if temperature == "warm" else look.dash
        axes.step(x, y, where="post", color=look.colour, linestyle=dash, linewidth=1.8, label=name)
    style.legend(axes, 0.58, columns)
    return style.finish(chart, _ecdf_caption(found))


def steps(seconds: Seconds) -> tuple[Seconds, Seconds]:
    """Return the times and the shares answered by then, from 0 to 1."""
    x = np.sort(seconds)
    y = np.arange(1, len(x) + 1) / len(x)
    if len(x) > CURVE_POINTS:
        chosen = np.unique(np.linspace(0, len(x) - 1, CURVE_POINTS).round().astype(int))
        x, y = x[chosen], y[chosen]
    return np.concatenate([x[:1], x]), np.concatenate([[0.0], y])


def _ecdf_caption(found: list[tuple[str, str, str, pd.DataFrame]]) -> str:
    def nine(rows: pd.DataFrame) -> float:
        return float(rows["seconds"].quantile(0.9))

    slow = max(found, key=lambda f: nine(f[3]))
    fast = min(found, key=lambda f: nine(f[3]))
    if slow is fast:
        return f"Nine of ten requests of {slow[2]} are answered within {formatting.duration(nine(slow[3]))}."
    return (
        f"Further left is faster, steeper is steadier. Nine of ten requests are answered within "
        f"{formatting.duration(nine(fast[3]))} by {fast[2]}, "
        f"and within {formatting.duration(nine(slow[3]))} by {slow[2]}."
    )


def first_requests(frame: pd.DataFrame, *, width: float = style.WIDE) -> Chart:
    """Draw how much longer the first request of a process takes.

    *frame*: a row for each process, columns label, ``first`` (seconds) and ``usual`` (seconds, the median of the
    requests of that scenario in that process that followed). The difference is what can be compared across scenarios.

    Raises:
        UsageError: no first request was stored.
    """
    require(frame, "first requests", "label", "first", "usual")
    frame = frame.assign(extra=frame["first"] - frame["usual"])
    labels = sort_arms(frame["label"])
    looks = style.choose_style(labels)
    title, axis = "What the first request of a process takes longer", "time beyond the usual request"
    chart, axes = style.rows(width, len(labels), title, "Strip chart", axis, row=0.48)
    axes.set_xlim(*_limit_extra(frame))
    style.set_linear(axes.xaxis, formatting.clock)
    style.grid(axes)
    medians = [
        _extra(axes, y, frame.loc[frame["label"] == label, "extra"], looks[label].colour, label)
        for y, label in enumerate(labels)
    ]
    most, least = max(medians), min(medians)
    text = "Each point is a fresh process, the line is the median. "
    text += f"The most is {formatting.duration(most[0])}, of {most[1]}"
    return style.finish(
        chart,
        f"{text}, the least is {formatting.duration(least[0])}, of {least[1]}." if len(medians) > 1 else f"{text}.",
    )


def _limit_extra(frame: pd.DataFrame) -> tuple[float, float]:
    """Return limits at which a lone process far below leaves room for the rest."""
    medians = frame.groupby("label")["extra"].median()
    high = max(float(frame["extra"].max()), 1e-6)
    low = min(0.0, float(medians.min()))
    low = max(min(low, float(frame["extra"].min())), low - 0.25 * (high - low))
    return low - 0.02 * (high - low), high + 0.04 * (high - low)


def _extra(axes: Any, y: float, extra: pd.Series, colour: str, label: str) -> tuple[float, str]:
    """Draw the processes of a label, and return their median with its name."""
    values, median = extra.to_numpy(dtype=float), float(extra.median())
    golden = (np.arange(len(values)) * 0.6180339887498949) % 1 - 0.5
    left = axes.get_xlim()[0]
    axes.scatter(values, y + 0.16 + 0.26 * golden, s=20, alpha=0.65, color=colour, linewidths=0)
    if (values < left).any():
        axes.plot([left], [y + 0.16], marker="<", markersize=6, color=colour, clip_on=False, linewidth=0)
    axes.plot([median, median], [y - 0.02, y + 0.34], color=style.INK, linewidth=2.2)
    style.row_name(axes, y, describe(label), formatting.duration(median))
    return median, describe(label)

"""Draw what each optimization contributes, and how pairs work together."""

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from perfstudy import formatting
from perfstudy.charts import style
from perfstudy.charts.frames import require, select, sort_factors
from perfstudy.charts.style import Chart

FAINTEST, STRONGEST = 0.06, 0.48
"""The opacity of a cell: at most so much that the text of any ground can be read on it too."""


def attribution(
    frame: pd.DataFrame,
    *,
    scenario: str | None = None,
    scale: str | None = None,
    temperature: str | None = None,
    width: float = style.WIDE,
) -> Chart:
    """Draw each optimization's Shapley value and its main effect.

    *frame* as ``findings.attribution`` gives it; effects are logarithms of speed-ups, drawn as factors.

    Raises:
        UsageError: the study was not factorial, or not for this scenario or scale.
    """
    require(frame, "attributions", "optimization", "shapley", "low", "high", "main", "main_low", "main_high")
    frame, where = select(frame, scenario=scenario, scale=scale, temperature=temperature)
    chart, axes = style.rows(
        width,
        len(frame),
        f"What each optimization contributes: {where}",
        "Contributions on a log scale",
        "times as fast, log scale\nbar: Shapley value, diamond: main effect",
        foot=style.FOOT + 0.16,
    )
    points, ends = (
        np.exp(frame[columns].to_numpy(dtype=float)).ravel()
        for columns in (["shapley", "main"], ["low", "high", "main_low", "main_high"])
    )
    style.hold(axes, [1.0, *points], ends)
    style.ratios(axes)
    style.grid(axes)
    colours = style.colour_factors(frame["optimization"])
    for y, row in enumerate(frame.to_dict("records")):
        _contribution(axes, y, row, colours[row["optimization"]])
    return style.finish(chart, _attribution_caption(frame))


def _contribution(axes: Any, y: float, row: dict[str, Any], colour: str) -> None:
    style.mark(axes, 1, y)
    value, low, high = np.exp([row["shapley"], row["low"], row["high"]])
    axes.plot([1, value], [y + 0.1] * 2, color=colour, linewidth=9, alpha=0.85, solid_capstyle="butt")
    style.interval(axes, low, high, y + 0.1, color=style.INK, linewidth=2, zorder=4)
    main_low, main_high = np.exp([row["main_low"], row["main_high"]])
    style.interval(axes, main_low, main_high, y + 0.32, color=style.FAINT, linewidth=1.2)
    axes.plot(np.exp([row["main"]]), [y + 0.32], marker="D", markersize=5, color=style.FAINT, markerfacecolor="none")
    style.row_name(axes, y, row["optimization"], f"{formatting.ratio(value)}", rise=0.24)


def _attribution_caption(frame: pd.DataFrame) -> str:
    ranked = frame.sort_values("shapley", ascending=False)
    first, total = ranked.iloc[0], float(frame["shapley"].sum())
    share = float(first["shapley"]) / total if total else float("nan")
    flat = [r["optimization"] for r in frame.to_dict("records") if r["low"] <= 0 <= r["high"]]
    text = (
        f"Together they make an answer {formatting.ratio(float(np.exp(total)))} as fast, "
        "and the bars multiply to that. "
        f"{first['optimization']} contributes most, {formatting.ratio(float(np.exp(first['shapley'])))}, "
        f"which is {formatting.percent(share)} of the total on the log scale."
    )
    return f"{text} No effect is shown for {' or '.join(flat)}: the interval holds 1." if flat else text


def interactions(
    frame: pd.DataFrame,
    *,
    scenario: str | None = None,
    scale: str | None = None,
    temperature: str | None = None,
    width: float = style.WIDE,
) -> Chart:
    """Draw a heat map of the two-way interactions, as factors.

    *frame* as ``findings.interactions`` gives it: one, other, effect, low, high, logarithms of speed-ups. Bold is
    where the interval leaves out 1.

    Raises:
        UsageError: the study was not factorial, or not for this scenario or scale.
    """
    require(frame, "interactions", "one", "other", "effect", "low", "high")
    frame, where = select(frame, scenario=scenario, scale=scale, temperature=temperature)
    names = sort_factors([*frame["one"], *frame["other"]])
    left = 1.0 if width < 5 else 1.2
    cell = (width - left - 0.2) / (len(names) - 1)
    height = min(cell, 0.62) * (len(names) - 1)
    chart, top = style.sheet(width, height + 0.62, f"What pairs do beyond their parts: {where}", "Heat map")
    axes = style.area(chart, left, top, 0.2, height)
    axes.spines["bottom"].set_visible(False)
    axes.set(xlim=(0, len(names) - 1), ylim=(len(names) - 1, 0))
    found = {frozenset((r["one"], r["other"])): r for r in frame.to_dict("records")}
    strongest = max(float(frame["effect"].abs().max()), 0.05)
    for x, y in combinations(range(len(names)), 2):
        row = found.get(frozenset((names[x], names[y])))
        if row is not None:
            _cell(axes, x, y - 1, row, strongest, width)
    _sides(axes, names, width)
    return style.finish(chart, _interactions_caption(frame))


def _cell(axes: Any, x: int, y: int, row: dict[str, Any], strongest: float, width: float) -> None:
    from matplotlib.patches import Rectangle

    colour = style.BLUE if row["effect"] >= 0 else style.VERMILION
    strength = FAINTEST + (STRONGEST - FAINTEST) * abs(row["effect"]) / strongest
    axes.add_patch(Rectangle((x + 0.02, y + 0.02), 0.96, 0.96, color=colour, alpha=strength, linewidth=0))
    clear = not row["low"] <= 0 <= row["high"]
    axes.text(
        x + 0.5,
        y + 0.5,
        formatting.ratio(float(np.exp(row["effect"]))),
        ha="center",
        va="center",
        color=style.INK,
        fontsize=style.figure_size(width, 0 if clear else -0.5),
        fontweight="bold" if clear else "normal",
    )


def _sides(axes: Any, names: list[str], width: float) -> None:
    places = np.arange(len(names) - 1) + 0.5
    axes.set_xticks(places, names[:-1], rotation=0 if width >= 5 else 30, ha="center" if width >= 5 else "right")
    axes.set_yticks(places, names[1:])
    axes.tick_params(length=0, labelsize=style.figure_size(width, -0.5), labelcolor=style.INK)


def _interactions_caption(frame: pd.DataFrame) -> str:
    row = max(frame.to_dict("records"), key=lambda r: abs(r["effect"]))
    clear = int(((frame["low"] > 0) | (frame["high"] < 0)).sum())
    gain = "more" if row["effect"] >= 0 else "less"
    return (
        f"Above 1, two optimizations gain more together than the product of their effects; below 1, less. The "
        f"strongest pair is {row['one']} and {row['other']}: {formatting.ratio(float(np.exp(row['effect'])))}, {gain} "
        f"than the product. Bold, in {clear} of {len(frame)} pairs, the interval leaves out 1."
    )

"""What the gains cost, and what a cache's lifetime buys."""

from dataclasses import dataclass
from math import nan
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from perfstudy import formatting
from perfstudy.charts import style
from perfstudy.charts.frames import require
from perfstudy.charts.style import Chart
from perfstudy.formatting import UNITLESS, amount

HEAD, LINE, BAR = 0.3, 0.19, 0.24
"""Inches of an optimization's name, of a line of a quantity's name, and of the space for a bar."""


@dataclass(frozen=True)
class Row:
    """One cost as it is written, and how it is drawn."""

    name: str
    value: str
    record: dict[str, Any]
    drawn: str
    """``bar``, ``factor`` or nothing."""

    @property
    def height(self) -> float:
        """Inches."""
        return 0.08 + LINE * (self.name.count("\n") + 1) + (BAR if self.drawn else 0)


def costs(frame: pd.DataFrame, *, width: float = style.WIDE) -> Chart:
    """Draw what each optimization costs, with a bar where units are shared.

    *frame* as ``findings.costs`` gives it, long: optimization, scale, quantity, value, unit, low, high. Bars are to
    scale within one optimization and unit. Factors are points at the line of no cost, with their intervals.

    Raises:
        UsageError: no cost was measured.
    """
    require(frame, "costs", "optimization", "quantity", "value", "unit")
    several = "scale" in frame and frame["scale"].nunique() > 1
    groups = [
        (str(name), [_rows(rows, several, width) for _, rows in own.groupby("unit", sort=False)])
        for name, own in frame.groupby("optimization", sort=False)
    ]
    height = sum(HEAD + sum(row.height for panel in panels for row in panel) for _, panels in groups)
    chart, top = style.sheet(width, height + 0.15, f"What the gains cost{_scale(frame)}", "Bars")
    colours = style.colour_factors(name for name, _ in groups)
    for optimization, panels in groups:
        style.heading(chart, top, optimization)
        top += HEAD
        for panel in panels:
            tall = sum(row.height for row in panel)
            _panel(style.area(chart, 0.24, top, 0.24, tall), panel, tall, colours[optimization])
            top += tall
    return style.finish(chart, _costs_caption(frame))


def _scale(frame: pd.DataFrame) -> str:
    scales = set(frame["scale"].dropna()) if "scale" in frame else set()
    return f": {scales.pop()}" if len(scales) == 1 else ""


def _rows(rows: pd.DataFrame, several: bool, width: float) -> list[Row]:
    """Return the rows of one optimization and unit."""
    drawn = "factor" if rows["unit"].iloc[0] in UNITLESS else "bar" if len(rows) > 1 else ""
    found = []
    for record in rows.to_dict("records"):
        value = amount(record["value"], record["unit"])
        name = style.change(record["quantity"]) + (f", {record['scale']}" if several else "")
        room = width - 0.6 - len(value) * 0.09
        found.append(Row(style.wrap(name, room, style.figure_size(width, -0.5)), value, record, drawn))
    return found


def _panel(axes: Axes, panel: list[Row], tall: float, colour: str) -> None:
    axes.set(xticks=[], yticks=[], ylim=(tall, 0), xlim=_limits(panel))
    axes.spines["bottom"].set_visible(False)
    points = style.figure_size(axes.figure.get_size_inches()[0], -0.5)  # type: ignore[union-attr]
    where = axes.get_yaxis_transform()
    y = 0.0
    for row in panel:
        style_ = {"transform": where, "va": "top", "color": style.INK, "fontsize": points}
        axes.text(0, y, row.name, linespacing=1.25, **style_)  # type: ignore[arg-type]
        axes.text(1, y, row.value, ha="right", fontweight="bold", **style_)  # type: ignore[arg-type]
        _draw(axes, y + row.height - BAR / 2 - 0.06, row, colour)
        y += row.height


def _limits(panel: list[Row]) -> tuple[float, float]:
    values = [float(row.record[c]) for row in panel for c in ("value", "low", "high") if pd.notna(row.record.get(c))]
    if panel[0].drawn != "factor":
        return 0.0, max(values) or 1.0
    reach = max(max(values) - 1, 1 - min(values), 0.05) * 1.1
    return 1 - reach / 4 if min(values) >= 1 - reach / 4 else 1 - reach, 1 + reach


def _draw(axes: Axes, y: float, row: Row, colour: str) -> None:
    value, low, high = (float(row.record[c]) if pd.notna(row.record.get(c)) else nan for c in ("value", "low", "high"))
    if row.drawn == "bar":
        axes.barh(y, value, height=0.1, color=colour)
    if row.drawn == "factor":
        axes.plot([1, 1], [y - 0.08, y + 0.08], color=style.INK, linewidth=1)
        axes.plot([low, high], [y, y], color=colour, linewidth=2)
        axes.plot([value], [y], marker="o", markersize=7, color=colour)


def _costs_caption(frame: pd.DataFrame) -> str:
    """Say how many costs there are of how many optimizations, and the first."""
    first = frame.iloc[0]
    names = frame["optimization"].nunique()
    return (
        f"{len(frame)} costs of {names} optimizations, such as {style.change(first['quantity'])}: "
        f"{amount(first['value'], first['unit'])}. A bar is to scale within its optimization and unit."
    )


def hit_ratio(predicted: pd.DataFrame, measured: pd.DataFrame, *, width: float = style.WIDE) -> Chart:
    """Draw the share of hits by a cache's time to live, predicted and measured.

    Both frames: columns ttl (seconds) and ratio (0 to 1); *measured* may have low and high.

    Raises:
        UsageError: nothing was predicted or measured.
    """
    require(predicted, "predicted hit ratios", "ttl", "ratio")
    require(measured, "measured hit ratios", "ttl", "ratio")
    chart, top = style.sheet(
        width, 2.8 + 0.62 + 0.44, "How often the cache answers, by its life time", "Curve with points"
    )
    axes = style.area(chart, 0.62, top, 0.24, 2.8)
    axes.set_ylim(0, 1.02)
    style.set_linear(axes.yaxis, lambda share: formatting.percent(share))
    every = [*predicted["ttl"], *measured["ttl"]]
    style.spread(axes, every, 0.04)
    style.times(axes)
    style.grid(axes, "both")
    axes.set_xlabel("time to live, log scale", color=style.FAINT, fontsize=style.figure_size(width, -0.5))
    line = predicted.sort_values("ttl")
    axes.plot(line["ttl"], line["ratio"], color=style.GREY, linewidth=2, label="predicted")
    if {"low", "high"} <= set(measured.columns):
        axes.vlines(measured["ttl"], measured["low"], measured["high"], color=style.VERMILION, linewidth=2)
    axes.plot(
        measured["ttl"],
        measured["ratio"],
        marker="o",
        linewidth=0,
        markersize=7,
        color=style.VERMILION,
        label="measured",
    )
    style.legend(axes, 0.58, 2)
    return style.finish(chart, _hit_caption(line, measured))


def _hit_caption(predicted: pd.DataFrame, measured: pd.DataFrame) -> str:
    import numpy as np

    expected = np.interp(np.log(measured["ttl"]), np.log(predicted["ttl"]), predicted["ratio"])
    worst = float(np.abs(measured["ratio"] - expected).max())
    best = measured.loc[measured["ratio"].idxmax()]
    return (
        f"Points are measured, the line is predicted; they are at most {100 * worst:.1f} percentage points apart. "
        f"The highest share is {formatting.percent(best['ratio'])}, "
        f"with {formatting.duration(float(best['ttl']))} to live."
    )

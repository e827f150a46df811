"""What the gains cost, and what a cache's life time buys."""

from typing import Any

import pandas as pd

from perfstudy.charts import style
from perfstudy.charts.frames import need
from perfstudy.charts.style import Chart


def amount(value: float, unit: str) -> str:
    """Return a value with its unit, in the size that fits: bytes as kB and MB, seconds as ms, ratios as ×."""
    if pd.isna(value):
        return "-"
    if unit in ("s", "seconds"):
        return style.duration(value)
    if unit in ("ratio", "×", "x"):
        return style.ratio(value)
    if unit in ("B", "bytes"):
        for name, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
            if abs(value) >= size:
                return f"{style.significant(value / size)} {name}"
    return f"{style.significant(value)} {unit}".strip()


def costs(frame: pd.DataFrame, *, width: float = style.WIDE) -> Chart:
    """Draw what each optimization costs, a panel with its own axis for each quantity.

    *frame* as ``findings.costs`` gives it, long: optimization, scale, quantity, value, unit, low, high.

    Raises:
        UsageError: no cost was measured.
    """
    need(frame, "costs", "optimization", "quantity", "value", "unit")
    panels = [(q, rows) for q, rows in frame.groupby("quantity", sort=False)]
    row, head, foot = 0.42, 0.34, 0.2
    height = sum(head + foot + row * len(rows) for _, rows in panels)
    chart, top = style.sheet(width, height, "What the gains cost", "Bars")
    for quantity, rows in panels:
        chart.text(
            style.MARGIN / width,
            1 - (top + 0.06) / chart.get_size_inches()[1],
            str(quantity),
            va="top",
            color=style.INK,
            fontsize=style.size(width),
            fontweight="bold",
        )
        axes = style.area(chart, 0.24, top + head, 0.24, row * len(rows))
        _panel(axes, rows)
        top += head + foot + row * len(rows)
    return style.finish(chart, _costs_caption(frame))


def _panel(axes: Any, rows: pd.DataFrame) -> None:
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_yticks([])
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    for y, row in enumerate(rows.to_dict("records")):
        axes.barh(y + 0.2, row["value"], height=0.3, color=style.COLOURS.get(row["optimization"], style.GREY))
        if pd.notna(row.get("low")) and pd.notna(row.get("high")):
            axes.plot([row["low"], row["high"]], [y + 0.2] * 2, color=style.INK, linewidth=2)
        scale = f", {row['scale']}" if row.get("scale") else ""
        style.row_name(axes, y, f"{row['optimization']}{scale}", amount(row["value"], row["unit"]), rise=0.2)
    ratio = str(rows["unit"].iloc[0]) in ("ratio", "×", "x")
    axes.axvline(1 if ratio else 0, color=style.GRID, linewidth=1)


def _costs_caption(frame: pd.DataFrame) -> str:
    told = [
        f"{row['quantity']} of {row['optimization']}{' at ' + row['scale'] if row.get('scale') else ''}: "
        f"{amount(row['value'], row['unit'])}"
        for row in frame.to_dict("records")
    ]
    return "; ".join(told[:6]) + ("; and more in the table." if len(told) > 6 else ".")


def hit_ratio(predicted: pd.DataFrame, measured: pd.DataFrame, *, width: float = style.WIDE) -> Chart:
    """Draw the share of requests that a cache answers by its life time, as theory has it and as measured.

    Both frames: columns ttl (seconds) and ratio (0 to 1); *measured* may have low and high.

    Raises:
        UsageError: nothing was predicted or measured.
    """
    need(predicted, "predicted hit ratios", "ttl", "ratio")
    need(measured, "measured hit ratios", "ttl", "ratio")
    chart, top = style.sheet(
        width, 2.8 + 0.62 + 0.44, "How often the cache answers, by its life time", "Curve with points"
    )
    axes = style.area(chart, 0.62, top, 0.24, 2.8)
    axes.set_ylim(0, 1.02)
    style.linear(axes.yaxis, lambda share: f"{share:.0%}")
    every = [*predicted["ttl"], *measured["ttl"]]
    style.spread(axes, every, 0.04)
    style.times(axes)
    style.grid(axes, "both")
    axes.set_xlabel("time to live, log scale", color=style.FAINT, fontsize=style.size(width, -0.5))
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
        f"The highest share is {best['ratio']:.0%}, with {style.duration(float(best['ttl']))} to live."
    )

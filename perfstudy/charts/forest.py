"""Draw the verdicts: claims as bands, measurements as points."""

from itertools import groupby
from math import isfinite, nan
from typing import Any

import pandas as pd

from perfstudy import formatting
from perfstudy.charts import style
from perfstudy.charts.frames import require, sort_labels
from perfstudy.charts.style import Chart
from perfstudy.model.quantity import DATABASE, RESPONSE

LINE = 0.24
"""Inches of a measured line."""
PUBLISHED = "published_speedup"
"""The column of a published figure that is marked beside the measured one, where it is there."""


def verdicts(frame: pd.DataFrame, *, width: float = style.WIDE) -> Chart:
    """Draw a forest plot of claims, measurements and noise floors.

    *frame* as ``findings.verdicts`` gives it: claim, quote, scenario, scale, temperature, claimed_low, claimed_high,
    speedup, low, high, floor, verdict, indicative; published_speedup where it is known. An open claim's band runs on to
    the right.

    Raises:
        UsageError: there is no verdict.
    """
    require(
        frame,
        "verdicts",
        "claim",
        "claimed",
        "claimed_low",
        "claimed_high",
        "speedup",
        "low",
        "high",
        "floor",
        "verdict",
    )
    groups = [(claim, list(rows)) for claim, rows in groupby(_records(frame), key=lambda r: r["claim"])]
    points = style.figure_size(width, -0.5)
    left, right = (1.12, 1.62) if width >= 5 else (0.86, 1.36)
    headings = {c: style.wrap(_heading(rows[0]), width - 0.3, points) for c, rows in groups}
    heights = [0.17 * (headings[c].count("\n") + 1) + 0.12 + LINE * len(rows) + 0.12 for c, rows in groups]
    chart, top = style.sheet(
        width, sum(heights) + style.FOOT, "What is claimed, and what was measured", "Forest plot on a log scale"
    )
    axes = style.area(chart, left, top, right, sum(heights))
    axes.set_ylim(sum(heights), 0)
    axes.set_yticks([])
    axes.set_xlabel("times as fast as the reference, log scale", color=style.FAINT, fontsize=points)
    style.hold(axes, _points(frame), [float(end) for end in frame[["low", "high"]].to_numpy().ravel()])
    style.ratios(axes)
    style.grid(axes)
    y = 0.0
    for (claim, rows), height in zip(groups, heights, strict=True):
        _group(axes, y, height, headings[claim], rows, left)
        y += height
    return style.finish(chart, _caption(frame))


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    place = {claim: i for i, claim in enumerate(frame["claim"].unique())}
    scenarios = {s: i for i, s in enumerate(sort_labels(frame["scenario"]))} if "scenario" in frame else {}
    scales = {s: i for i, s in enumerate(sort_labels(frame["scale"]))} if "scale" in frame else {}
    several = len(scales) > 1
    records = frame.to_dict("records")
    for record in records:
        record["line"] = f"{record.get('scenario', '')}{', ' + record['scale'] if several else ''}"
    return sorted(
        records, key=lambda r: (place[r["claim"]], scales.get(r.get("scale"), 0), scenarios.get(r.get("scenario"), 0))
    )


def _heading(row: dict[str, Any]) -> str:
    quantity = row.get("quantity", RESPONSE)
    about = {RESPONSE: "", DATABASE: " in the database"}.get(quantity, f", {quantity}")
    return f"{row['claim']}: {row['claimed']}{about}"


def _points(frame: pd.DataFrame) -> list[float]:
    """Return what the axis must hold besides intervals, and 1 with some room."""
    columns = ("speedup", "claimed_low", "claimed_high", "floor", *({PUBLISHED} & set(frame)))
    return [0.8, 1.25, *(float(value) for column in columns for value in frame[column].dropna())]


def _group(axes: Any, y: float, height: float, heading: str, rows: list[dict[str, Any]], left: float) -> None:
    chart = axes.figure
    width, _ = chart.get_size_inches()
    box = axes.get_position()
    inches = box.width * width  # of the axes
    head = 0.17 * (heading.count("\n") + 1) + 0.12
    where = axes.get_yaxis_transform()
    axes.text(
        -(left - style.MARGIN) / inches,
        y + 0.06,
        heading,
        transform=where,
        va="top",
        color=style.INK,
        fontsize=style.figure_size(width, -0.5),
        fontweight="bold",
        linespacing=1.25,
    )
    low, high = rows[0]["claimed_low"], rows[0]["claimed_high"]
    begin, end = y + head, y + height - 0.1
    limit = axes.get_xlim()[1]
    axes.fill_betweenx([begin, end], low, high if isfinite(high) else limit, color=style.SKY, alpha=0.3, linewidth=0)
    edges = [low, high] if isfinite(high) else [low]
    axes.vlines(edges, begin, end, color=style.SKY, linewidth=1)
    axes.vlines(1, begin, end, color=style.INK, linewidth=1)
    for i, row in enumerate(rows):
        _line(axes, begin + LINE * (i + 0.5), row, left / inches, where)


def _line(axes: Any, y: float, row: dict[str, Any], left: float, where: Any) -> None:
    width = axes.figure.get_size_inches()[0]
    points = style.figure_size(width, -1)
    colour, marker = style.VERDICTS.get(row["verdict"], (style.GREY, "o"))
    if isfinite(row["floor"]) and row["floor"] > 1:
        axes.fill_betweenx(
            [y - LINE / 2, y + LINE / 2], 1 / row["floor"], row["floor"], color=style.GREY, alpha=0.3, linewidth=0
        )
    axes.text(-0.03, y, row["line"], transform=where, va="center", ha="right", color=style.FAINT, fontsize=points)
    measured = isfinite(row["speedup"])
    if measured:
        style.interval(axes, row["low"], row["high"], y, color=colour, linewidth=2)
        axes.plot([row["speedup"]], [y], marker=marker, markersize=7, color=colour, linewidth=0)
    if isfinite(row.get(PUBLISHED, nan)):
        axes.plot([row[PUBLISHED]], [y], marker="|", markersize=13, markeredgewidth=1.6, color=style.INK, linewidth=0)
    number = f"{formatting.ratio(row['speedup'])} " if measured else ""
    axes.text(1.03, y, f"{number}{row['verdict']}", transform=where, va="center", color=style.INK, fontsize=points)


def _caption(frame: pd.DataFrame) -> str:
    counts = frame["verdict"].value_counts()
    words = ", ".join(f"{counts[v]} {v}" for v in style.VERDICTS if v in counts)
    floors = frame["floor"].dropna()
    text = f"Of {len(frame)} verdicts: {words}. Bands are claimed, points with their 95% intervals are measured."
    if len(floors):
        text += f" Within the grey strip, at most {formatting.ratio(float(floors.max()))}, a difference is noise."
    if PUBLISHED in frame and frame[PUBLISHED].notna().any():
        elsewhere = sort_labels(frame.get("published_scale", pd.Series(dtype=object)).dropna())
        text += f" The upright stroke is the published figure{', at ' + ' and '.join(elsewhere) if elsewhere else ''}."
    if "indicative" in frame and frame["indicative"].any():
        text += " Fewer than ten blocks make a verdict indicative only."
    return text

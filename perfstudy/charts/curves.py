"""Draw response times along something that grows, such as the table."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from perfstudy import formatting
from perfstudy.charts import style
from perfstudy.charts.frames import find_series, require, select
from perfstudy.charts.style import Chart
from perfstudy.errors import UsageError
from perfstudy.model.catalog import load_catalogs
from perfstudy.model.labels import describe, find_size, is_control
from perfstudy.model.scenario import Series


def scale(
    comparisons: pd.DataFrame,
    rows: Mapping[str, int] | None = None,
    *,
    scenario: str | None = None,
    width: float = style.WIDE,
) -> Chart:
    """Draw the response time by rows of the table, a line for each label.

    *comparisons* as ``findings.comparisons`` gives them; *rows* maps a scale's name to its rows, by default as the
    data set declares it. A slope of 1 is a time that grows with the table.

    Raises:
        UsageError: nothing was measured for this scenario, or at an unknown scale.
    """
    require(comparisons, "comparisons", "label", "scale", "temperature", "median")
    frame, where = select(comparisons, scenario=scenario)
    sizes = rows or _declare()
    missing = set(frame["scale"]) - set(sizes)
    if missing:
        raise UsageError(f"the rows of scale {sorted(missing)[0]!r} are not known: give them as rows={{...}}")
    frame = frame.assign(x=[sizes[s] for s in frame["scale"]])
    chart, axes, found = _lines(
        frame, f"Response time by rows of the table: {where}", "rows of the table, log scale", width
    )
    axes.set_xlim(frame["x"].min() / 1.35, frame["x"].max() * 1.35)
    axes.set_xscale("log")
    axes.set_xticks(sorted(frame["x"].unique()), [formatting.count(v) for v in sorted(frame["x"].unique())])
    axes.minorticks_off()
    return style.finish(chart, _scale_caption(found))


def _declare() -> Mapping[str, int]:
    return {name: rows for one in load_catalogs().values() for name, rows in one.service.data.rows.items()}


def depth(comparisons: pd.DataFrame, *, scale: str | None = None, width: float = style.WIDE) -> Chart:
    """Draw the response time by the offset of the page, and by cursor.

    *comparisons* as ``findings.comparisons`` gives them, of scenarios in the series ``offset`` and ``cursor``.

    Raises:
        UsageError: no scenario has an offset.
    """
    require(comparisons, "comparisons", "label", "scenario", "temperature", "median")
    frame, where = select(comparisons, scale=scale)
    after = _select_series(frame, "cursor")
    frame = pd.concat([_select_series(frame, "offset"), after.assign(label=after["label"] + CURSOR)])
    require(frame, "pages at an offset")
    chart, axes, found = _lines(
        frame, f"Response time by depth of the page: {where}", "offset of the page, rows", width
    )
    style.set_linear(axes.xaxis, lambda value: f"{value:,.0f}")
    return style.finish(chart, _depth_caption(found))


def rows(comparisons: pd.DataFrame, *, scale: str | None = None, width: float = style.WIDE) -> Chart:
    """Draw the response time by rows of the answer, a line for each label.

    *comparisons* as ``findings.comparisons`` gives them, of scenarios in the series ``rows``.

    Raises:
        UsageError: no scenario has a number of rows.
    """
    require(comparisons, "comparisons", "label", "scenario", "temperature", "median")
    frame, where = select(comparisons, scale=scale)
    frame = _select_series(frame, "rows")
    require(frame, "answers of so many rows")
    chart, axes, found = _lines(
        frame, f"Response time by rows of the answer: {where}", "rows of the answer, log scale", width
    )
    axes.set_xscale("log")
    sizes = sorted(frame["x"].unique())
    axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
    axes.minorticks_off()
    return style.finish(chart, _rows_caption(found))


def _select_series(frame: pd.DataFrame, series: Series) -> pd.DataFrame:
    """Return the rows of scenarios in *series*, with their size as x."""
    sizes = {name: size for name in frame["scenario"].unique() if (size := find_size(name, (series,))) is not None}
    found = frame[frame["scenario"].isin(sizes)]
    return found.assign(x=found["scenario"].map(sizes).astype(int))


CURSOR = " by cursor"
"""How a line's label ends where pages were requested by cursor, not by offset."""

Line = tuple[str, pd.DataFrame]


def _lines(frame: pd.DataFrame, title: str, label: str, width: float) -> tuple[Chart, Any, list[Line]]:
    found = [one for one in find_series(frame) if not is_control(one[0])]
    looks = style.choose_style(label for label, *_ in found)
    columns, names = style.fit_legend([_name_line(label, name) for label, _, name, _ in found], width)
    height = 3.1
    chart, top = style.sheet(width, height + style.measure_legend(len(found), columns), title, "Lines on a log scale")
    axes = style.area(chart, 0.66, top, 0.24, height)
    low, high = float(frame["median"].min()), float(frame["median"].max())
    axes.set_ylim(low / 1.3, high * 1.3)
    style.times(axes, "y")
    style.grid(axes, "both")
    axes.set_xlabel(label, color=style.FAINT, fontsize=style.figure_size(width, -0.5))
    lines = []
    for (label_, temperature, _, rows), name in zip(found, names, strict=True):
        look, rows = looks[label_], rows.sort_values("x")
        warm = temperature == "warm"
        axes.plot(
            rows["x"],
            rows["median"],
            color=look.colour,
            linestyle=style.WARM_DASH if warm else look.dash,
            marker=look.marker,
            markersize=6,
            markerfacecolor="none" if warm else look.colour,
            linewidth=1.8,
            label=name,
        )
        lines.append((name, rows))
    style.legend(axes, 0.58, columns)
    return chart, axes, lines


def _name_line(label: str, name: str) -> str:
    """Return the name of a line, whose pages may have been requested by cursor."""
    return describe(label.removesuffix(CURSOR)) + name[name.rfind(CURSOR) :] if label.endswith(CURSOR) else name


def _growth(rows: pd.DataFrame) -> float:
    return float(rows["median"].iloc[-1] / rows["median"].iloc[0])


def _scale_caption(lines: list[Line]) -> str:
    steep = max(lines, key=lambda line: _growth(line[1]))
    flat = min(lines, key=lambda line: _growth(line[1]))
    x = steep[1]["x"]
    table = formatting.ratio(float(x.iloc[-1] / x.iloc[0]))
    slope = np.log(_growth(steep[1])) / np.log(x.iloc[-1] / x.iloc[0]) if len(x) > 1 else 0.0
    return (
        f"While the table grows {table}, {steep[0]} takes {formatting.ratio(_growth(steep[1]))} as long (a slope of "
        f"{slope:.2f}; 1 would be a time that grows with the table) and {flat[0]} {formatting.ratio(_growth(flat[1]))}."
    )


def _depth_caption(lines: list[Line]) -> str:
    steep = max(lines, key=lambda line: _growth(line[1]))
    flat = min(lines, key=lambda line: _growth(line[1]))
    last = int(steep[1]["x"].iloc[-1])
    return (
        f"From the first page to the one at row {last:,}, {steep[0]} takes "
        f"{formatting.ratio(_growth(steep[1]))} as long, {flat[0]} {formatting.ratio(_growth(flat[1]))}."
    )


def _rows_caption(lines: list[Line]) -> str:
    """Say what one more row costs in the steepest line and in the flattest."""
    costs = {name: _per_row(rows) for name, rows in lines}
    steep, flat = max(costs, key=costs.__getitem__), min(costs, key=costs.__getitem__)
    return (
        f"Between the fewest and the most rows, one more row costs {formatting.duration(costs[steep])} in {steep} and "
        f"{formatting.duration(costs[flat])} in {flat}."
    )


def _per_row(rows: pd.DataFrame) -> float:
    first, last = rows.iloc[0], rows.iloc[-1]
    return float((last["median"] - first["median"]) / max(last["x"] - first["x"], 1))

"""Draw how close the service is to its lower bounds.

The roofline is that of S. Williams, A. Waterman and D. Patterson, "Roofline: an insightful visual performance model"
(Communications of the ACM 52(4), 2009), with bytes of the answer in the place of operations for each byte.
"""

from collections.abc import Mapping
from itertools import cycle
from typing import Any

import numpy as np
import pandas as pd

from perfstudy import formatting
from perfstudy.charts import style
from perfstudy.charts.frames import require, select
from perfstudy.charts.style import Chart
from perfstudy.errors import UsageError
from perfstudy.model.labels import describe, is_control, is_known, list_lower_bounds

COLOURS = (style.GREY, style.GREEN, style.BLUE)
"""The colours of the roofs, in the order of the lower bounds."""


def name_competitor(label: str, temperature: str = "", fits: int = 44) -> str:
    """Return the name of a variant or competitor for readers."""
    text = describe(label)
    return style.cut(text, fits) + (f", {temperature}" if temperature else "")


def lower_bounds(
    ratios: pd.DataFrame, *, scenario: str = "page", reference: str = "the floor", width: float = style.WIDE
) -> Chart:
    """Draw each label's time over that of the lower bound, with intervals.

    *ratios* has the columns label, scenario, temperature, ratio, low and high; *reference* says in words what they
    are over.

    Raises:
        UsageError: nothing was measured for *scenario*.
    """
    require(ratios, "ratios", "label", "scenario", "temperature", "ratio", "low", "high")
    frame, where = select(ratios, scenario=scenario)
    frame = frame.dropna(subset=["ratio"]).sort_values("ratio", ascending=False)
    require(frame, "ratios of this scenario")
    title = f"Response time over {reference}: {where}"
    left = 2.9 if width >= 5 else 1.75
    height = 0.3 * len(frame) + 0.2
    chart, top = style.sheet(width, height + 0.6, title, "Dots with intervals on a log scale")
    axes = style.area(chart, left, top, 0.35, height)
    style.hold(axes, [*frame["ratio"], 1.0], [*frame["low"], *frame["high"]], 0.06)
    style.ratios(axes)
    style.grid(axes, "x")
    axes.axvline(1, color=style.INK, linewidth=1)
    fits = 34 if width >= 5 else 18
    for y, row in enumerate(frame.itertuples()):
        warm = row.temperature == "warm"
        colour = style.BLUE if is_known(str(row.label)) else style.GREY
        style.interval(axes, row.low, row.high, y, color=colour, linewidth=1.6)
        axes.plot(
            [row.ratio], [y], marker="o", color=colour, markerfacecolor="none" if warm else colour, linestyle="none"
        )
    names = [name_competitor(row.label, row.temperature, fits) for row in frame.itertuples()]
    axes.set_yticks(range(len(frame)), names, fontsize=style.figure_size(width, -1.5), color=style.INK)
    axes.set_ylim(-0.6, len(frame) - 0.4)
    first, last = frame.iloc[-1], frame.iloc[0]
    return style.finish(
        chart,
        f"{name_competitor(first['label'], first['temperature'])} takes {formatting.ratio(first['ratio'])} as long "
        f"as {reference}, "
        f"{name_competitor(last['label'], last['temperature'])} {formatting.ratio(last['ratio'])}.",
    )


def roofline(
    cells: pd.DataFrame, *, roofs: Mapping[str, tuple[str, str]] | None = None, width: float = style.WIDE
) -> Chart:
    """Draw answers per second by bytes of the answer, below their roof.

    *cells* as a result set's ``cells``: label, scenario, temperature, bytes and median_ns. *roofs* maps the label of a
    lower bound to its name and colour, by default as the catalogs declare them. A roof is the line
    time = a + b * bytes through a lower bound's smallest and largest answer: flat where the request costs, falling
    where the bytes do.

    Raises:
        UsageError: no lower bound was measured with answers of two sizes.
    """
    require(cells, "cells", "label", "scenario", "temperature", "bytes", "median_ns")
    points = select_measured(cells)
    roofs = _colour_bounds() if roofs is None else roofs
    lines = {label: line for label in roofs if (line := _line(points[points["label"] == label]))}
    if not lines:
        raise UsageError(
            "no lower bound was measured with answers of two sizes: measure page and all of benchmarks/limits.py"
        )
    others = points[~points["label"].isin(lines) & ~points["label"].map(is_control)]
    keys = list(dict.fromkeys(zip(others["label"], others["temperature"], strict=True)))
    columns, names = style.fit_legend(
        [*(roofs[label][0] for label in lines), *(name_competitor(*key, 30) for key in keys)], width
    )
    height = 3.4
    chart, top = style.sheet(
        width, height + style.measure_legend(len(names), columns), "Answers per second by their size", "Roofline"
    )
    axes = style.area(chart, 0.72, top, 0.24, height)
    axes.set_xlim(points["bytes"].min() / 2, points["bytes"].max() * 2)
    axes.set_ylim(points["rate"].min() / 1.6, max(1 / a for a, _ in lines.values()) * 1.6)
    style.counts(axes, "x")
    style.counts(axes, "y")
    style.grid(axes, "both")
    axes.set_xlabel("bytes of the answer, log scale", color=style.FAINT, fontsize=style.figure_size(width, -0.5))
    axes.set_ylabel("answers per second, one client", color=style.FAINT, fontsize=style.figure_size(width, -0.5))
    x = np.geomspace(*axes.get_xlim(), 100)
    shown = iter(names)
    for label, (a, b) in lines.items():
        axes.plot(x, 1 / (a + b * x), color=roofs[label][1], linewidth=2, label=next(shown))
    looks = style.choose_style(label for label, _ in keys)
    for label, temperature in keys:
        look = looks[label]
        mine = others[(others["label"] == label) & (others["temperature"] == temperature)]
        axes.plot(
            mine["bytes"],
            mine["rate"],
            marker=look.marker,
            color=look.colour,
            markerfacecolor="none" if temperature == "warm" else look.colour,
            linestyle="none",
            label=next(shown),
        )
    style.legend(axes, 0.58, columns)
    return style.finish(chart, _describe_roofs(lines, roofs))


def _colour_bounds() -> dict[str, tuple[str, str]]:
    return {bound.label: (bound.name, colour) for bound, colour in zip(list_lower_bounds(), cycle(COLOURS))}


def select_measured(cells: pd.DataFrame) -> pd.DataFrame:
    """Return bytes and answers per second of each label and scenario."""
    frame = cells[cells["scenario"] != "noop"].dropna(subset=["median_ns"])
    frame = frame.assign(log=np.log(frame["median_ns"].astype(float)), bytes=frame["bytes"].astype(float))
    found = frame.groupby(["label", "scenario", "temperature"], as_index=False, sort=False)[["bytes", "log"]].mean()
    return found.assign(seconds=np.exp(found["log"]) / 1e9, rate=1e9 / np.exp(found["log"])).drop(columns="log")


def _line(points: pd.DataFrame) -> tuple[float, float] | None:
    """Return the seconds of a request and of each byte."""
    if len(points) < 2:
        return None
    ordered = points.sort_values("bytes")
    first, last = ordered.iloc[0], ordered.iloc[-1]
    if last["bytes"] <= first["bytes"]:
        return None
    each = max(0.0, float((last["seconds"] - first["seconds"]) / (last["bytes"] - first["bytes"])))
    return max(1e-9, float(first["seconds"] - each * first["bytes"])), each


def _describe_roofs(lines: Mapping[str, tuple[float, float]], roofs: Mapping[str, tuple[str, str]]) -> str:
    parts = [
        f"{roofs[label][0]} costs {formatting.duration(a)} for a request "
        f"and {formatting.duration(b * 1e6)} for a megabyte"
        for label, (a, b) in lines.items()
    ]
    return "; ".join(parts) + "."


def layers(cells: pd.DataFrame, final: str, *, scenario: str = "page") -> pd.DataFrame:
    """Return where a hit and a miss of *final* go, in milliseconds.

    A row for each temperature; columns label, temperature, socket (bare WSGI), store (what one GET, or one query, adds
    to it) and rest (what is left: routing, authentication, Django where a miss reaches it, caching the answer).

    Raises:
        UsageError: a lower bound or *final* was not measured for *scenario*.
    """
    points = select_measured(cells)
    points = points[points["scenario"] == scenario]
    seconds: dict[Any, float] = {(row.label, row.temperature): row.seconds for row in points.itertuples()}
    rows = []
    bare_label, stores = _find_layers()
    for temperature, store in stores.items():
        needed = ((bare_label, "cold"), (final, temperature))
        floor = seconds.get((store, temperature), seconds.get((store, "cold")))
        missing = [label for label, t in needed if (label, t) not in seconds]
        if missing or floor is None:
            raise UsageError(f"{(missing or [store])[0]!r} was not measured for {scenario!r}: run benchmarks/limits.py")
        bare, whole = (1e3 * seconds[one] for one in needed)
        parts = {"socket": bare, "store": 1e3 * floor - bare, "rest": whole - 1e3 * floor}
        rows.append({"label": final, "temperature": temperature, **parts})
    return pd.DataFrame(rows)


def _find_layers() -> tuple[str, dict[str, str]]:
    """Return the label of the lowest bound, and of the others by temperature."""
    bounds = list_lower_bounds()
    if not bounds:
        raise UsageError("no installed catalog declares lower bounds: give it `lower_bounds`")
    return bounds[0].label, {bound.temperature: bound.label for bound in bounds if bound.temperature}

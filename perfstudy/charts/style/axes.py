"""Axes of times, factors and counts, with their ticks in words."""

from collections.abc import Callable, Iterable
from functools import partial
from itertools import pairwise
from math import ceil, floor, isfinite, isnan, log10
from typing import Any, Literal

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from perfstudy.charts import text as texts
from perfstudy.charts.style.layout import figure_size
from perfstudy.formatting import clock, count, tick
from perfstudy.model.palette import GRID

Which = Literal["x", "y"]


def times(axes: Axes, which: Which = "x") -> None:
    """Make an axis of times in seconds logarithmic, its ticks in words."""
    _logarithmic(axes, which, clock)


def ratios(axes: Axes, which: Which = "x") -> None:
    """Make an axis of factors logarithmic, its ticks as ``2×``."""
    _logarithmic(axes, which, lambda value: f"{tick(value)}×")


def counts(axes: Axes, which: Which = "x") -> None:
    """Make an axis of counts logarithmic, its ticks as ``5 k``, ``1 M``."""
    _logarithmic(axes, which, count)


def _logarithmic(axes: Axes, which: Which, words: Callable[[float], str]) -> None:
    """Make an axis logarithmic, with as many ticks as there is room for."""
    (axes.set_xscale if which == "x" else axes.set_yscale)("log")
    axis = axes.xaxis if which == "x" else axes.yaxis
    low, high = sorted(axis.get_view_interval())
    box, sheet = axes.get_position(), axes.figure.get_size_inches()  # type: ignore[union-attr]
    inches = box.width * sheet[0] if which == "x" else box.height * sheet[1]
    points = figure_size(sheet[0], -1)
    sizes = partial(_measure_label, words, points, which)
    axis.set_major_locator(FixedLocator(choose_ticks(low, high, inches, sizes)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: words(value)))
    axis.set_minor_locator(NullLocator())


def _measure_label(words: Callable[[float], str], points: float, which: Which, value: float) -> float:
    """Return the inches that the label of a tick takes along its axis, with a gap."""
    return texts.inches(words(value), points) + GAP if which == "x" else 2.5 * points / 72


GAP = 0.12
"""Inches between the labels of two ticks, at least."""
MOST = 9
"""More ticks than this are a ruler."""
STEPS: tuple[tuple[float, ...], ...] = (
    tuple(1 + i / 20 for i in range(180)),
    tuple(1 + i / 10 for i in range(90)),
    tuple(1 + i / 5 for i in range(45)),
    tuple(1 + i / 2 for i in range(18)),
    (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0),
    (1.0, 1.5, 2.0, 3.0, 5.0, 7.0),
    (1.0, 2.0, 5.0),
    (1.0, 3.0),
    (1.0,),
)
"""Ticks of a decade, the finest first."""


def choose_ticks(low: float, high: float, inches: float, size: Callable[[float], float]) -> list[float]:
    """Return the finest round ticks of a logarithmic axis whose labels stay apart.

    The axis goes from *low* to *high* and is so many *inches* long; *size* returns the inches of a tick's label.
    """
    every = [_list_ticks(steps, low, high) for steps in STEPS]
    for ticks in every:
        if 2 <= len(ticks) <= MOST and _stay_apart(ticks, low, high, inches, size):
            return ticks
    several = [ticks for ticks in every if len(ticks) > 1]
    return _thin(several[-1] if several else every[0], low, high, inches, size)


def _list_ticks(steps: Iterable[float], low: float, high: float) -> list[float]:
    decades = range(floor(log10(low)), ceil(log10(high)) + 1)
    every = [float(f"{step:.4g}e{decade}") for decade in decades for step in steps]
    return [value for value in every if low <= value <= high]


def _stay_apart(ticks: list[float], low: float, high: float, inches: float, size: Callable[[float], float]) -> bool:
    decade = inches / log10(high / low)
    return all(decade * log10(after / before) >= (size(before) + size(after)) / 2 for before, after in pairwise(ticks))


def _thin(ticks: list[float], low: float, high: float, inches: float, size: Callable[[float], float]) -> list[float]:
    """Return every second, third … of *ticks*, so that their labels stay apart."""
    for step in range(2, len(ticks)):
        if _stay_apart(ticks[::step], low, high, inches, size):
            return ticks[::step]
    return ticks[:1]


def set_linear(axis: Axis, words: Callable[[float], str], ticks: int = 5) -> None:
    """Give a linear axis a few ticks, written by *words*."""
    axis.set_major_locator(MaxNLocator(ticks, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: words(value)))


def grid(axes: Axes, axis: Literal["x", "y", "both"] = "x") -> None:
    """Draw faint lines at the ticks of an axis."""
    axes.grid(True, axis=axis, color=GRID, alpha=0.35, linewidth=0.6)


REACH = 3.0
"""Intervals may lengthen an axis beyond what is measured by this factor at each end, or by the range of that."""


def hold(axes: Axes, points: Iterable[float], ends: Iterable[float], pad: float = 0.04) -> None:
    """Set the limits of a logarithmic x axis around points and intervals.

    An interval that is far wider than what it is around would leave no room for *points*, so *ends* count up to a
    limit; :func:`interval` draws an arrow there.
    """
    found = _keep_positive(points) or [1.0]
    low, high = min(found), max(found)
    reach = max(REACH, high / low)
    spread(axes, [low, high, *(min(max(end, low / reach), high * reach) for end in _keep_positive(ends))], pad)


def interval(axes: Axes, low: float, high: float, y: float, **line: Any) -> None:
    """Draw an interval at *y*, with an arrow at an end that lies beyond the axis."""
    if isnan(low) or isnan(high):
        return
    left, right = axes.get_xlim()
    axes.plot([max(low, left), min(high, right)], [y, y], **line)
    for beyond, end, marker in ((low < left, left, "<"), (high > right, right, ">")):
        if beyond:
            axes.plot([end], [y], marker=marker, markersize=6, clip_on=False, **{**line, "linewidth": 0})


def _keep_positive(values: Iterable[float]) -> list[float]:
    return [float(value) for value in values if isfinite(value) and value > 0]


def spread(axes: Axes, values: Iterable[float], pad: float = 0.06) -> None:
    """Set the limits of a logarithmic x axis around *values*."""
    finite = _keep_positive(values)
    low, high = (min(finite), max(finite)) if finite else (0.5, 2.0)
    if high / low < 1.2:
        low, high = low / 1.1, high * 1.1
    room = (high / low) ** pad
    axes.set_xlim(low / room, high * room)

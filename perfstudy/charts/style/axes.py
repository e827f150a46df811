"""Axes of times, factors and counts, with their ticks in words."""

from collections.abc import Callable, Iterable
from math import isfinite, log10
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from perfstudy.charts.style.palette import GRID
from perfstudy.formatting import clock, count, tick

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
    box = axes.get_position()
    width, height = axes.figure.get_size_inches()  # type: ignore[union-attr]
    inches = box.width * width if which == "x" else 1.6 * box.height * height
    decade = inches / log10(high / low)
    subs = next(subs for room, subs in TICKS if decade >= room)
    axis.set_major_locator(LogLocator(subs=subs, numticks=20))
    axis.set_major_formatter(FuncFormatter(lambda value, _: words(value)))
    axis.set_minor_locator(NullLocator())


TICKS = (
    (6.0, (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0)),
    (3.4, (1.0, 1.5, 2.0, 3.0, 5.0, 7.0)),
    (1.5, (1.0, 2.0, 5.0)),
    (0.9, (1.0, 3.0)),
    (0.0, (1.0,)),
)
"""Inches that a decade has, and the ticks for which that is room."""


def set_linear(axis: Axis, words: Callable[[float], str], ticks: int = 5) -> None:
    """Give a linear axis a few ticks, written by *words*."""
    axis.set_major_locator(MaxNLocator(ticks, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: words(value)))


def grid(axes: Axes, axis: Literal["x", "y", "both"] = "x") -> None:
    """Draw faint lines at the ticks of an axis."""
    axes.grid(True, axis=axis, color=GRID, alpha=0.35, linewidth=0.6)


def spread(axes: Axes, values: Iterable[float], pad: float = 0.06) -> None:
    """Set the limits of a logarithmic x axis around *values*."""
    finite = [v for v in values if isfinite(v) and v > 0]
    low, high = (min(finite), max(finite)) if finite else (0.5, 2.0)
    if high / low < 1.2:
        low, high = low / 1.1, high * 1.1
    room = (high / low) ** pad
    axes.set_xlim(low / room, high * room)

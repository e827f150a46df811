"""Draw what a page looks like while it loads, and how long its keys wait."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.image
import numpy as np

from perfstudy import formatting
from perfstudy.charts import style
from perfstudy.charts.style import Chart
from perfstudy.errors import UsageError

STILLS = 5
"""The moments of a filmstrip."""
Film = Sequence[tuple[float, bytes]]
"""Frames of a page: seconds after navigation, and a PNG."""
Keys = Sequence[tuple[float, float]]
"""Keys of a page: seconds of each press and of its paint, after the first press."""


def filmstrip(films: Mapping[str, Film], *, width: float = style.WIDE) -> Chart:
    """Draw each page of *films* at the same moments of its loading.

    Raises:
        UsageError: a page has no frame.
    """
    if not films or not all(films.values()):
        raise UsageError("a filmstrip needs a frame of each page: film them again")
    moments = np.linspace(0, max(film[-1][0] for film in films.values()), STILLS + 1)[1:]
    each = (width - 2 * style.MARGIN) / STILLS
    high = each * 800 / 1280 + 0.42
    chart, top = style.sheet(width, high * len(films) + 0.1, "The page while it loads", "Filmstrip")
    whole = chart.get_size_inches()[1]
    for row, (name, film) in enumerate(films.items()):
        style.heading(chart, top + row * high, name)
        for column, moment in enumerate(moments):
            bottom = 1 - (top + (row + 1) * high - 0.1) / whole
            place = ((style.MARGIN + column * each) / width, bottom, 0.96 * each / width, (high - 0.42) / whole)
            _still(chart.add_axes(place), film, float(moment))
    ends = "; ".join(f"{name}: {formatting.duration(film[-1][0])}" for name, film in films.items())
    return style.finish(chart, f"Each row is a page at the same moments. Its last change was painted after: {ends}.")


def _still(axes: Any, film: Film, moment: float) -> None:
    axes.set(xticks=[], yticks=[])
    shown = [png for seconds, png in film if seconds <= moment]
    if shown:
        axes.imshow(matplotlib.image.imread(io.BytesIO(shown[-1])), aspect="auto")
    axes.set_title(formatting.duration(moment), fontsize=7, color=style.FAINT, pad=2)


def keys(pressed: Mapping[str, Keys], *, width: float = style.WIDE) -> Chart:
    """Draw for each page of *pressed* how long each key waits for its paint.

    Raises:
        UsageError: a page has no key.
    """
    if not pressed or not all(pressed.values()):
        raise UsageError("a timeline needs a key of each page: type again")
    chart, top = style.sheet(width, 1.3 * len(pressed) + 0.5, "Keys, from press to paint", "Timeline")
    end = max(painted for one in pressed.values() for _, painted in one)
    for row, (name, one) in enumerate(pressed.items()):
        style.heading(chart, top + row * 1.3, name)
        axes = style.area(chart, style.MARGIN, top + row * 1.3 + 0.3, style.MARGIN, 0.7)
        for number, (press, painted) in enumerate(one):
            axes.barh(-number, painted - press, left=press, height=0.7, color=style.BLUE)
        axes.set(xlim=(0, end * 1.02), yticks=[])
        style.grid(axes, "x")
    axes.set_xlabel("seconds after the first key", color=style.FAINT, fontsize=style.figure_size(width, -0.5))
    worst = "; ".join(
        f"{name}: {formatting.duration(max(painted - press for press, painted in one))}"
        for name, one in pressed.items()
    )
    return style.finish(chart, f"Each bar is a key, from its press to its paint. The longest: {worst}.")

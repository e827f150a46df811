"""How every chart looks: colours, names, numbers in words, and the sheet that a chart is drawn on.

Colours are Okabe and Ito's (https://jfly.uni-koeln.de/color/, 2008), which stay apart in every common kind of
colour blindness; no chart tells things apart by colour alone. Text and lines are greys that can be read on white and
on black, on a transparent ground; in SVG they become the page's own variables, so that a page may set them.

Nothing here touches pyplot or the global settings of matplotlib, so charts can be made in any thread.
"""

import io
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import isfinite, log10
from threading import Lock
from typing import Any, Literal

import matplotlib
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from perfstudy.charts import text as texts
from perfstudy.formatting import clock, count, tick
from perfstudy.model.labels import describe, factors_of, is_control, known_factors

WIDE = 6.6
"""Inches: the width of a chart in a notebook or on a page."""
NARROW = 3.8
"""Inches: the width of a chart on a phone, where it is shown at its own size."""

INK = "#757677"
"""Text that must be read."""
FAINT = "#7c7d7e"
"""Text that may be read."""
GRID = "#9a9b9c"
"""Lines behind the data."""

BLUE, SKY, GREEN = "#0072b2", "#56b4e9", "#009e73"
ORANGE, PURPLE, VERMILION, YELLOW = "#e69f00", "#cc79a7", "#d55e00", "#f0e442"
GREY = "#808182"
"""The baseline, and what is not judged."""

PALETTE = (BLUE, SKY, GREEN, ORANGE, PURPLE, VERMILION)
"""By study order."""
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "h")
DASHES: tuple[Any, ...] = ("-", (0, (5, 1.5)), (0, (6, 1.5, 1.5, 1.5)))
WARM_DASH: Any = (0, (1.3, 1))
"""Warm is dotted where cold is drawn through, and hollow where cold is filled."""


def colour_of(factor: str) -> str:
    """Return the colour of a factor, the same in every chart; grey for one that no catalog knows.

    The first ones have a colour each; the others begin anew, and differ by marker from what they stand beside.
    """
    known = known_factors()
    return PALETTE[known.index(factor) % len(PALETTE)] if factor in known else GREY


VERDICTS: Mapping[str, tuple[str, str]] = {
    "supported": (GREEN, "o"),
    "exceeded": (BLUE, "^"),
    "fell short": (ORANGE, "v"),
    "refuted": (VERMILION, "X"),
    "inconclusive": (GREY, "D"),
    "not testable here": (GREY, "s"),
    "invalid": (GREY, "P"),
}
"""Colour and marker of each verdict; the word always stands beside them."""

_VARIABLES = {INK: "--ink", FAINT: "--faint", GRID: "--grid"}
_saving = Lock()

Which = Literal["x", "y"]


class Chart(Figure):
    """A figure with a sentence that says what to see; it displays in a notebook without any backend.

    ``kind`` names the sort of chart, ``caption`` says what the data show, ``alt`` is both.
    """

    kind: str = "Chart"
    caption: str = ""

    @property
    def alt(self) -> str:
        """The text for those who do not see the image."""
        return f"{self.kind}. {self.caption}".strip()

    def draw(self, renderer: Any) -> None:
        """Draw the figure, its texts letter by letter, those of ticks that were made meanwhile too."""
        texts.literal(self)
        super().draw(renderer)

    def png(self, dpi: int = 180) -> bytes:
        """Return the image on a transparent ground."""
        file = io.BytesIO()
        self.savefig(file, format="png", dpi=dpi, transparent=True)
        return file.getvalue()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict[str, Any], dict[str, Any]]:
        """Display in a notebook, with the alternative text, whether or not a backend of matplotlib is active."""
        width, height = (round(96 * inches) for inches in self.get_size_inches())
        described = {"width": width, "height": height, "alt": self.alt}
        return {"image/png": self.png(), "text/plain": repr(self)}, {"image/png": described}

    def svg(self, key: str) -> str:
        """Return an ``<svg>`` element for a page: no references, ids of its own, greys as the page's variables.

        *key* keeps its ids apart from those of the page's other charts.
        """
        file = io.StringIO()
        # The settings of the writer are global, and read while it writes.
        with _saving, matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": key, "svg.image_inline": True}):
            self.savefig(
                file, format="svg", dpi=160, transparent=True, metadata={"Date": None, "Creator": None, "Type": None}
            )
        return _inline(file.getvalue(), self.alt)


def _inline(svg: str, alt: str) -> str:
    from html import escape

    body = svg[svg.index("<svg") :]
    opening, body = body.split(">", 1)
    box = re.search(r'viewBox="([^"]+)"', opening)
    assert box is not None
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    wanted = set(re.findall(r"(?:url\(#|href=\"#)([^)\"]+)", body))
    body = re.sub(r' id="([^"]*)"', lambda m: m.group(0) if m.group(1) in wanted else "", body)
    body = re.sub(r"\n\s*", "\n", re.sub(r"<!--.*?-->", "", body, flags=re.DOTALL)).replace("xlink:href", "href")
    for colour, variable in _VARIABLES.items():
        body = body.replace(colour, f"var({variable},{colour})")
    return f'<svg viewBox="{box.group(1)}" role="img" aria-label="{escape(alt, quote=True)}">{body.strip()}'


# Names


def series_name(label: str, temperature: str, both: bool) -> str:
    """Return the name of a label at a temperature, which is said only where *both* temperatures occur."""
    return f"{describe(label)}, {temperature}" if both else describe(label)


@dataclass(frozen=True)
class Style:
    """How one series is drawn; two series of a chart never share all three."""

    colour: str
    marker: str
    dash: Any


def choose_style(labels: Iterable[str]) -> dict[str, Style]:
    """Return a look for each label: the colour of its last optimization, or a free one where that is taken."""
    found: dict[str, Style] = {}
    taken: list[str] = []
    distinct = list(dict.fromkeys(labels))
    owned = {_own(label) for label in distinct}
    for place, label in enumerate(distinct):
        wanted = _own(label)
        spare = [c for c in PALETTE if c not in owned and c not in taken]
        colour = wanted if wanted not in taken or is_control(label) or not spare else spare[0]
        dash = DASHES[taken.count(colour) % len(DASHES)]
        taken.append(colour)
        found[label] = Style(colour, MARKERS[place % len(MARKERS)], dash)
    return found


def _own(label: str) -> str:
    """The colour of a label's last optimization; grey for the baseline and its control."""
    return colour_of(factors_of(label)[-1]) if factors_of(label) else GREY


def change(text: str) -> str:
    """Return a ladder's change as people read it: ``+ related + values``."""
    return " ".join(text.replace("+", " + ").split())


# Axes


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
    """Ticks at 1, 2 and 5 where a decade has room for them, at powers of ten where it has not."""
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


# The sheet


def figure_size(width: float, step: float = 0) -> float:
    """Return the size of text in points: a little smaller on a phone, where nothing is scaled."""
    return (10 if width >= 5 else 9) + step


def wrap(text: str, inches: float, points: float, bold: bool = False) -> str:
    """Return *text* in lines of at most *inches*."""
    return "\n".join(texts.lines(text, inches, points, bold))


MARGIN = 0.12
"""Inches."""


def sheet(width: float, height: float, title: str, kind: str) -> tuple[Chart, float]:
    """Return an empty chart whose drawing area is *height* inches high, and where that begins, from the top."""
    points = figure_size(width, 1)
    heading = wrap(title, width - 2 * MARGIN, points, bold=True)
    head = 0.14 + (heading.count("\n") + 1) * points * 1.3 / 72 + 0.1
    chart = Chart(figsize=(width, head + height), dpi=96)
    chart.kind = kind
    chart.patch.set_alpha(0)
    chart.text(
        MARGIN / width,
        1 - 0.1 / (head + height),
        heading,
        fontsize=points,
        fontweight="bold",
        color=INK,
        va="top",
        linespacing=1.2,
    )
    return chart, head


def heading(chart: Chart, top: float, text: str) -> None:
    """Write the name of a group of rows, *top* inches from the chart's upper edge."""
    width, whole = chart.get_size_inches()
    chart.text(
        MARGIN / width,
        1 - (top + 0.05) / whole,
        text,
        va="top",
        color=INK,
        fontsize=figure_size(width),
        fontweight="bold",
    )


def area(chart: Chart, left: float, top: float, right: float, height: float) -> Axes:
    """Return axes placed by inches: margins *left* and *right*, *top* from the chart's upper edge."""
    width, whole = chart.get_size_inches()
    axes = chart.add_axes((left / width, 1 - (top + height) / whole, (width - left - right) / width, height / whole))
    axes.patch.set_alpha(0)
    for side, spine in axes.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color(GRID)
        spine.set_linewidth(0.8)
    axes.tick_params(colors=FAINT, labelsize=figure_size(width, -1), color=GRID, length=3, width=0.8)
    axes.set_axisbelow(True)
    return axes


def grid(axes: Axes, axis: Literal["x", "y", "both"] = "x") -> None:
    """Draw faint lines at the ticks of an axis."""
    axes.grid(True, axis=axis, color=GRID, alpha=0.35, linewidth=0.6)


FOOT = 0.58


def rows(
    width: float, count: int, title: str, kind: str, label: str, row: float = 0.52, foot: float = FOOT
) -> tuple[Chart, Axes]:
    """Return a chart of horizontal rows, row i centred at y = i, row 0 at the top; *label* names the x axis.

    A row's name stands above its data (see ``row_name``), which leaves the whole width to them on a phone.
    """
    height = count * row
    chart, top = sheet(width, height + foot, title, kind)
    axes = area(chart, 0.24, top, 0.24, height)
    axes.set_ylim(count - 0.5, -0.5)
    axes.set_yticks([])
    axes.set_xlabel(label, color=FAINT, fontsize=figure_size(width, -0.5))
    return chart, axes


def row_name(axes: Axes, y: float, text: str, value: str = "", rise: float = 0.3) -> None:
    """Write the name of a row above its data, and its value at the right; the name is cut where both do not fit."""
    width = axes.figure.get_size_inches()[0]  # type: ignore[union-attr]
    where = axes.get_yaxis_transform()
    fits = int(axes.get_position().width * width * 72 / (figure_size(width, -0.5) * 0.57) - 1.15 * len(value)) - 2
    text = cut(text, fits)
    axes.text(0, y - rise, text, transform=where, color=INK, fontsize=figure_size(width, -0.5), va="center", ha="left")
    if value:
        axes.text(
            1,
            y - rise,
            value,
            transform=where,
            color=INK,
            fontsize=figure_size(width, -0.5),
            va="center",
            ha="right",
            fontweight="bold",
        )


def cut(text: str, fits: int) -> str:
    """Shorten *text* to *fits* characters, a list of optimizations to its ends, anything else in its middle."""
    if len(text) <= fits:
        return text
    parts = text.split(" + ")
    ends = f"{parts[0]} + … + {parts[-1]}"
    if len(parts) > 2 and len(ends) <= fits:
        return ends
    tail = fits // 3
    return f"{text[: fits - tail - 1]}…{text[-tail:]}"


def mark(axes: Axes, x: float, y: float) -> None:
    """Draw the line of no difference through the data of a row, and leave its name free."""
    axes.plot([x, x], [y - 0.12, y + 0.48], color=INK, linewidth=1, zorder=1)


def spread(axes: Axes, values: Iterable[float], pad: float = 0.06) -> None:
    """Set the limits of a logarithmic x axis around *values*, with a share *pad* of room at both ends."""
    finite = [v for v in values if isfinite(v) and v > 0]
    low, high = (min(finite), max(finite)) if finite else (0.5, 2.0)
    if high / low < 1.2:
        low, high = low / 1.1, high * 1.1
    room = (high / low) ** pad
    axes.set_xlim(low / room, high * room)


def legend(axes: Axes, below: float, columns: int = 1, **more: Any) -> None:
    """Put the legend *below* inches under the axes, so that it never covers data."""
    width, whole = axes.figure.get_size_inches()  # type: ignore[union-attr]
    height = axes.get_position().height * whole
    found = axes.legend(
        loc="upper left",
        bbox_to_anchor=(0, -below / height),
        ncol=columns,
        frameon=False,
        fontsize=figure_size(width, -1),
        labelcolor=INK,
        borderaxespad=0,
        borderpad=0,
        columnspacing=1.2,
        **{"handlelength": 2.2, **more},
    )
    found.set_zorder(5)


def finish(chart: Chart, caption: str) -> Chart:
    """Give the chart its sentence, and its texts their font."""
    chart.caption = caption
    texts.literal(chart)
    return chart

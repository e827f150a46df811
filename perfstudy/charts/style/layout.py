"""Lay out a chart: heading, areas, rows and legend, placed by inches."""

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes

from perfstudy.charts import text as texts
from perfstudy.charts.style.chart import Chart
from perfstudy.model.palette import FAINT, GRID, INK

WIDE = 6.6
"""Inches: the width of a chart in a notebook or on a page."""
NARROW = 3.8
"""Inches: the width of a chart on a phone, where it is shown at its own size."""
SYMBOL = 6
"""Letters whose room a legend's symbol takes, with the space after it."""


def figure_size(width: float, step: float = 0) -> float:
    """Return the size of text in points, smaller on a phone."""
    return (10 if width >= 5 else 9) + step


def wrap(text: str, inches: float, points: float, bold: bool = False) -> str:
    """Return *text* in lines of at most *inches*."""
    return "\n".join(texts.lines(text, inches, points, bold))


MARGIN = 0.12
"""Inches."""


def sheet(width: float, height: float, title: str, kind: str) -> tuple[Chart, float]:
    """Return an empty chart and where its drawing area begins, from the top."""
    points = figure_size(width, 1)
    heading = wrap(title, width - 2 * MARGIN, points, bold=True)
    head = 0.14 + (heading.count("\n") + 1) * points * 1.3 / 72 + 0.1
    chart = Chart(figsize=(width, head + height), dpi=96)
    chart.kind = kind
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
    """Return axes placed by inches from the chart's edges."""
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


FOOT = 0.58


def rows(
    width: float, count: int, title: str, kind: str, label: str, row: float = 0.52, foot: float = FOOT
) -> tuple[Chart, Axes]:
    """Return a chart of horizontal rows, row i centred at y = i.

    *label* names the x axis.

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
    """Write the name of a row above its data, and its value at the right."""
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
    """Shorten *text* to *fits* characters, in its middle."""
    if len(text) <= fits:
        return text
    parts = text.split(" + ")
    ends = f"{parts[0]} + … + {parts[-1]}"
    if len(parts) > 2 and len(ends) <= fits:
        return ends
    tail = fits // 3
    return f"{text[: fits - tail - 1]}…{text[-tail:]}"


def mark(axes: Axes, x: float, y: float) -> None:
    """Draw the line of no difference through the data of a row."""
    axes.plot([x, x], [y - 0.12, y + 0.48], color=INK, linewidth=1, zorder=1)


def fit_legend(names: Sequence[str], width: float) -> tuple[int, list[str]]:
    """Return the columns of a legend that fits *width* inches, and its names, cut."""
    letters = int((width - 0.9) * 72 / (figure_size(width, -1) * 0.57))
    longest = max(map(len, names), default=0)
    columns = 2 if width >= 5 and 2 * (longest + SYMBOL) <= letters else 1
    return columns, [cut(name, letters // columns - SYMBOL) for name in names]


def measure_legend(entries: int, columns: int) -> float:
    """Return the inches that a legend takes under the axes, with their labels."""
    return 0.62 + 0.19 * -(-entries // columns)


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

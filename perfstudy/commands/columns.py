"""Put the verdicts of as many places side by side as there is room for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from rich.text import Text

from perfstudy import formatting
from perfstudy.model.control_characters import escape_controls
from perfstudy.model.quantity import QUANTITIES

MOST_PLACES = 3
"""Places that have a column, however wide the terminal is."""
GAP = "  "

STYLES: Mapping[str, str] = {
    "supported": "green",
    "exceeded": "blue",
    "fell short": "yellow",
    "ruled out": "magenta",
    "refuted": "red",
    "faster": "green",
    "equivalent": "blue",
    "slower": "red",
}
"""The colour of each word; the others have none."""


def claim_cell(row: Mapping[str, Any]) -> str:
    """Return what the claim of a verdict's *row* says, in short."""
    return formatting.claimed_range(row["claimed_low"], row["claimed_high"], QUANTITIES[row["quantity"]].less)


@dataclass(frozen=True)
class Cell:
    """A measured ratio with its interval, and the word of its verdict."""

    speedup: float
    low: float
    high: float
    word: str


@dataclass(frozen=True)
class Line:
    """What one line says: its *names*, and a cell by place."""

    names: tuple[str, ...]
    cells: dict[str, Cell]


@dataclass(frozen=True)
class _Layout:
    """How many places have a column, and what is shown beside each verdict."""

    places: int
    whole: bool
    """Whether the ratio stands before its interval."""
    symbols: Mapping[str, str]


def fit_columns(
    heads: tuple[str, ...], places: Sequence[str], lines: Sequence[Line], symbols: Mapping[str, str], width: int
) -> tuple[list[Text], tuple[str, ...]]:
    """Return *lines* under *heads* and *places*, and the places that have no column.

    The first layout that *width* has room for is taken: with fewer and fewer places, and of each place first with the
    ratio and a symbol, then with the interval alone. Where none fits, the last one is.
    """
    if not lines:
        return [], ()
    layouts = [
        _Layout(count, whole, marks)
        for count in range(min(MOST_PLACES, len(places)), 0, -1)
        for whole, marks in ((True, symbols), (False, symbols), (False, {}))
    ] or [_Layout(0, True, symbols)]
    for layout in layouts:
        fitted = _lay_out(heads, places, lines, layout)
        if max(map(len, fitted)) <= width:
            break
    return fitted, tuple(places[layout.places :])


def _lay_out(heads: tuple[str, ...], places: Sequence[str], lines: Sequence[Line], layout: _Layout) -> list[Text]:
    columns = [
        [Text(head, "bold"), *(Text(escape_controls(line.names[at])) for line in lines)]
        for at, head in enumerate(heads)
    ]
    columns += [_column(place, lines, layout) for place in places[: layout.places]]
    widths = [max(map(len, column)) for column in columns]
    return [_join(row, widths) for row in zip(*columns, strict=True)]


def _column(place: str, lines: Sequence[Line], layout: _Layout) -> list[Text]:
    cells = [line.cells.get(place) for line in lines]
    measured = [_measured(cell, layout.whole) if cell else "" for cell in cells]
    width = max(map(len, measured), default=0)
    head = place if layout.whole else f"{place}, 95% interval"
    return [
        Text(escape_controls(head), "bold"),
        *(_cell(cell, text.ljust(width), layout) for cell, text in zip(cells, measured, strict=True)),
    ]


def _measured(cell: Cell, whole: bool) -> str:
    if not isfinite(cell.speedup):
        return ""
    if whole or not (isfinite(cell.low) and isfinite(cell.high)):
        return formatting.factor_with_interval(cell.speedup, cell.low, cell.high)
    return f"{formatting.factor(cell.low)}–{formatting.factor(cell.high)}"


def _cell(cell: Cell | None, measured: str, layout: _Layout) -> Text:
    if cell is None:
        return Text("")
    symbol = layout.symbols.get(cell.word, "")
    return Text.assemble(measured, " ", (f"{symbol} {cell.word}".strip(), STYLES.get(cell.word, "")))


def _join(row: Sequence[Text], widths: Sequence[int]) -> Text:
    line = Text()
    for text, width in zip(row, widths, strict=True):
        line.append_text(text)
        line.append(" " * (width - len(text)) + GAP)
    line.rstrip()
    return line

"""Declare the parts of a report as data, for the template."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from perfstudy.charts import Chart, style
from perfstudy.model.table import Table


@dataclass(frozen=True)
class Figure:
    """A chart in two widths, of which a page shows one, and its caption."""

    key: str
    wide: str
    narrow: str
    caption: str
    kind: str = "figure"


@dataclass(frozen=True)
class TablePart:
    """A table under the anchor *key*; its first column names the row."""

    key: str
    table: Table
    kind: str = "table"


@dataclass(frozen=True)
class Verdict:
    """One line of the verdict table, as text."""

    where: str
    speedup: str
    interval: str
    times: str
    floor: str
    published: str
    verdict: str
    indicative: bool
    reason: str


@dataclass(frozen=True)
class Claim:
    """A claim with its lines."""

    id: str
    quote: str
    source: str
    claimed: str
    about: str
    lines: Sequence[Verdict]


@dataclass(frozen=True)
class Verdicts:
    """The table of verdicts, a group of rows for each claim."""

    caption: str
    claims: Sequence[Claim]
    kind: str = "verdicts"


@dataclass(frozen=True)
class Text:
    """A paragraph."""

    text: str
    kind: str = "text"


@dataclass(frozen=True)
class Code:
    """Text to be read or copied, folded away under *summary* if given."""

    text: str
    summary: str = ""
    kind: str = "code"


@dataclass(frozen=True)
class Heading:
    """A heading within a section."""

    text: str
    kind: str = "heading"


Part = Figure | TablePart | Verdicts | Text | Code | Heading


@dataclass(frozen=True)
class Section:
    """A section; *key* is its anchor, *short* its name in the contents."""

    key: str
    title: str
    short: str
    parts: Sequence[Part] = field(default_factory=tuple)


def figure(key: str, draw: Callable[..., Chart], *data: Any, **where: Any) -> Figure:
    """Draw a chart of *data* at both widths."""
    wide, narrow = (draw(*data, **where, width=width) for width in (style.WIDE, style.NARROW))
    return Figure(key, wide.svg(f"{key}-wide"), narrow.svg(f"{key}-narrow"), wide.caption)


def table(key: str, title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], numeric: str = "") -> TablePart:
    """Return a table; *numeric* has an ``n`` for each column of numbers."""
    found = [dict(zip(columns, row, strict=True)) for row in rows]
    numbers = frozenset(name for name, letter in zip(columns, numeric, strict=False) if letter == "n")
    return TablePart(key, Table(found, title, tuple(columns), numbers))

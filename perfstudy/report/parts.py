"""The parts of a report as data, which the template turns into HTML: figures, tables, paragraphs."""

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
    """One line of the verdict table, all of it text but the verdict's word, which has a symbol of its own."""

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
    """Text to be read or copied as it is; folded away under *summary* where there is one."""

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
    """A section of the report; its *key* is the anchor, *short* its name in the contents."""

    key: str
    title: str
    short: str
    parts: Sequence[Part] = field(default_factory=tuple)


def figure(key: str, draw: Callable[..., Chart], *data: Any, **where: Any) -> Figure:
    """Draw a chart of *data* at both widths."""
    wide, narrow = (draw(*data, **where, width=width) for width in (style.WIDE, style.NARROW))
    return Figure(key, wide.svg(f"{key}-wide"), narrow.svg(f"{key}-narrow"), wide.caption)


def table(key: str, title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], numeric: str = "") -> TablePart:
    """Return a table; *numeric* has an ``n`` for each column of numbers and any other letter for the rest."""
    found = [dict(zip(columns, row, strict=True)) for row in rows]
    numbers = frozenset(name for name, letter in zip(columns, numeric, strict=False) if letter == "n")
    return TablePart(key, Table(found, title, tuple(columns), numbers))

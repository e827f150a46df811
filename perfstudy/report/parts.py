"""Declare the parts of a report as data, for the template."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from perfstudy.charts import Chart, style
from perfstudy.model.table import Table


@dataclass(frozen=True)
class Figure:
    """A chart in two widths, of which a page shows one, and its caption.

    Without *narrow*, the one drawing serves at every width.
    """

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
class Judged:
    """A claim in one row: a verdict for each column, None where it has none."""

    id: str
    quote: str
    claimed: str
    verdicts: Sequence[Verdict | None]


@dataclass(frozen=True)
class ClaimTable:
    """The claims, a row each; *columns* names the places of the verdicts."""

    caption: str
    columns: Sequence[str]
    claims: Sequence[Judged]
    kind: str = "claims"


@dataclass(frozen=True)
class Tally:
    """How often each verdict occurs."""

    counts: Sequence[tuple[str, int]]
    kind: str = "tally"


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


@dataclass(frozen=True)
class Fold:
    """Parts that are folded away under *summary*."""

    summary: str
    parts: Sequence["Part"]
    kind: str = "fold"


Part = Figure | TablePart | Verdicts | ClaimTable | Tally | Text | Code | Heading | Fold


@dataclass(frozen=True)
class Section:
    """A section; *key* is its anchor, *short* its name in the contents."""

    key: str
    title: str
    short: str
    parts: Sequence[Part] = field(default_factory=tuple)
    folded: bool = True


@dataclass(frozen=True)
class FirstScreen:
    """What a report opens with: the answer, more about it, and what to do."""

    sentence: str
    parts: Sequence[Part]
    actions: Sequence[str]
    figures: Sequence[Figure] = ()
    more: str = ""


def figure(key: str, draw: Callable[..., Chart], *data: Any, **where: Any) -> Figure:
    """Draw a chart of *data* at both widths."""
    wide, narrow = (draw(*data, **where, width=width) for width in (style.WIDE, style.NARROW))
    return Figure(key, wide.svg(f"{key}-wide"), narrow.svg(f"{key}-narrow"), wide.caption)


def small_figure(key: str, draw: Callable[..., Chart], *data: Any, **where: Any) -> Figure:
    """Draw a chart of *data* once, for a place that is narrow on every screen."""
    chart = draw(*data, **where, width=style.NARROW)
    return Figure(key, chart.svg(key), "", chart.caption)


def space(text: str) -> str:
    """Return *text* with spaces around the plus signs of names, so that it can wrap."""
    return re.sub(r"(?<=\w)\+(?=\w)", " + ", text)


def table(key: str, title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], numeric: str = "") -> TablePart:
    """Return a table; *numeric* has an ``n`` for each column of numbers."""
    found = [dict(zip(columns, row, strict=True)) for row in rows]
    numbers = frozenset(name for name, letter in zip(columns, numeric, strict=False) if letter == "n")
    return TablePart(key, Table(found, title, tuple(columns), numbers))

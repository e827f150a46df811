"""Fit tables to the terminal: prose is wrapped, ids and numbers are never broken."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, JustifyMethod
from rich.table import Table as Shown
from rich.text import Text

from perfstudy.commands.wrapping import wrap
from perfstudy.model.control_characters import escape_controls
from perfstudy.model.table import Table

PROSE = 32
"""Letters of the longest cell from which a column may be wrapped at its spaces."""
PIPE = 200
"""Letters in a line of a pipe, at least: it has no width, so that every column is shown whole."""
GAP = 2
"""Letters between two columns."""


def open_console() -> Console:
    """Return the console, as wide as the terminal or as a pipe is taken to be."""
    console = Console()
    return console if console.is_terminal else Console(width=PIPE)


@dataclass(frozen=True)
class Fitted:
    """A table as it is shown in the room that there is.

    Where it does not fit, the rows that are alike in the *groups*, which are columns, come below what they share. The
    *optional* columns are left out, the first ones first, as far as the others need their room. Where even those do not
    fit, each row is shown as lines, a column each.
    """

    table: Table
    optional: Sequence[str] = ()
    groups: Sequence[str] = ()

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator["Text | Shown | Prose"]:
        """Yield the parts, its control characters escaped."""
        table = _escape(self.table)
        room = options.max_width if console.is_terminal else max(options.max_width, _least_width(table))
        groups = [name for name in self.groups if name in table.columns] if _least_width(table) > room else []
        narrow, left_out = _leave_out(_drop(table, groups), self.optional, room)
        if table.title:
            yield Prose(table.title, "italic")
        if _least_width(narrow) > room:
            yield from map(_line, _expand(_drop(table, left_out), room))
        else:
            yield from _lay_out_groups(table, groups, narrow, room)
        if left_out:
            yield Prose(f"not shown for want of room: {', '.join(left_out)}")
        if table.note:
            yield Prose(table.note)


@dataclass(frozen=True)
class Prose:
    """Text that a terminal shows broken between words, and a pipe gets whole."""

    text: str
    style: str = ""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Text]:
        """Yield the lines, their control characters escaped."""
        text = escape_controls(self.text)
        for line in wrap(text, options.max_width) if console.is_terminal else [text]:
            yield _line(line, self.style)


def print_table(table: Table, optional: Sequence[str] = (), groups: Sequence[str] = ()) -> None:
    """Print *table* on the terminal, fitted to its width."""
    open_console().print(Fitted(table, optional, groups), soft_wrap=True)


def _line(text: str, style: str = "") -> Text:
    # As Text, since a string would be read for rich's own marks.
    return Text(text, style, no_wrap=True, overflow="ignore")


def _escape(table: Table) -> Table:
    columns = tuple(map(escape_controls, table.columns))
    rows = [dict(zip(columns, map(escape_controls, cells), strict=True)) for cells in table.cells]
    numeric = frozenset(map(escape_controls, table.numeric))
    return Table(rows, escape_controls(table.title), columns, numeric, escape_controls(table.note))


def _leave_out(table: Table, optional: Sequence[str], room: int) -> tuple[Table, list[str]]:
    """Return *table* without the optional columns that do not fit, and their names."""
    left_out: list[str] = []
    for name in optional:
        if _least_width(table) <= room:
            break
        if name in table.columns:
            left_out.append(name)
            table = _drop(table, [name])
    return table, left_out


def _drop(table: Table, names: Sequence[str]) -> Table:
    return replace(table, columns=tuple(column for column in table.columns if column not in names))


def _columns(table: Table) -> Iterator[tuple[str, list[str]]]:
    """Yield each column's name and its texts, the name among them."""
    cells = list(zip(*table.cells, strict=True)) or [()] * len(table.columns)
    for name, texts in zip(table.columns, cells, strict=True):
        yield name, [name, *texts]


def _natural(texts: Sequence[str]) -> int:
    return max(cell_len(line) for text in texts for line in text.splitlines() or [""])


def _least(texts: Sequence[str]) -> int:
    """Return how narrow a column can be: as its longest word if it is prose."""
    longest = _natural(texts)
    if longest <= PROSE or not any(" " in text for text in texts if cell_len(text) > PROSE):
        return longest
    return min(longest, max(PROSE, *(cell_len(word) for text in texts for word in text.split() or [""])))


def _least_width(table: Table) -> int:
    return sum(_least(texts) + GAP for _, texts in _columns(table)) - GAP


def _share_room(table: Table, room: int) -> list[int]:
    """Return the width of each column; those of prose share what the others leave."""
    columns = [texts for _, texts in _columns(table)]
    widths = [_least(texts) for texts in columns]
    spare = room - _least_width(table)
    wanting = sorted((_natural(texts) - widths[place], place) for place, texts in enumerate(columns))
    for number, (want, place) in enumerate(wanting):
        given = min(want, spare // (len(wanting) - number))
        widths[place] += given
        spare -= given
    return widths


def _lay_out_groups(table: Table, groups: Sequence[str], narrow: Table, room: int) -> Iterator["Text | Shown"]:
    """Yield *table* in the columns of *narrow*, each group below what it shares."""
    widths = _share_room(narrow, room)
    yield _lay_out(replace(narrow, rows=() if groups else table.rows), widths)
    for shared, rows in groupby(table.rows if groups else (), lambda row: [str(row[name]) for name in groups]):
        yield _line(f"\n{', '.join(shared)}", "bold")
        yield _lay_out(replace(narrow, rows=list(rows)), widths, show_header=False)


def _lay_out(table: Table, widths: Sequence[int], *, show_header: bool = True) -> Shown:
    shown = Shown(
        header_style="bold",
        show_header=show_header,
        box=None,
        pad_edge=False,
        padding=(0, GAP, 0, 0),
        collapse_padding=True,
    )
    for name, width in zip(table.columns, widths, strict=True):
        justify: JustifyMethod = "right" if name in table.numeric else "left"
        shown.add_column(Text(name), width=width, overflow="fold", justify=justify)
    for cells in table.cells:
        shown.add_row(*map(Text, cells))
    return shown


def _expand(table: Table, room: int) -> Iterator[str]:
    """Yield the lines of each row, a column each."""
    margin = max(map(cell_len, table.columns)) + 2
    for number, cells in enumerate(table.cells):
        if number:
            yield ""
        for name, text in zip(table.columns, cells, strict=True):
            if text:
                first, *rest = wrap(text, max(room - margin, PROSE))
                if cell_len(first) > room - margin:  # an id: on a line of its own it can be copied
                    yield from (name, first)
                else:
                    yield f"{name:<{margin}}{first}"
                yield from (" " * margin + line for line in rest)

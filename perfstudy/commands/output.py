"""Print lines, tables and progress bars.

Whatever comes out of a store, a file or a server passes through here, where nothing can steer the terminal.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any

from perfstudy import formatting
from perfstudy.commands.bar import StageLines, open_bar
from perfstudy.commands.wrapping import wrap
from perfstudy.errors import unknown
from perfstudy.model.control_characters import CONTROL, escape_all, escape_controls
from perfstudy.model.progress import ProgressLine
from perfstudy.model.table import Table

if TYPE_CHECKING:
    import pandas as pd

Cell = Callable[[Any], str]


def say(line: object, *, error: bool = False) -> None:
    """Print *line*, to stderr if it is an *error* or about the work.

    On a terminal it is broken between words, never in one.
    """
    text, stream = escape_controls(str(line)), sys.stderr if error else sys.stdout
    if stream.isatty() or os.environ.get("FORCE_COLOR"):  # as tables do, which Rich fits
        text = "\n".join(wrap(text, get_terminal_size().columns))
    print(text, file=stream)


def check_format(format: str, formats: Sequence[str]) -> str:
    """Return *format* where it is one of *formats*.

    Raises:
        UsageError: it is none of them.
    """
    if format not in formats:
        raise unknown("format", format, formats)
    return format


def show_table(
    frame: "pd.DataFrame",
    format: str,
    columns: dict[str, Cell] | None = None,
    title: str = "",
    optional: Sequence[str] = (),
    numeric: Sequence[str] = (),
    groups: Sequence[str] = (),
) -> None:
    """Print *frame* whole as ``json`` or ``csv``, or as a ``table``, in Markdown too.

    *columns* are the table's: from a heading to a function of the row. The *optional* ones may be left out of a
    ``table`` for want of room, the *numeric* ones are right-aligned, and the *groups* may become headings.
    """
    from perfstudy.commands.tables import print_table

    if format == "json":
        rows = json.loads(frame.to_json(orient="records", date_format="iso"))
        # JSON has a way of its own to write any character, so that what reads it gets what was stored.
        print(CONTROL.sub(lambda one: f"\\u{ord(one[0]):04x}", json.dumps(rows, ensure_ascii=False, indent=2)))
    elif format == "csv":
        frame.rename(columns=escape_all).map(escape_all).to_csv(sys.stdout, index=False)
    else:
        columns = columns or {name: cell_of(name) for name in frame.columns}
        rows = [{name: cell(row) for name, cell in columns.items()} for _, row in frame.iterrows()]
        table = Table(rows, title, tuple(columns), frozenset(numeric))
        print_table(table, optional, groups) if format == "table" else print(escape_controls(table.markdown()))


def leave_out_uniform(frame: "pd.DataFrame", columns: dict[str, Cell], names: Sequence[str]) -> dict[str, Cell]:
    """Return *columns* without those of *names* that are the same in every row."""
    rows = frame.to_dict("records")
    return {name: cell for name, cell in columns.items() if name not in names or len({cell(row) for row in rows}) > 1}


def cell_of(name: str) -> Cell:
    """Return what shows the value of the column *name*."""
    return lambda row: formatting.cell(row[name])


@contextmanager
def progress() -> Iterator[ProgressLine]:
    """Show stages and steps in one line with a bar; in a pipe, in a line for each."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield StageLines(lambda line: say(line, error=True))
        return
    with open_bar(line := ProgressLine(), console):
        yield line

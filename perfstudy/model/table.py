"""A small table for a notebook, a page, a terminal or Markdown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True, repr=False)
class Table:
    """Rows of cells by column; ``numeric`` columns are right-aligned where possible."""

    rows: Sequence[Mapping[str, object]]
    title: str = ""
    columns: tuple[str, ...] = ()
    """Those of the first row by default."""
    numeric: frozenset[str] = frozenset()
    note: str = ""

    def __post_init__(self) -> None:
        if self.rows and not self.columns:
            object.__setattr__(self, "columns", tuple(self.rows[0]))

    @property
    def cells(self) -> list[list[str]]:
        """The rows as text."""
        return [[str(row[name]) for name in self.columns] for row in self.rows]

    def __repr__(self) -> str:
        lines = [list(self.columns), *self.cells]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        text = [
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
        ]
        return "\n".join([*text, *filter(None, [self.note])])

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col" style="{self._align(name)}">{escape(name)}</th>' for name in self.columns)
        body = "".join(
            f"<tr>{''.join(self._html_cell(name, row[name]) for name in self.columns)}</tr>" for row in self.rows
        )
        title = f"<caption>{_dress(self.title)}</caption>" if self.title else ""
        note = f"<p>{escape(self.note)}</p>" if self.note else ""
        return f"<table>{title}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{note}"

    def _html_cell(self, name: str, cell: object) -> str:
        return f'<td style="{self._align(name)}">{_dress(cell)}</td>'

    def _align(self, name: str) -> str:
        return f"text-align:{'right' if name in self.numeric else 'left'}"

    def markdown(self) -> str:
        """Return the table in Markdown."""
        rule = ["---:" if name in self.numeric else "---" for name in self.columns]
        lines = [[*map(_escape_markdown, line)] for line in (self.columns, *self.cells)]
        table = "\n".join(f"| {' | '.join(line)} |" for line in (lines[0], rule, *lines[1:]))
        title = f"**{_escape_markdown(self.title)}**" if self.title else ""
        return "\n\n".join(filter(None, [title, table, _escape_markdown(self.note)]))


def _dress(cell: object) -> str:
    """Return *cell* as it shows itself in HTML, or else its text."""
    show = getattr(cell, "_repr_html_", None)
    return str(show()) if show else escape(str(cell))


def _escape_markdown(text: str) -> str:
    for mark in "\\|*_`<[":
        text = text.replace(mark, f"\\{mark}")
    return " ".join(text.splitlines())

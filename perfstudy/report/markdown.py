"""Write text from a service or a study into Markdown that GitHub renders as text."""

import re
from collections.abc import Iterable, Sequence

from perfstudy.model.control_characters import escape_controls

MARKS = re.compile(r"[\\`*_{}\[\]|~$]")
ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}
LINKS = re.compile(r"(?<=[@#])|(?<=GH)(?=-)|(?<=:)(?=//)|(?<=www)(?=\.)", re.IGNORECASE)
"""Where a space without width keeps a mention, a reference or an address from becoming a link."""
NO_LINK = "&#8203;"
PLAIN = re.compile(r"[A-Za-z0-9 ./:?&=,+_-]*[A-Za-z0-9/.]")
"""Text that needs no escape between backticks."""


def escape(text: object) -> str:
    """Return *text* on one line, for a place where Markdown is read."""
    line = escape_controls(" ".join(str(text).split()))
    parts = (_escape_part(part) for part in LINKS.split(line))
    return NO_LINK.join(parts)


def _escape_part(text: str) -> str:
    marked = MARKS.sub(lambda mark: f"\\{mark[0]}", text)
    return "".join(ENTITIES.get(letter, letter) for letter in marked)


def code(text: object) -> str:
    """Return *text* as code: between backticks where nothing in it needs an escape."""
    line = str(text)
    return f"`{line}`" if PLAIN.fullmatch(line) else f"<code>{escape(line)}</code>"


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], numeric: str = "") -> str:
    """Return a table of cells that are Markdown.

    *numeric* has an ``n`` for each column of numbers.
    """
    rule = ["---:" if letter == "n" else "---" for letter in numeric.ljust(len(columns))]
    return "\n".join(f"| {' | '.join(line)} |" for line in (columns, rule, *rows))


def fold(title: str, text: str) -> str:
    """Return *text* folded away under *title*."""
    return f"<details>\n<summary>{title}</summary>\n\n{text}\n\n</details>"

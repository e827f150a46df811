"""Break text into lines at its spaces, as lines and tables on a terminal need it."""

import re
from textwrap import TextWrapper

GLUE = "\ue000"
"""A character of no text, for the spaces at which no line is broken."""


def wrap(text: str, width: int) -> list[str]:
    """Return *text* in lines of at most *width* columns, where its words allow that.

    What stands between backquotes stays on one line, so that it can be copied. A line that is broken goes on as far to
    the right as it began.
    """
    kept = re.sub("`[^`]*`", lambda code: code[0].replace(" ", GLUE), text)
    return [part.replace(GLUE, " ") for line in kept.split("\n") for part in _break(line, width) or [""]]


def _break(line: str, width: int) -> list[str]:
    margin = line[: len(line) - len(line.lstrip(" "))]
    wrapper = TextWrapper(width, subsequent_indent=margin, break_long_words=False, break_on_hyphens=False)
    return wrapper.wrap(line)

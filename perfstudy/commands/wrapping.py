"""Break text into lines at its spaces, as lines and tables on a terminal need it."""

import re
from textwrap import TextWrapper

GLUE = "\ue000"
"""A character of no text, for the spaces at which no line is broken."""


def wrap(text: str, width: int) -> list[str]:
    """Return *text* in lines of at most *width* columns, where its words allow that.

    What stands between backquotes stays on one line, so that it can be copied.
    """
    kept = re.sub("`[^`]*`", lambda code: code[0].replace(" ", GLUE), text)
    wrapper = TextWrapper(width, break_long_words=False, break_on_hyphens=False, replace_whitespace=False)
    lines = [part for line in kept.split("\n") for part in wrapper.wrap(line) or [""]]
    return [line.replace(GLUE, " ") for line in lines]

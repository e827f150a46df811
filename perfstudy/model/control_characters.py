"""Find and escape characters that steer a terminal or reorder text."""

import re
from collections.abc import Mapping
from typing import Any

CONTROL = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f"  # C0 but for tab and newline, and DEL
    "\x80-\x9f"  # C1, of which one begins an escape sequence by itself
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # directional marks, embeddings, overrides and isolates
    "\u2028\u2029"  # separators of lines and paragraphs
    "\ud800-\udfff"  # halves of pairs, which no encoding writes
    "]"
)
NEVER_IN_NAMES = re.compile(rf"[\t\n]|{CONTROL.pattern}")


def escape_controls(text: str) -> str:
    r"""Return *text* with control characters escaped as in Python, ``\x1b``.

    Tabs and newlines stay.
    """
    return CONTROL.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def escape_all(value: Any) -> Any:
    """Return plain *value* with every text in it escaped, keys as well."""
    if isinstance(value, str):
        return escape_controls(value)
    if isinstance(value, Mapping):
        return {escape_all(key): escape_all(inner) for key, inner in value.items()}
    return [escape_all(inner) for inner in value] if isinstance(value, list | tuple) else value


def is_name(text: str) -> bool:
    """Return whether *text* has no control character, tab or newline."""
    return NEVER_IN_NAMES.search(text) is None

"""JSON with the numbers that PostgreSQL stores, digit by digit.

``jsonb`` keeps a number as a decimal and writes it as such: ``1.10``, ``0.00001``, ``12345678901234567890.5``. JSON
does not limit a number's digits (RFC 8259, section 6), and those that a float drops are lost. So numbers are sent as
they are stored, and the client decides how exactly to read them.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

DEEPEST = 256
"""Levels below a value that are shown; Python's parser gives up between this and its limit of recursion."""

TOKENS = re.compile(r'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]|[^\s,:"\[\]{}]+')
MARK = "\0"
"""Before a number's text while it is a string; no text of PostgreSQL's can hold this."""
MARKED = re.compile(r'"\\u0000([^"]*)"')


@dataclass(frozen=True, slots=True)
class Number:
    """A number that Python's own types would write otherwise."""

    text: str

    def __bool__(self) -> bool:
        return bool(self.text.strip("-.0"))


def decode(text: str | bytes) -> Any:
    """Return the value of JSON *text*, with numbers that :func:`encode` writes alike."""
    try:
        return FAST.decode(text if isinstance(text, str) else text.decode())
    except json.JSONDecodeError:
        raise
    except ValueError:  # an integer of more digits than Python converts
        return json.loads(text, parse_float=_fraction, parse_int=_integer)


def encode(document: Any) -> bytes:
    """Return *document* as compact JSON."""
    marked = False

    def write_number(value: Any) -> str:
        nonlocal marked
        if not isinstance(value, Number):
            raise TypeError(f"{type(value).__name__} is not JSON")
        marked = True
        return MARK + value.text

    text = json.dumps(document, separators=(",", ":"), ensure_ascii=False, default=write_number)
    return (MARKED.sub(r"\1", text) if marked else text).encode()


def is_too_deep(text: str) -> bool:
    """Return whether JSON *text* has a value at level ``DEEPEST`` or deeper.

    Nothing is decoded, since decoding such a text recurses as deep.
    """
    return text.count("[") + text.count("{") >= DEEPEST and _depth(text) >= DEEPEST


def _depth(text: str) -> int:
    depth = deepest = 0
    for token in TOKENS.findall(text):
        if token in "]}":
            depth -= 1
            continue
        deepest = max(deepest, depth)
        if token in "[{":
            depth += 1
    return deepest


def _fraction(text: str) -> float | Number:
    number = float(text)
    return number if repr(number) == text else Number(text)


def _integer(text: str) -> int | Number:
    try:
        return int(text)
    except ValueError:
        return Number(text)


FAST = json.JSONDecoder(parse_float=_fraction)

"""Paths into a JSON document: ``$.items[3].price``; ``[*]`` and ``.*`` match any.

A member with a name that is not a plain word is quoted, ``$["unit price"]``.
"""

import json
import re
from collections.abc import Iterable
from enum import Enum

from perfstudy.errors import UsageError


class Wildcard(Enum):
    """A step that matches every element of a list, or every member of an object."""

    ELEMENT = "[*]"
    MEMBER = ".*"


Step = str | int | Wildcard
Path = tuple[Step, ...]
"""The steps from the document's root: names of members, indexes of elements, wildcards."""

PLAIN = re.compile(r"[\w$@:/+-]+")
STEP = re.compile(
    rf'\.(?P<member>{PLAIN.pattern})|\[(?P<index>\d{{1,9}})\]|\[(?P<quoted>"(?:[^"\\]|\\.)*")\]|(?P<wild>\.\*|\[\*\])'
)


def format_path(path: Path) -> str:
    """Return the text of *path*; :func:`parse_path` reads it."""
    return "$" + "".join(map(format_step, path))


def format_step(step: Step) -> str:
    """Return the text of one *step*, as it stands in a path."""
    if isinstance(step, Wildcard):
        return step.value
    if isinstance(step, int):
        return f"[{step}]"
    return f".{step}" if PLAIN.fullmatch(step) else f"[{json.dumps(step)}]"


def parse_path(text: str) -> Path:
    """Return the steps of the path *text*.

    Raises:
        UsageError: it is malformed.
    """
    position, steps = 1, []
    while text.startswith("$") and position < len(text) and (found := STEP.match(text, position)):
        steps.append(_read_step(found, text))
        position = found.end()
    if position != len(text) or not text.startswith("$"):
        raise _malformed(text)
    return tuple(steps)


def _read_step(found: re.Match[str], text: str) -> Step:
    if found["wild"]:
        return Wildcard(found["wild"])
    if found["index"]:
        return int(found["index"])
    if found["member"]:
        return found["member"]
    try:
        return str(json.loads(found["quoted"]))
    except ValueError:
        raise _malformed(text) from None


def _malformed(text: str) -> UsageError:
    return UsageError(f"{text!r} is no path into a JSON document: write it as in '$.items[*].price' or '$[\"a b\"]'")


def check_paths(paths: Iterable[str], identity: object = "json") -> None:
    """Check the paths that a study ignores, beside its *identity*.

    Raises:
        UsageError: one of them is malformed, or is the whole document, or no documents are compared.
    """
    if isinstance(paths, str):
        raise UsageError(f"ignore={paths!r} is one text, and paths stand in a tuple: write ignore=({paths!r},)")
    for path in paths:
        if identity != "json":
            raise UsageError(f"ignore has {path!r}, and identity={identity!r} compares no documents: leave one of them")
        if not isinstance(path, str):
            raise UsageError(f"ignore has {path!r}, which is no text: write a path as in '$.items[*].price'")
        if not parse_path(path):
            raise UsageError("ignore has '$', the whole document: to compare the status alone, write identity='status'")


def generalise(path: str) -> str:
    """Return the text *path* with every index replaced: ``$.items[*].price``."""
    return format_path(tuple(Wildcard.ELEMENT if isinstance(step, int) else step for step in parse_path(path)))


def matches(pattern: Step, step: Step) -> bool:
    """Return whether one step of a pattern matches one *step* of a path."""
    if pattern is Wildcard.MEMBER:
        return isinstance(step, str) or step is Wildcard.MEMBER
    if pattern is Wildcard.ELEMENT:
        return isinstance(step, int) or step is Wildcard.ELEMENT
    return pattern == step


def covers(pattern: Path, path: Path) -> bool:
    """Return whether *pattern* matches *path*, or something that *path* is inside of."""
    return len(pattern) <= len(path) and all(matches(*both) for both in zip(pattern, path, strict=False))

"""Find, describe and leave out what differs between the documents of two answers."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from perfstudy.evidence.documents import digest_paths, read_identity, write_canonically, write_content
from perfstudy.evidence.json_paths import Path, Step, covers, format_path, matches, parse_path
from perfstudy.evidence.secret_names import is_secret
from perfstudy.model.control_characters import escape_controls
from perfstudy.model.service import Identity

STATUS = "status"
"""What :func:`find_differing_paths` returns for answers of different status."""
WHOLE = "$"
"""The path of all of a body; nothing but the status is left without it."""
LONGEST = 40
"""The number of characters up to which a value is shown."""
MISSING: Any = object()
"""The value of a member or element that one of the documents does not have."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A place at which two documents differ.

    *about* says in words how, where the two values do not.
    """

    path: Path
    expected: Any
    found: Any
    about: str = ""


def find_differing_paths(one: str, other: str) -> list[str]:
    """Return the paths at which two identities differ; none where they are equal.

    They have indexes (``$.items[3].price``), and ``[*]`` in place of them where one document is kept as digests. Only
    ``status`` is returned where the statuses differ, and only ``$`` where one body is no document.
    """
    if one == other:
        return []
    (status, kind, content), (second_status, second_kind, second) = read_identity(one), read_identity(other)
    if status != second_status:
        return [STATUS]
    if kind == second_kind == "json":
        return [format_path(gap.path) for gap in find_gaps(content, second)]
    if {kind, second_kind} <= {"json", "digests"}:
        left, right = _digest(kind, content), _digest(second_kind, second)
        return sorted(path for path in left.keys() | right.keys() if left.get(path) != right.get(path))
    return [WHOLE]


def _digest(kind: str, content: Any) -> dict[str, str]:
    return content if kind == "digests" else digest_paths(content)


def find_gaps(expected: Any, found: Any, path: Path = ()) -> Iterator[Gap]:
    """Yield where two documents differ, in the order of members and elements."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for name in sorted(expected.keys() | found.keys()):
            yield from find_gaps(expected.get(name, MISSING), found.get(name, MISSING), (*path, name))
    elif isinstance(expected, list) and isinstance(found, list):
        yield from _compare_lists(expected, found, path)
    elif type(expected) is not type(found) or expected != found:
        yield Gap(path, expected, found)


def _compare_lists(expected: list[Any], found: list[Any], path: Path) -> Iterator[Gap]:
    about = f"{format_path(path)} has the same elements in another order" if _is_reordered(expected, found) else ""
    both = list(zip(expected, found, strict=False))
    for index, (one, other) in enumerate(both):
        for gap in find_gaps(one, other, (*path, index)):
            yield replace(gap, about=about or gap.about)
    sizes = f"{format_path(path)} has {_count(len(found), 'element')}, and the reference has {len(expected)}"
    for index in range(len(both), max(len(expected), len(found))):
        one, other = (each[index] if index < len(each) else MISSING for each in (expected, found))
        yield Gap((*path, index), one, other, sizes)


def _is_reordered(expected: list[Any], found: list[Any]) -> bool:
    if len(expected) != len(found) or expected == found:
        return False
    return Counter(map(write_canonically, expected)) == Counter(map(write_canonically, found))


def drop_paths(identity: str, paths: Iterable[str]) -> str:
    """Return *identity* without what is at *paths*.

    In these, ``[*]`` and ``.*`` match any. Members and elements are left out; indexes count as in the document given.
    An index matches nothing in a document that is kept as digests, which have none. ``$`` leaves the status alone. A
    body that is no document is returned as it is.

    Raises:
        UsageError: a path is malformed.
    """
    patterns = [parse_path(path) for path in paths]
    status, kind, content = read_identity(identity)
    if () in patterns:
        return f"{status} dropped"
    if not patterns or kind not in ("json", "digests"):
        return identity
    if kind == "json":
        return f"{status} {write_content(_drop(content, patterns))}"
    kept = {
        path: text
        for path, text in content.items()
        if not any(covers(pattern, parse_path(path)) for pattern in patterns)
    }
    return f"{status} digests {write_canonically(kept)}"


def _drop(value: Any, patterns: list[Path]) -> Any:
    if not patterns:
        return value
    if isinstance(value, dict):
        rest = ((name, inner, _follow(patterns, name)) for name, inner in value.items())
        return {name: _drop(inner, tails) for name, inner, tails in rest if () not in tails}
    if isinstance(value, list):
        parts = ((inner, _follow(patterns, index)) for index, inner in enumerate(value))
        return [_drop(inner, tails) for inner, tails in parts if () not in tails]
    return value


def _follow(patterns: list[Path], step: Step) -> list[Path]:
    return [pattern[1:] for pattern in patterns if pattern and matches(pattern[0], step)]


def leave_out(identity: Identity, paths: Iterable[str]) -> Identity:
    """Return *identity* without what is at *paths*, for whatever it identifies.

    So what a study ignores makes no difference wherever two answers are compared, cold and warm ones as well.
    """
    ignored = tuple(paths)
    return lambda status, body: drop_paths(identity(status, body), ignored)


def describe_differences(expected: str, found: str, limit: int = 3) -> str:
    """Return in one line where the identity *found* differs from the *expected* one.

    The first *limit* differences are named with their values, shortened; values are not shown where a member's name
    or the value itself looks like a secret. Empty where the identities are equal.
    """
    texts = _describe(expected, found)
    more = f"; … and {len(texts) - limit:,} more" if len(texts) > limit else ""
    return "; ".join(texts[:limit]) + more


def _describe(expected: str, found: str) -> list[str]:
    paths = find_differing_paths(expected, found)
    (status, kind, content), (other_status, other_kind, other) = read_identity(expected), read_identity(found)
    if not (status.isdigit() and other_status.isdigit()):
        whose, text = ("the answer", found) if status.isdigit() else ("the reference's answer", expected)
        return [f"{whose} {escape_controls(text.partition(': ')[0])}"] if paths else []
    if paths == [STATUS]:
        return [f"the status is {other_status}, and the reference answers {status}"]
    if kind == other_kind == "json":
        return list(dict.fromkeys(gap.about or _describe_gap(gap) for gap in find_gaps(content, other)))
    if paths == [WHOLE]:
        return [f"the body is {_name_body(other_kind, other)}, and the reference's is {_name_body(kind, content)}"]
    return [f"{path} differs" for path in paths]


def _describe_gap(gap: Gap) -> str:
    path = format_path(gap.path)
    names = [step for step in gap.path if isinstance(step, str)]
    if any(is_secret(name) for name in names) or is_secret("", gap.expected) or is_secret("", gap.found):
        return f"{path} differs, and is not shown because it may be secret"
    if gap.found is MISSING:
        return f"{path} is missing, and the reference answers {_show(gap.expected)}"
    if gap.expected is MISSING:
        return f"{path} is {_show(gap.found)}, and the reference has none"
    return f"{path} is {_show(gap.found)}, and the reference answers {_show(gap.expected)}"


def _show(value: Any) -> str:
    if isinstance(value, dict):
        return f"an object of {_count(len(value), 'member')}"
    if isinstance(value, list):
        return f"a list of {_count(len(value), 'element')}"
    text = value if isinstance(value, str) else write_canonically(value)
    short = escape_controls(text[:LONGEST]).replace("\n", "\\n").replace("\t", "\\t")
    short += "…" if len(text) > LONGEST else ""
    return f'"{short}"' if isinstance(value, str) else short


def _name_body(kind: str, content: Any) -> str:
    if kind in ("json", "digests"):
        return "a JSON document"
    if kind in ("bytes", "hash"):
        digest, _, size = str(content).partition(" ")
        return f"{int(size):,} {'bytes' if kind == 'bytes' else 'characters'} ({digest[:8]})"
    return {"empty": "empty", "dropped": "ignored"}.get(kind) or f"{_show(content or kind)} by its identity"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"

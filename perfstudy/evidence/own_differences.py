"""Compare an arm's answers, except where the reference differs from itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from perfstudy.errors import UsageError
from perfstudy.evidence.document_differences import (
    STATUS,
    WHOLE,
    describe_differences,
    drop_paths,
    find_differing_paths,
)
from perfstudy.evidence.documents import CONTAINER, read_identity
from perfstudy.evidence.json_paths import generalise

Answers = Mapping[str, str]
"""The identities of answers, by request."""
ABSENT = "is missing"
"""The identity of an answer that there is not."""


@dataclass(frozen=True)
class OwnDifferences:
    """What the reference and its control answer differently, by request.

    *dropped* has the paths, with ``[*]`` for indexes; they are compared for no arm. *random* says in words
    how the answers differ to requests after which nothing would be left to compare.
    """

    dropped: Mapping[str, tuple[str, ...]]
    random: Mapping[str, str]

    def check(self) -> None:
        """Check that every answer has something to compare.

        Raises:
            UsageError: the answers to a request are random.
        """
        for request, how in self.random.items():
            more = f" (and to {len(self.random) - 1} more)" if len(self.random) > 1 else ""
            raise UsageError(
                f"answers are random: to {request}{more} the reference's control answers otherwise, {how}: "
                "name what to compare with identity="
            )

    def list_dropped(self) -> list[str]:
        """Return what is not compared, one line for each request."""
        return [f"{request}: {', '.join(paths)}" for request, paths in self.dropped.items()]


def find_own_differences(reference: Answers, control: Answers) -> OwnDifferences:
    """Return in what the *reference* differs from its own *control*."""
    dropped, random = {}, {}
    for request, one in reference.items():
        other = control.get(request, ABSENT)
        paths = tuple(dict.fromkeys(map(_generalise, find_differing_paths(one, other))))
        if paths and (STATUS in paths or WHOLE in paths or not _has_leaves(drop_paths(one, paths))):
            random[request] = describe_differences(one, other, limit=1)
        elif paths:
            dropped[request] = paths
    return OwnDifferences(dropped, random)


def _generalise(path: str) -> str:
    return path if path == STATUS else generalise(path)


def _has_leaves(identity: str) -> bool:
    _, kind, content = read_identity(identity)
    if kind == "digests":
        return any(not digest.endswith(CONTAINER) for digest in content.values())
    return _has_leaf(content)


def _has_leaf(value: Any) -> bool:
    if isinstance(value, dict | list):
        return any(map(_has_leaf, value.values() if isinstance(value, dict) else value))
    return True


def compare_answers(expected: Answers, found: Answers, own: OwnDifferences) -> list[str]:
    """Return the requests that an arm answers otherwise than the reference, with how.

    One line for each, with the first three differing paths. What the reference's own control answers otherwise is not
    compared.
    """
    lines = []
    for request, identity in expected.items():
        paths = own.dropped.get(request, ())
        how = describe_differences(drop_paths(identity, paths), drop_paths(found.get(request, ABSENT), paths))
        if how:
            lines.append(f"{request}: {how}")
    return lines

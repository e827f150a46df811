"""The gate before any timing: all variants give equal answers to equal requests."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256

from perfstudy.drivers.http import Client, Exchange
from perfstudy.evidence.document_differences import WHOLE, find_differing_paths
from perfstudy.model.service import Identity

SHOWN = 3
"""The number of paths that are named of a differing answer."""
DIGITS = 16
"""Hexadecimal digits of a fingerprint."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A request that two variants answer differently."""

    target: str
    expected: str
    found: str

    def __str__(self) -> str:
        return f"{self.target} was answered {self.found}, and the reference answers {self.expected}"


def collect_fingerprints(
    client: Client,
    targets: Iterable[str],
    identity: Identity,
    *,
    twice: bool = False,
    seen: dict[str, Exchange] | None = None,
) -> dict[str, str]:
    """Request each target, and return the answers' identities.

    It is requested *twice* where the second answer may come from a cache. An answer that differs from its own
    repetition gets the identity of neither. The first answers are stored in *seen*.
    """
    found = {}
    for target in targets:
        answers = [client.get(target) for _ in range(2 if twice else 1)]
        found[target] = find_common_identity(answers, identity)
        if seen is not None:
            seen[target] = answers[0]
    return found


def shorten_identities(answers: Mapping[str, str]) -> dict[str, str]:
    """Return a short fingerprint of each answer, by request."""
    return {target: sha256(identity.encode()).hexdigest()[:DIGITS] for target, identity in answers.items()}


def find_common_identity(answers: Iterable[Exchange], identity: Identity) -> str:
    """Return the common identity of all *answers* to one request.

    If they differ, the returned text says so, and where; never how, because answers may hold secrets.
    """
    first, *others = dict.fromkeys(identity(answer.status, answer.body) for answer in answers)
    paths = dict.fromkeys(path for other in others for path in find_differing_paths(first, other))
    where = f" in {', '.join([*paths][:SHOWN])}" if paths and WHOLE not in paths else ""
    return f"differs between cold and warm{where}" if others else first


def find_differences(expected: dict[str, str], found: dict[str, str]) -> list[Difference]:
    """Return the requests that are answered differently.

    Both mappings are from a target to an answer's identity.
    """
    return [
        Difference(target, identity, found.get(target, "not at all"))
        for target, identity in expected.items()
        if found.get(target) != identity
    ]

"""Say which machine measured each block of a run that several measured."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from perfstudy.results.plain import digest

MACHINES = "machines"
"""The note that says which blocks each machine measured, and where: by the identity of its environment."""
MERGED = "merged"
"""The note of a run that was joined from parts: the ids of their runs."""


@dataclass(frozen=True)
class Machine:
    """An identity of an environment, and the blocks that were measured in it."""

    identity: Mapping[str, Any]
    blocks: frozenset[int]

    @property
    def digest(self) -> str:
        """The digest of the identity; machines that share it are one."""
        return digest(self.identity)

    @property
    def words(self) -> str:
        """The machine in a few words."""
        cpus = self.identity.get("cpus")
        parts = [str(self.identity.get("cpu") or "unknown processor"), f"{cpus} CPUs" if cpus else ""]
        return ", ".join(filter(None, parts))

    def note(self) -> dict[str, Any]:
        """Return the machine as the note has it."""
        return {"identity": dict(self.identity), "blocks": sorted(self.blocks)}


def read_machines(notes: Mapping[str, Any]) -> list[Machine]:
    """Return the machines of a run, as its *notes* say; none of a run on one."""
    return [Machine(row["identity"], frozenset(row["blocks"])) for row in notes.get(MACHINES) or ()]


def join_machines(machines: Iterable[Machine]) -> list[Machine]:
    """Return *machines* with those of one identity joined, the first to be met first."""
    found: dict[str, Machine] = {}
    for one in machines:
        known = found.get(one.digest)
        found[one.digest] = Machine(one.identity, one.blocks | (known.blocks if known else frozenset()))
    return list(found.values())


def locate_blocks(identity: Mapping[str, Any], notes: Mapping[str, Any], blocks: Iterable[int]) -> list[Machine]:
    """Return which machines measured *blocks*, as the run's *notes* say.

    Those that they do not have were measured in the run's own *identity*.
    """
    left = frozenset(blocks)
    known = [Machine(one.identity, one.blocks & left) for one in read_machines(notes)]
    rest = left.difference(*(one.blocks for one in known))
    return [one for one in (*known, Machine(identity, rest)) if one.blocks]

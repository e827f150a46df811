"""Say which machine measured each block of a run that several measured."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from perfstudy.results.differences import find_differences
from perfstudy.results.plain import digest

MACHINES = "machines"
"""The note that says which blocks each machine measured, and where: by the identity of its environment."""
CONDITIONS = "conditions"
"""Where a machine in that note has its conditions."""
MERGED = "merged"
"""The note of a run that was joined from parts: the ids of their runs."""
SHOWN = 5
"""Differences between identities that are named."""


@dataclass(frozen=True)
class Machine:
    """An identity of an environment, and the blocks that were measured in it."""

    identity: Mapping[str, Any]
    blocks: frozenset[int]
    conditions: tuple[Mapping[str, Any], ...] = ()
    """Load, free memory and the like when it began, as telemetry has them; several where it measured several parts."""

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

    def name_differences(self, other: "Machine") -> str:
        """Return the names of what differs between two identities, five at most."""
        names = [line.partition(":")[0] for line in find_differences(self.identity, other.identity)]
        more = len(names) - SHOWN
        return ", ".join(names[:SHOWN]) + (f" and {more} more" if more > 0 else "")

    def note(self) -> dict[str, Any]:
        """Return the machine as the note has it."""
        found = {"identity": dict(self.identity), "blocks": sorted(self.blocks)}
        return found | ({CONDITIONS: [dict(one) for one in self.conditions]} if self.conditions else {})


def read_machines(notes: Mapping[str, Any]) -> list[Machine]:
    """Return the machines of a run, as its *notes* say; none of a run on one."""
    rows = notes.get(MACHINES) or ()
    return [Machine(row["identity"], frozenset(row["blocks"]), tuple(row.get(CONDITIONS) or ())) for row in rows]


def join_machines(machines: Iterable[Machine]) -> list[Machine]:
    """Return *machines* with those of one identity joined, the first to be met first."""
    found: dict[str, Machine] = {}
    for one in machines:
        known = found.get(one.digest, Machine(one.identity, frozenset()))
        more = tuple(condition for condition in one.conditions if condition not in known.conditions)
        found[one.digest] = Machine(one.identity, known.blocks | one.blocks, known.conditions + more)
    return list(found.values())


def locate_blocks(
    identity: Mapping[str, Any], notes: Mapping[str, Any], blocks: Iterable[int], before: Mapping[str, Any]
) -> list[Machine]:
    """Return which machines measured *blocks*, as the run's *notes* say.

    Those that they do not have were measured in the run's own *identity*, under the conditions *before* it.
    """
    left = frozenset(blocks)
    known = [replace(one, blocks=one.blocks & left) for one in read_machines(notes)]
    rest = left.difference(*(one.blocks for one in known))
    return [one for one in (*known, Machine(identity, rest, (before,))) if one.blocks]

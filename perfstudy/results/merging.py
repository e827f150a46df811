"""Join parts of a run, measured on several machines, into one run.

A part is a document as ``document.dump`` gives it. Parts belong together where they are of one study, seed and version
of perfstudy, were served from the same code and answered alike. The joined run has the whole schedule; each of its
blocks comes from one machine, as its note ``machines`` says.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any

from perfstudy.errors import UsageError
from perfstudy.model.shard import SHARD
from perfstudy.results import document, schema
from perfstudy.results.differences import find_differences
from perfstudy.results.imported import MARK
from perfstudy.results.machines import MACHINES, MERGED, Machine, join_machines, locate_blocks
from perfstudy.results.plain import digest
from perfstudy.results.remarks import ANSWERS, GATE, RESTARTED, SHARED, SOURCES, STOPPED, TENANT

SPENT = "wall_seconds"
OWN = (SHARD, STOPPED, MARK, MACHINES, MERGED)
"""Notes that are of a part alone."""


@dataclass(frozen=True)
class Part:
    """A part of a run: its document, and the name that people know it by."""

    name: str
    body: Mapping[str, Any]

    @cached_property
    def digest(self) -> str:
        """The digest of all that was stored of it."""
        return digest({name: rows for name, rows in self.body.items() if name != "verdicts"})

    @property
    def run(self) -> Mapping[str, Any]:
        """The row of its run."""
        row: Mapping[str, Any] = self.body["run"]
        return row

    @property
    def notes(self) -> dict[str, Any]:
        """Its notes by name."""
        return {row["key"]: row["value"] for row in self.body["notes"]}

    @property
    def machines(self) -> list[Machine]:
        """Where its blocks were measured."""
        return locate_blocks(self.body["environment"], self.notes, self.measured, self.run["telemetry_before"])

    @cached_property
    def measured(self) -> dict[int, list[Mapping[str, Any]]]:
        """The samples of each block that has some."""
        blocks = {cell["number"]: cell["block"] for cell in self.body["cells"]}
        found: dict[int, list[Mapping[str, Any]]] = {}
        for sample in self.body["samples"]:
            if sample["cell"] not in blocks:
                raise UsageError(f"{self.name} contradicts itself: no cell has the number {sample['cell']}")
            found.setdefault(blocks[sample["cell"]], []).append(sample)
        return found


def merge_parts(parts: Sequence[Part]) -> dict[str, Any]:
    """Return the document of the run that *parts* are of.

    A part that is given twice is taken once.

    Raises:
        UsageError: a part belongs to another run, or two have measured one block; the message names the first
            difference with both values.
    """
    with document.explaining():  # notes may hold anything
        return _merge(_take_once(parts))


def _merge(parts: Sequence[Part]) -> dict[str, Any]:
    for other in parts[1:]:
        check_same_run(parts[0], other)
    samples = _join_samples(parts)
    body = dict(parts[0].body) | {
        "run": _describe_run(parts),
        "notes": [{"key": key, "value": value} for key, value in sorted(_join_part_notes(parts).items())],
        "exclusions": _join_rows(parts, "exclusions", ("variant",)),
        "samples": samples,
        "evidence": _join_rows(parts, "evidence", ("variant", "scale", "scenario", "temperature")),
        "plans": _join_rows(parts, "plans", ("variant", "scale", "scenario", "temperature", "number")),
        "costs": next((part.body["costs"] for part in parts if part.body["costs"]), []),
        "verdicts": [],
    }
    if find_gaps(body):
        body["run"] |= {"finished_at": None, "telemetry_after": None}
    return {"format": document.FORMAT, "schema": schema.VERSION, "digest": digest(body), **body}


def check_same_run(one: Part, other: Part) -> None:
    """Check that two parts are of one run.

    Raises:
        UsageError: they differ in what they were to measure, or in what they measured it of.
    """
    for what, left, right in _list_common(one, other):
        differing = find_differences({what: left}, {what: right})
        if differing:
            raise UsageError(f"{other.name} is no part of the run of {one.name}: {differing[0]}")


def _list_common(one: Part, other: Part) -> Iterator[tuple[str, Any, Any]]:
    """Yield what two parts of one run have alike, with both values."""
    for name in ("study", "scale", "seed", "blocks"):
        yield name, one.run[name], other.run[name]
    yield "study", _index(one.run["declaration"]), _index(other.run["declaration"])
    yield "version of perfstudy", one.run["package"], other.run["package"]
    left, right = (part.body["environment"].get("commit") for part in (one, other))
    if left and right:  # an installed package has none, and the listing's service is code of this package
        yield "commit of perfstudy", left, right
    yield "schedule", digest(one.body["cells"]), digest(other.body["cells"])
    yield TENANT, one.notes.get(TENANT), other.notes.get(TENANT)
    for name, compared in COMPARED.items():
        left, right = one.notes.get(name), other.notes.get(name)
        if left is not None and right is not None:  # a part that was stopped early may lack it
            yield name, compared(left), compared(right)


def _choose(*names: str) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    return lambda value: {name: value.get(name) for name in names}


COMPARED: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
    GATE: _choose("requests", "ignored"),
    SOURCES: lambda arms: {label: _choose("origin", "named", "sha", "changed", "lock")(arms[label]) for label in arms},
    ANSWERS: dict,
}
"""Notes that all parts have alike, and what of them is compared."""


def _index(value: Any) -> Any:
    """Return *value* with lists as mappings, so that a difference names its place."""
    if isinstance(value, Mapping):
        return {key: _index(inner) for key, inner in value.items() if key != "file"}
    if isinstance(value, list) and any(isinstance(inner, Mapping) for inner in value):
        return {str(place): _index(inner) for place, inner in enumerate(value)}
    return value


def _take_once(parts: Sequence[Part]) -> list[Part]:
    """Return each different part once, in the order of their runs."""
    found: dict[str, Part] = {}
    for part in parts:
        found.setdefault(part.digest, part)
    return sorted(found.values(), key=lambda part: (part.run["created_at"], part.run["id"]))


def _join_samples(parts: Sequence[Part]) -> list[Mapping[str, Any]]:
    """Return the samples of every part, in the order of the schedule.

    Raises:
        UsageError: two parts measured one block, and not as one and the same measurement.
    """
    found: dict[int, tuple[Part, list[Mapping[str, Any]]]] = {}
    for part in parts:
        for block, samples in part.measured.items():
            known, there = found.setdefault(block, (part, samples))
            less, more = sorted((there, samples), key=len)
            if not all(sample in more for sample in less):
                raise UsageError(
                    f"block {block + 1} was measured twice, in {known.name} and in {part.name}: leave one of them out"
                )
            found[block] = (known, there) if more is there else (part, samples)
    return sorted((sample for _, samples in found.values() for sample in samples), key=lambda row: row["cell"])


def _describe_run(parts: Sequence[Part]) -> dict[str, Any]:
    """Return the row of the joined run, whose id follows from its parts."""
    ended = [part.run for part in parts if part.run["finished_at"]]
    last = max(ended, key=lambda run: run["finished_at"], default=parts[0].run)
    return dict(parts[0].run) | {
        "id": _make_id(parts),
        "finished_at": last["finished_at"],
        "telemetry_after": last["telemetry_after"],
    }


def _make_id(parts: Sequence[Part]) -> str:
    stem = str(parts[0].run["id"]).rpartition("-")[0]
    drawn = sha256(" ".join(sorted(part.digest for part in parts)).encode()).digest()
    return f"{stem}-{''.join(chr(ord('a') + byte % 26) for byte in drawn[:4])}"


def _join_part_notes(parts: Sequence[Part]) -> dict[str, Any]:
    machines = join_machines(machine for part in parts for machine in part.machines)
    ids = {id for part in parts for id in part.notes.get(MERGED) or [part.run["id"]]}
    return join_notes([part.notes for part in parts], machines, ids)


def join_notes(notes: Sequence[Mapping[str, Any]], machines: Iterable[Machine], ids: Iterable[str]) -> dict[str, Any]:
    """Return the notes of a run whose parts have these *notes* and *ids*."""
    joined = {key: value for one in reversed(notes) for key, value in one.items() if key not in OWN}
    restarted = sorted({name for one in notes for name in one.get(RESTARTED, ())})
    if restarted:
        joined[RESTARTED] = restarted
    if SHARED in joined:
        joined[SHARED] = any(one.get(SHARED) for one in notes)
    spent = [one[SPENT] for one in notes if isinstance(one.get(SPENT), dict)]
    if spent:
        names = dict.fromkeys(name for one in spent for name in one)  # a part without a block timed nothing
        joined[SPENT] = {name: sum(one.get(name, 0.0) for one in spent) for name in names}
    return joined | {MACHINES: [one.note() for one in machines], MERGED: sorted(ids)}


def _join_rows(parts: Sequence[Part], table: str, keys: tuple[str, ...]) -> list[Mapping[str, Any]]:
    """Return the rows of *table* of every part; of rows for one place, the first."""
    found: dict[tuple[Any, ...], Mapping[str, Any]] = {}
    for part in parts:
        for row in part.body[table]:
            found.setdefault(tuple(row[key] for key in keys), row)
    return [row for _, row in sorted(found.items())]


def find_gaps(body: Mapping[str, Any]) -> list[int]:
    """Return the blocks that lack a cell of an arm that is not excluded."""
    measured = {sample["cell"] for sample in body["samples"]}
    out = {row["variant"] for row in body["exclusions"]}
    gaps = {c["block"] for c in body["cells"] if c["number"] not in measured and c["variant"] not in out}
    return sorted(gaps)

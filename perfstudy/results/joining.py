"""Add a part to a run that several machines measure at once, in one transaction.

A part is a document, as for the merge: the evidence of one lab, or one block. What is stored stays as it is: of two
parts with one block, the first to come is kept whole.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from perfstudy.errors import UsageError
from perfstudy.model.shard import SHARD
from perfstudy.results import document, schema
from perfstudy.results.machines import MERGED, join_machines, locate_blocks
from perfstudy.results.merging import Part, check_same_run, join_notes
from perfstudy.results.plain import plain
from perfstudy.results.queries import require_known
from perfstudy.results.store import Store

KEYS: Mapping[str, tuple[str, ...]] = {
    "exclusions": ("variant",),
    "evidence": ("variant", "scale", "scenario", "temperature"),
    "plans": ("variant", "scale", "scenario", "temperature", "number"),
    "costs": ("number",),
}
"""Tables that every part may add to, and what tells their rows apart."""


def add_part(store: Store, run: str, part: Part) -> bool:
    """Add what *part* has to *run*, and return whether its blocks were new.

    Raises:
        UsageError: the part is of another run, or was answered otherwise; the message names the first difference.
    """
    with document.explaining(), store.writing() as session:
        require_known(session, run)
        session.execute(select(schema.Run.id).where(schema.Run.id == run).with_for_update())  # one part at a time
        planned = _read_planned(session, run)
        check_same_run(planned, part)
        new = not part.measured or not _find_measured(session, run, part.measured)
        if new:
            _note(session, planned, part)
            session.add_all(schema.Sample(run=run, **_values("samples", row)) for row in part.body["samples"])
        for name, keys in KEYS.items():
            _add_new(session, run, name, keys, part.body[name])
    return new


def list_free_blocks(store: Store, run: str) -> list[int]:
    """Return the blocks of *run* that no machine has begun to store, in order."""
    missing = {cell.block for cell in store.missing(run)}
    with store.reading() as session:
        return sorted(missing - set(_find_measured(session, run, missing)))


def _read_planned(session: Session, run: str) -> Part:
    """Return *run* as a part without what was measured."""
    row = require_known(session, run)
    body: dict[str, Any] = {
        "run": document.read_row(row),
        "environment": session.get_one(schema.Environment, row.environment).identity,
        "samples": [],
    }
    for name in ("notes", "cells"):
        table = document.TABLES[name]
        rows = session.scalars(select(table).where(table.run == run).order_by(*table.__table__.primary_key))
        body[name] = [document.read_row(one) for one in rows]
    return Part(run, body)


def _find_measured(session: Session, run: str, blocks: Iterable[int]) -> list[int]:
    """Return those of *blocks* that have a sample."""
    cell, sample = schema.Cell, schema.Sample
    statement = select(cell.block).join(sample, (sample.run == cell.run) & (sample.cell == cell.number))
    return list(session.scalars(statement.where(cell.run == run, cell.block.in_(list(blocks))).distinct()))


def _note(session: Session, planned: Part, part: Part) -> None:
    """Join the notes of *part*, not stored yet, to those of the run *planned*.

    Blocks that no note locates were measured before the run was shared, in the run's own environment.
    """
    run, stored = planned.name, planned.notes
    measured = _find_measured(session, run, {cell["block"] for cell in planned.body["cells"]})
    kept = locate_blocks(planned.body["environment"], stored, measured, planned.run["telemetry_before"])
    machines = join_machines([*kept, *part.machines])
    joined = join_notes([stored, part.notes], machines, {*(stored.get(MERGED) or ()), part.run["id"]})
    for key, value in joined.items():
        if value != stored.get(key):
            session.merge(schema.Note(run=run, key=key, value=plain(value)))


def _add_new(session: Session, run: str, name: str, keys: tuple[str, ...], rows: Iterable[Mapping[str, Any]]) -> None:
    """Add the *rows* whose place in the table called *name* is empty."""
    table = document.TABLES[name]
    for row in rows:
        if session.get(table, (run, *(row[key] for key in keys))) is None:
            session.add(table(run=run, **_values(name, row)))


def _values(name: str, row: Mapping[str, Any]) -> dict[str, Any]:
    return document.read_values(document.TABLES[name], row)


def check_shared(store: Store, run: str) -> None:
    """Refuse to share a *run* that one machine alone can measure.

    Raises:
        UsageError: it is finished, a shard, or ends as soon as its claims are decided.
    """
    found = store.run(run)
    if found.finished:
        raise UsageError(f"run {run!r} is finished: `perfstudy report {run}` shows it")
    if found.declaration.get("until"):
        raise UsageError(
            f"run {run!r} ends once it is decided, and --join looks at no block: measure it on one machine"
        )
    if SHARD in found.notes:
        raise UsageError(f"run {run!r} is a shard: go on with it by --resume, and join the shards by `perfstudy merge`")

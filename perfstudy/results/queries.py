"""Build the statements that the store is asked, and read their rows."""

from typing import Any

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from perfstudy.errors import UsageError, unknown
from perfstudy.model.shard import SHARD, read_shard
from perfstudy.results import schema
from perfstudy.results.cells import PlannedCell
from perfstudy.results.machines import MERGED
from perfstudy.results.resultset import RunSummary

NOTEBOOK = "notebook-"
"""What the id of a run starts with that a notebook measured."""


def resolve_id(session: Session, id: str) -> str:
    """Return the full id of the run that *id* means.

    That is itself, the only one it is a prefix of, or the ``latest``.
    """
    known = list(session.scalars(select(schema.Run.id).order_by(schema.Run.created_at.desc(), schema.Run.id)))
    if id in known:
        return id
    if id == "latest" and known:
        # A notebook measures in passing; only where there is nothing else does the word mean one of its runs.
        # Nor does a part that was joined: its merged run has what it measured, and bears the date of the first part.
        joined = {part for ids in session.scalars(select(schema.Note.value).filter_by(key=MERGED)) for part in ids}
        return next((one for one in known if not one.startswith(NOTEBOOK) and one not in joined), known[0])
    fitting = [one for one in known if id and one.startswith(id)]
    if len(fitting) > 1:
        raise UsageError(f"run {id!r} could be {' or '.join(fitting[:3])}: give more of the id")
    if not fitting:
        raise unknown("run", id, known)
    return fitting[0]


def require_mapping(value: Any) -> dict[str, Any]:
    """Return *value*, which JSON could have made anything else than a mapping."""
    if not isinstance(value, dict):
        raise TypeError(f"{value!r:.40} where a mapping belongs")
    return value


def require_known(session: Session, run: str) -> schema.Run:
    """Return the row of the run with that full id."""
    row = session.get(schema.Run, run)
    if row is None:
        raise unknown("run", run, session.scalars(select(schema.Run.id)))
    return row


def find_number(session: Session, run: str, cell: PlannedCell) -> int:
    """Return the place of *cell* in the schedule of *run*."""
    statement = select(schema.Cell.number).filter_by(run=run, **vars(cell))
    number = session.scalar(statement)
    if number is None:
        require_known(session, run)
        raise UsageError(f"the schedule of {run} has no such cell: {cell}")
    return number


def select_rows(table: Any, run: str) -> Select[Any]:
    """Select the rows of *table* that belong to *run*, in order."""
    return select(table).where(table.run == run).order_by(*table.__table__.primary_key.columns)


def select_cells(run: str) -> Select[Any]:
    """Select the schedule of *run*, in order."""
    cell = schema.Cell
    columns: tuple[Any, ...] = (cell.block, cell.position, cell.label, cell.variant)
    columns += (cell.scale, cell.scenario, cell.temperature)
    return select(*columns).where(cell.run == run).order_by(cell.number)


def select_missing(run: str) -> Select[Any]:
    """Select the cells that are neither measured nor of an excluded variant."""
    measured = select(schema.Sample.cell).where(schema.Sample.run == run)
    excluded = select(schema.Exclusion.variant).where(schema.Exclusion.run == run)
    return select_cells(run).where(schema.Cell.number.not_in(measured), schema.Cell.variant.not_in(excluded))


def list_cells(session: Session, statement: Select[Any]) -> list[PlannedCell]:
    """Return the cells that *statement* selects."""
    return [PlannedCell(*row) for row in session.execute(statement)]


def list_missing(session: Session, run: str) -> list[PlannedCell]:
    """Return the cells that are still to be measured by *run*, or by its shard."""
    note = session.get(schema.Note, (run, SHARD))
    shard = read_shard({SHARD: note.value} if note else {})
    return [cell for cell in list_cells(session, select_missing(run)) if shard.holds(cell.block)]


def summarize(session: Session, run: str | None = None) -> list[RunSummary]:
    """Return the summary of one run or of all, the newest first."""
    statement = select(schema.Run).order_by(schema.Run.created_at.desc(), schema.Run.id)
    rows = session.scalars(statement if run is None else statement.where(schema.Run.id == run)).all()
    measured, cells = _counts(session, schema.Sample, run), _counts(session, schema.Cell, run)
    return [
        RunSummary(
            id=row.id,
            study=row.study,
            scale=row.scale,
            seed=row.seed,
            blocks=row.blocks,
            cells=cells.get(row.id, 0),
            measured=measured.get(row.id, 0),
            created_at=row.created_at,
            finished_at=row.finished_at,
            environment=row.environment,
            declaration=require_mapping(row.declaration),
        )
        for row in rows
    ]


def _counts(session: Session, table: type[schema.Cell | schema.Sample], run: str | None) -> dict[str, int]:
    """Return how many cells of each run are planned or measured.

    Those of excluded variants are left out.
    """
    cell, out = schema.Cell, schema.Exclusion
    statement = select(cell.run, func.count()).outerjoin(out, and_(out.run == cell.run, out.variant == cell.variant))
    if table is schema.Sample:
        statement = statement.join(table, and_(table.run == cell.run, table.cell == cell.number))
    statement = statement if run is None else statement.where(cell.run == run)
    counted = session.execute(statement.where(out.run.is_(None)).group_by(cell.run))
    return {run: count for run, count in counted}  # noqa: C416 - rows are no pairs to the type checker

"""The store of results: a schedule is planned, cells are appended to it one by one, everything else is read."""

import secrets
import string
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, Select, and_, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from perfstudy.errors import UsageError, unknown
from perfstudy.model.closing import Closing
from perfstudy.results import schema
from perfstudy.results.cells import CellResult, PlannedCell, pack
from perfstudy.results.claim import claim
from perfstudy.results.engine import (
    WRITING,
    StoreError,
    address,
    connect,
    explain_error,
    prepare_schema,
    redact_url,
    sound,
)
from perfstudy.results.names import NAME
from perfstudy.results.plain import digest, plain
from perfstudy.results.resultset import Run, RunSummary

if TYPE_CHECKING:
    import pandas as pd

NOTEBOOK = "notebook-"
"""What the id of a run starts with that a notebook measured."""

PATIENCE = 30.0
"""Seconds to wait for another process that is writing."""


class DuplicateCell(StoreError):  # noqa: N818 - what it is, as the runner meets it
    """The cell was measured before, by this process or another; what is stored stays as it is."""


class Store(Closing):
    """Results in a database: SQLite by default, any URL of SQLAlchemy by choice.

    Every method that writes is one transaction. Several processes may use a store at once.
    Methods take a run's id; those that read also take ``latest`` or a prefix that only one run has.

    Raises (every method):
        StoreError: the store is locked, full, read-only, damaged or out of reach.
        UsageError: no run has that id; the nearest ones are named.
    """

    def __init__(self, engine: Engine, where: str) -> None:
        self.where = where
        """The store's address for people, without a password."""
        self._engine = engine

    @classmethod
    def open(cls, url: str | Path | None = None, *, read_only: bool = False, timeout: float = PATIENCE) -> "Store":
        """Open a store and create its tables where there are none: a file, a URL, or the one in the home folder.

        *timeout* is how many seconds to wait for another process that is writing.

        Raises:
            StoreError: it cannot be opened, holds something else, or is of another version of the schema.
            UsageError: the URL is none, or names a database whose driver is not installed.
        """
        target = address(url)
        engine = connect(target, read_only=read_only, timeout=timeout)
        try:
            prepare_schema(engine, redact_url(target), read_only=read_only)
        except BaseException:
            engine.dispose()
            raise
        return cls(engine, redact_url(target))

    def close(self) -> None:
        """Close every connection; a later call opens one again."""
        self._engine.dispose()

    def __repr__(self) -> str:
        return f"Store({self.where!r})"

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a session that sees one state of the store."""
        with sound(self.where), explain_error(self.where), Session(self._engine) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Give a session whose changes are committed together at the end, or not at all."""
        engine = self._engine.execution_options(**{WRITING: True})
        with explain_error(self.where), Session(engine) as session, session.begin():
            yield session

    # Writing

    def plan(
        self,
        study: str,
        declaration: Mapping[str, Any],
        seed: int,
        blocks: int,
        schedule: Sequence[PlannedCell],
        environment: Mapping[str, Any],
        telemetry: Mapping[str, Any],
    ) -> str:
        """Write a run and its whole schedule, before its first request; return the run's id.

        *environment* is the identity (what must be equal for runs to be pooled), *telemetry* what passes.

        Raises:
            UsageError: an empty schedule, a cell that stands twice, or a name that cannot be part of an id.
        """
        cells = _check(schedule)
        scale = _scales(cells, declaration)
        created = datetime.now(UTC)
        run = make_id(study, scale, created)
        with self.writing() as session:
            row = schema.Run(
                id=run,
                study=study,
                scale=scale,
                seed=seed,
                blocks=blocks,
                declaration=plain(declaration),
                environment=_environment(session, environment),
                package=_package(),
                telemetry_before=plain(telemetry),
                created_at=created,
            )
            session.add(row)
            session.flush()
            add_schedule(session, run, cells)
        return run

    @contextmanager
    def claimed(self, run: str) -> Iterator[None]:
        """Hold the claim to measure *run*, which ends with this process at the latest.

        Raises:
            UsageError: another process holds it, which the message names.
        """
        with explain_error(self.where), claim(self._engine, run):
            yield

    def append(self, run: str, cell: PlannedCell, result: CellResult) -> None:
        """Store what one cell of the schedule measured.

        Raises:
            DuplicateCell: it is there already, perhaps since a moment ago from another process; that one stays.
            UsageError: the schedule has no such cell, or the result is none.
        """
        try:
            packed = pack(result.latencies)
        except ValueError as error:
            raise UsageError(f"{run}, {cell}: {error}") from None
        with self.writing() as session:
            sample = schema.Sample(
                run=run,
                cell=_number(session, run, cell),
                started_at=result.started_at,
                setup_seconds=float(result.setup_seconds),
                warmups=int(result.warmups),
                first_ns=None if result.first_ns is None else int(result.first_ns),
                server_timing=plain(result.server_timing),
                bytes=int(result.bytes),
                errors=int(result.errors),
                n=len(result.latencies),
                latencies=packed,
            )
            session.add(sample)
            try:
                session.flush()
            except IntegrityError:
                raise DuplicateCell(f"{run} already holds {cell}: what is stored stays as it is") from None

    def exclude(self, run: str, variant: str, reason: str) -> None:
        """Say that a variant does not count, and why; its cells are no longer missing."""
        self._merge(schema.Exclusion(run=run, variant=variant, reason=reason))

    def note(self, run: str, key: str, value: Any) -> None:
        """Record a value by name; a later one replaces it."""
        self._merge(schema.Note(run=run, key=key, value=plain(value)))

    def add_evidence(
        self, run: str, variant: str, scale: str, scenario: str, temperature: str, evidence: Mapping[str, Any]
    ) -> None:
        """Store what the server did for one cell; a later evidence pass replaces an earlier one."""
        where = {"variant": variant, "scale": scale, "scenario": scenario, "temperature": temperature}
        self._merge(schema.Evidence(run=run, **where, evidence=plain(evidence)))

    def add_plan(
        self,
        run: str,
        variant: str,
        scale: str,
        scenario: str,
        temperature: str,
        number: int,
        sql: str,
        plan: Any,
        shape: str,
    ) -> None:
        """Store the plan of statement *number* of a request; a later one replaces it."""
        where = {"variant": variant, "scale": scale, "scenario": scenario, "temperature": temperature}
        self._merge(schema.Plan(run=run, **where, number=number, sql=sql, plan=plain(plan), shape=shape))

    def add_costs(self, run: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Add rows to the cost side."""
        with self.writing() as session:
            _require_known(session, run)
            there = session.scalar(select(func.count()).where(schema.Cost.run == run)) or 0
            session.add_all(schema.Cost(run=run, number=there + i, row=plain(row)) for i, row in enumerate(rows))

    def set_verdicts(self, run: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Store the verdict table in place of the one before."""
        with self.writing() as session:
            _require_known(session, run)
            session.query(schema.Verdict).where(schema.Verdict.run == run).delete()
            session.add_all(schema.Verdict(run=run, number=i, row=plain(row)) for i, row in enumerate(rows))

    def finish(self, run: str, telemetry: Mapping[str, Any]) -> None:
        """Close a run.

        Raises:
            StoreError: cells are missing that no exclusion explains.
        """
        with self.writing() as session:
            row = _require_known(session, run)
            gaps = len(session.execute(_missing(run)).all())
            if gaps:
                raise StoreError(f"{run} still misses {gaps} cells: resume it with perfstudy run --resume {run}")
            row.telemetry_after = plain(telemetry)
            row.finished_at = datetime.now(UTC)

    def _merge(self, row: Any) -> None:
        with self.writing() as session:
            _require_known(session, row.run)
            session.merge(row)

    # Reading

    def schedule(self, run: str) -> list[PlannedCell]:
        """Return every planned cell in the order of the schedule."""
        with self.reading() as session:
            return _planned(session, _planned_cells(resolve_id(session, run)))

    def missing(self, run: str) -> list[PlannedCell]:
        """Return the cells that are neither measured nor of an excluded variant, in the order of the schedule."""
        with self.reading() as session:
            return _planned(session, _missing(resolve_id(session, run)))

    def summaries(self) -> list[RunSummary]:
        """Return every run, the newest first."""
        with self.reading() as session:
            return _summaries(session)

    def unfinished(self) -> list[RunSummary]:
        """Return the runs that were never finished, the newest first."""
        return [summary for summary in self.summaries() if summary.finished_at is None]

    def runs(self) -> "pd.DataFrame":
        """Return one row per run, the newest first: run (its id), study, scale, seed, blocks, cells, measured,
        created_at, finished_at (missing until then), environment (the digest of its identity).
        """
        import pandas as pd

        columns = [name for name in RunSummary.__dataclass_fields__ if name != "declaration"]
        return pd.DataFrame([vars(one) for one in self.summaries()], columns=columns).rename(columns={"id": "run"})

    def run(self, id: str = "latest") -> Run:
        """Return the run of that id, of that prefix, or the ``latest``."""
        with self.reading() as session:
            row = _require_known(session, resolve_id(session, id))
            environment = session.get_one(schema.Environment, row.environment)
            return Run(
                summary=_summaries(session, row.id)[0],
                environment=_mapping(environment.identity),
                telemetry={
                    "before": _mapping(row.telemetry_before),
                    "after": row.telemetry_after and _mapping(row.telemetry_after),
                },
                notes={note.key: note.value for note in session.scalars(_of(schema.Note, row.id))},
                excluded={one.variant: one.reason for one in session.scalars(_of(schema.Exclusion, row.id))},
                package=row.package,
                store=self,
            )

    def samples(self, run: str) -> "pd.DataFrame":
        """Return one row per timed request in the order of the schedule: block, label, variant, scale, scenario,
        temperature, n (its place in the cell, from 0), seconds.
        """
        from perfstudy.results import frames

        rows = self.measured(run)
        with sound(self.where):
            return frames.samples(rows)

    def cells(self, run: str) -> "pd.DataFrame":
        """Return one row per measured cell in the order of the schedule; for its columns see ``frames.cells``."""
        from perfstudy.results import frames

        rows = self.measured(run)
        with sound(self.where):
            return frames.cells(rows)

    def evidence(self, run: str) -> list[dict[str, Any]]:
        """Return the evidence, each with its variant, scale, scenario and temperature beside its own keys."""
        with sound(self.where):
            return [{**row.pop("evidence"), **row} for row in self._rows(schema.Evidence, run)]

    def plans(self, run: str) -> list[dict[str, Any]]:
        """Return the plans: variant, scale, scenario, temperature, number, sql, plan, shape."""
        return self._rows(schema.Plan, run)

    def costs(self, run: str) -> "pd.DataFrame":
        """Return the cost side as it was given, in the order it was added."""
        return self._table(schema.Cost, run)

    def verdicts(self, run: str) -> "pd.DataFrame":
        """Return the verdict table as it was given."""
        return self._table(schema.Verdict, run)

    def environment(self, run: str) -> dict[str, Any]:
        """Return the identity of the environment that the run was measured in."""
        return self.run(run).environment

    def measured(self, run: str) -> list[dict[str, Any]]:
        """Return one mapping per measured cell in the order of the schedule, its latencies still packed."""
        with self.reading() as session:
            cell, sample = schema.Cell, schema.Sample
            columns = [column for column in sample.__table__.columns if column.name not in ("run", "cell")]
            statement = (
                select(*cell.__table__.columns, *columns)
                .join(sample, and_(sample.run == cell.run, sample.cell == cell.number))
                .where(cell.run == resolve_id(session, run))
                .order_by(cell.number)
            )
            return [dict(row) for row in session.execute(statement).mappings()]

    def _rows(self, table: Any, run: str) -> list[dict[str, Any]]:
        with self.reading() as session:
            names = [column.name for column in table.__table__.columns if column.name != "run"]
            rows = session.scalars(_of(table, resolve_id(session, run)))
            return [{name: getattr(row, name) for name in names} for row in rows]

    def _table(self, table: Any, run: str) -> "pd.DataFrame":
        from perfstudy.results import frames

        rows = self._rows(table, run)
        with sound(self.where):
            return frames.table([dict(row["row"]) for row in rows])


def make_id(study: str, scale: str, created: datetime) -> str:
    """Return a new run's id: ``<study>-<scale>-<YYYYMMDD-HHMMSS>-<four random letters>``.

    Raises:
        UsageError: the study's or the scale's name cannot be part of an id.
    """
    for kind, name in (("study", study), ("scale", scale)):
        if not NAME.fullmatch(name):
            raise UsageError(f"the {kind} {name!r} cannot be stored: a name is lower-case letters, digits, - and _")
    letters = "".join(secrets.choice(string.ascii_lowercase) for _ in range(4))
    return f"{study}-{scale}-{created.astimezone(UTC):%Y%m%d-%H%M%S}-{letters}"


def add_schedule(session: Session, run: str, cells: Sequence[PlannedCell]) -> None:
    """Write the blocks and the cells of a run."""
    session.add_all(schema.Block(run=run, number=number) for number in sorted({cell.block for cell in cells}))
    session.flush()
    session.add_all(schema.Cell(run=run, number=number, **vars(cell)) for number, cell in enumerate(cells))


def resolve_id(session: Session, id: str) -> str:
    """Return the full id of the run that *id* means: itself, the only one it is a prefix of, or the ``latest``."""
    known = list(session.scalars(select(schema.Run.id).order_by(schema.Run.created_at.desc(), schema.Run.id)))
    if id in known:
        return id
    if id == "latest" and known:
        # A notebook measures in passing; only where there is nothing else does the word mean one of its runs.
        return next((one for one in known if not one.startswith(NOTEBOOK)), known[0])
    fitting = [one for one in known if id and one.startswith(id)]
    if len(fitting) > 1:
        raise UsageError(f"run {id!r} could be {' or '.join(fitting[:3])}: give more of the id")
    if not fitting:
        raise unknown("run", id, known)
    return fitting[0]


def _check(schedule: Sequence[PlannedCell]) -> list[PlannedCell]:
    if not schedule:
        raise UsageError("the schedule has no cell: give at least one variant, one scenario and one block")
    seen = set()
    for cell in schedule:
        if cell.key in seen:
            raise UsageError(f"the schedule has this cell twice: {cell}")
        seen.add(cell.key)
    return list(schedule)


def _scales(cells: Sequence[PlannedCell], declaration: Mapping[str, Any]) -> str:
    found = sorted({cell.scale for cell in cells})
    declared = declaration.get("scales")
    if isinstance(declared, list | tuple) and set(declared) == set(found):
        found = list(declared)
    return found[0] if len(found) == 1 else f"{found[0]}-to-{found[-1]}"


def _environment(session: Session, identity: Mapping[str, Any]) -> str:
    key = digest(identity)
    session.merge(schema.Environment(digest=key, identity=plain(identity)))
    return key


def _package() -> str:
    from perfstudy import __version__

    return str(__version__)


def _mapping(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError(f"{value!r:.40} where a mapping belongs")
    return value


def _require_known(session: Session, run: str) -> schema.Run:
    row = session.get(schema.Run, run)
    if row is None:
        raise unknown("run", run, session.scalars(select(schema.Run.id)))
    return row


def _number(session: Session, run: str, cell: PlannedCell) -> int:
    statement = select(schema.Cell.number).filter_by(run=run, **vars(cell))
    number = session.scalar(statement)
    if number is None:
        _require_known(session, run)
        raise UsageError(f"the schedule of {run} has no such cell: {cell}")
    return number


def _of(table: Any, run: str) -> Select[Any]:
    return select(table).where(table.run == run).order_by(*table.__table__.primary_key.columns)


def _planned_cells(run: str) -> Select[Any]:
    cell = schema.Cell
    columns: tuple[Any, ...] = (cell.block, cell.position, cell.label, cell.variant)
    columns += (cell.scale, cell.scenario, cell.temperature)
    return select(*columns).where(cell.run == run).order_by(cell.number)


def _missing(run: str) -> Select[Any]:
    measured = select(schema.Sample.cell).where(schema.Sample.run == run)
    excluded = select(schema.Exclusion.variant).where(schema.Exclusion.run == run)
    return _planned_cells(run).where(schema.Cell.number.not_in(measured), schema.Cell.variant.not_in(excluded))


def _planned(session: Session, statement: Select[Any]) -> list[PlannedCell]:
    return [PlannedCell(*row) for row in session.execute(statement)]


def _summaries(session: Session, run: str | None = None) -> list[RunSummary]:
    """Return the summary of one run or of all, the newest first."""
    statement = select(schema.Run).order_by(schema.Run.created_at.desc(), schema.Run.id)
    rows = session.scalars(statement if run is None else statement.where(schema.Run.id == run)).all()
    measured, cells = _counts(session, schema.Sample), _counts(session, schema.Cell)
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
            declaration=_mapping(row.declaration),
        )
        for row in rows
    ]


def _counts(session: Session, table: type[schema.Cell | schema.Sample]) -> dict[str, int]:
    """Return how many cells of each run are planned or measured, those of excluded variants left out."""
    cell, out = schema.Cell, schema.Exclusion
    statement = select(cell.run, func.count()).outerjoin(out, and_(out.run == cell.run, out.variant == cell.variant))
    if table is schema.Sample:
        statement = statement.join(table, and_(table.run == cell.run, table.cell == cell.number))
    counted = session.execute(statement.where(out.run.is_(None)).group_by(cell.run))
    return {run: count for run, count in counted}  # noqa: C416 - rows are no pairs to the type checker

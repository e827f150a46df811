"""Store results: plan a schedule, then append its cells one by one."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from perfstudy.errors import UsageError
from perfstudy.model.closing import Closing
from perfstudy.results import schema
from perfstudy.results.cells import OF_PAGE, CellResult, PlannedCell, pack
from perfstudy.results.claim import claim
from perfstudy.results.engine import (
    WRITING,
    StoreError,
    address,
    connect,
    explain_error,
    prepare_schema,
    redact_url,
)
from perfstudy.results.plain import digest, plain
from perfstudy.results.planning import add_schedule, check_schedule, make_id, name_scales
from perfstudy.results.queries import find_number, list_missing, require_known
from perfstudy.results.reader import Reader
from perfstudy.results.remarks import STOPPED
from perfstudy.results.sharing import Participation, check_engine, participate

PATIENCE = 30.0
"""Seconds to wait for another process that is writing."""


class DuplicateCell(StoreError):  # noqa: N818 - what it is, as the runner meets it
    """The cell was measured before; what is stored stays as it is."""


class Store(Reader, Closing):
    """Results in a database: SQLite by default, any URL of SQLAlchemy by choice.

    Every method that writes is one transaction. Several processes may use a store at once.
    Methods take a run's id; those that read also take ``latest`` or a prefix that only one run has.

    Raises (every method):
        StoreError: the store is locked, full, read-only, damaged or out of reach.
        UsageError: no run has that id; the nearest ones are named.
    """

    @classmethod
    def open(cls, url: str | Path | None = None, *, read_only: bool = False, timeout: float = PATIENCE) -> "Store":
        """Open a store and create its tables where there are none.

        It is a file, a URL, or the one in the home folder.

        *timeout* is how many seconds to wait for another process that is writing.

        Raises:
            StoreError: it cannot be opened, holds something else, or is of another version of the schema.
            UsageError: the URL is invalid, or the driver of its database is not installed.
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
        """Close every connection; a later call opens a new one."""
        self._engine.dispose()

    def __repr__(self) -> str:
        return f"Store({self.where!r})"

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Give a session that commits all its changes at the end, or none."""
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
        notes: Mapping[str, Any] | None = None,
    ) -> str:
        """Write a run and its schedule before its first request; return its id.

        *environment* is the identity (what must be equal for runs to be pooled), *telemetry* what passes. *notes* are
        recorded by name.

        Raises:
            UsageError: an empty schedule, a cell that stands twice, or a name that cannot be part of an id.
        """
        cells = check_schedule(schedule)
        scale = name_scales(cells, declaration)
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
            session.add_all(schema.Note(run=run, key=key, value=plain(value)) for key, value in (notes or {}).items())
        return run

    @contextmanager
    def hold_claim(self, run: str) -> Iterator[None]:
        """Hold the claim to measure *run*, which ends with this process at the latest.

        Raises:
            UsageError: another process holds it, which the message names.
        """
        with explain_error(self.where), claim(self._engine, run):
            yield

    def check_shareable(self) -> None:
        """Refuse a store in which machines cannot measure one run at once.

        Raises:
            UsageError: it is no PostgreSQL.
        """
        check_engine(self._engine, self.where)

    @contextmanager
    def participate(self, run: str) -> Iterator[Participation]:
        """Give claims on single blocks of *run*, which other processes measure too.

        Raises:
            UsageError: the store is no PostgreSQL, or one process measures the run alone.
        """
        with explain_error(self.where), participate(self._engine, self.where, run) as claims:
            yield claims

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
                cell=find_number(session, run, cell),
                started_at=result.started_at,
                setup_seconds=float(result.setup_seconds),
                warmups=int(result.warmups),
                first_ns=None if result.first_ns is None else int(result.first_ns),
                server_timing=plain(
                    {**result.server_timing, **{f"{OF_PAGE}{name}": value for name, value in result.quantities.items()}}
                ),
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
        """Store what the server did for one cell, in place of an earlier pass."""
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
            require_known(session, run)
            there = session.scalar(select(func.count()).where(schema.Cost.run == run)) or 0
            session.add_all(schema.Cost(run=run, number=there + i, row=plain(row)) for i, row in enumerate(rows))

    def finish(self, run: str, telemetry: Mapping[str, Any]) -> None:
        """Close a run.

        One that stopped before its last block, as a note says, leaves cells that were planned. A shard has cells of
        its own blocks alone.

        Raises:
            StoreError: cells are missing that neither an exclusion nor such a note explains.
        """
        with self.writing() as session:
            row = require_known(session, run)
            gaps = len(list_missing(session, run))
            if gaps and session.get(schema.Note, (run, STOPPED)) is None:
                raise StoreError(f"{run} still misses {gaps} cells: resume it with perfstudy run --resume {run}")
            row.telemetry_after = plain(telemetry)
            row.finished_at = datetime.now(UTC)

    def _merge(self, row: Any) -> None:
        with self.writing() as session:
            require_known(session, row.run)
            session.merge(row)


def _environment(session: Session, identity: Mapping[str, Any]) -> str:
    key = digest(identity)
    session.merge(schema.Environment(digest=key, identity=plain(identity)))
    return key


def _package() -> str:
    from perfstudy import __version__

    return str(__version__)

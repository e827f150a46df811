"""Read a store: its runs, and of each run the schedule and what was measured."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, and_, select
from sqlalchemy.orm import Session

from perfstudy.results import schema
from perfstudy.results.cells import PlannedCell
from perfstudy.results.engine import explain_error, sound
from perfstudy.results.queries import (
    list_cells,
    list_missing,
    require_known,
    require_mapping,
    resolve_id,
    select_cells,
    select_rows,
    summarize,
)
from perfstudy.results.resultset import Run, RunSummary

if TYPE_CHECKING:
    import pandas as pd


class Reader:
    """The reading half of a store.

    A run's id may be ``latest`` or a prefix that only one run has.

    Raises (every method):
        StoreError: the store is locked, damaged or out of reach.
        UsageError: no run has that id; the nearest ones are named.
    """

    def __init__(self, engine: Engine, where: str) -> None:
        self.where = where
        """The store's address for people, without a password."""
        self._engine = engine

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a session that sees one state of the store."""
        with sound(self.where), explain_error(self.where), Session(self._engine) as session:
            yield session

    def schedule(self, run: str) -> list[PlannedCell]:
        """Return every planned cell in the order of the schedule."""
        with self.reading() as session:
            return list_cells(session, select_cells(resolve_id(session, run)))

    def missing(self, run: str) -> list[PlannedCell]:
        """Return the cells that are still to be measured, in order.

        Of a run that is a shard, those of its own blocks.
        """
        with self.reading() as session:
            return list_missing(session, resolve_id(session, run))

    def summaries(self) -> list[RunSummary]:
        """Return every run, the newest first."""
        with self.reading() as session:
            return summarize(session)

    def unfinished(self) -> list[RunSummary]:
        """Return the runs that were never finished, the newest first."""
        return [summary for summary in self.summaries() if summary.finished_at is None]

    def runs(self) -> "pd.DataFrame":
        """Return one row per run, the newest first.

        Columns: run (its id), study, scale, seed, blocks, cells, measured,
        created_at, finished_at (missing until then), environment (the digest of its identity).
        """
        import pandas as pd

        columns = [name for name in RunSummary.__dataclass_fields__ if name != "declaration"]
        return pd.DataFrame([vars(one) for one in self.summaries()], columns=columns).rename(columns={"id": "run"})

    def run(self, id: str = "latest") -> Run:
        """Return the run of that id, of that prefix, or the ``latest``."""
        with self.reading() as session:
            row = require_known(session, resolve_id(session, id))
            environment = session.get_one(schema.Environment, row.environment)
            return Run(
                summary=summarize(session, row.id)[0],
                environment=require_mapping(environment.identity),
                telemetry={
                    "before": require_mapping(row.telemetry_before),
                    "after": row.telemetry_after and require_mapping(row.telemetry_after),
                },
                notes={note.key: note.value for note in session.scalars(select_rows(schema.Note, row.id))},
                excluded={one.variant: one.reason for one in session.scalars(select_rows(schema.Exclusion, row.id))},
                package=row.package,
                store=self,
            )

    def samples(self, run: str) -> "pd.DataFrame":
        """Return one row per timed request, in the order of the schedule.

        Columns: block, label, variant, scale, scenario,
        temperature, n (its place in the cell, from 0), seconds.
        """
        from perfstudy.results import frames

        rows = self.read_packed(run)
        with sound(self.where):
            return frames.samples(rows)

    def cells(self, run: str) -> "pd.DataFrame":
        """Return one row per measured cell; for its columns see ``frames.cells``."""
        from perfstudy.results import frames

        rows = self.read_packed(run)
        with sound(self.where):
            return frames.cells(rows)

    def evidence(self, run: str) -> list[dict[str, Any]]:
        """Return the evidence, each with the place that it is of."""
        with sound(self.where):
            return [{**row.pop("evidence"), **row} for row in self._rows(schema.Evidence, run)]

    def plans(self, run: str) -> list[dict[str, Any]]:
        """Return the plans, each with its statement and the place that it is of."""
        return self._rows(schema.Plan, run)

    def costs(self, run: str) -> "pd.DataFrame":
        """Return the cost side as it was given, in the order it was added."""
        from perfstudy.results import frames

        rows = self._rows(schema.Cost, run)
        with sound(self.where):
            return frames.table([dict(row["row"]) for row in rows])

    def environment(self, run: str) -> dict[str, Any]:
        """Return the identity of the environment that the run was measured in."""
        return self.run(run).environment

    def read_packed(self, run: str) -> list[dict[str, Any]]:
        """Return one mapping per measured cell, its latencies still packed."""
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
            rows = session.scalars(select_rows(table, resolve_id(session, run)))
            return [{name: getattr(row, name) for name in names} for row in rows]

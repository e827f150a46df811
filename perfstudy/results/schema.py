"""Declare the tables of the result store, for any database of SQLAlchemy.

A run is planned first: its row, its environment, its blocks and every cell are written in one transaction.
A measured cell then gains one row of ``sample``; a cell without one is missing. Nothing measured is ever changed.
Every table but ``schema_version`` and ``environment`` begins with the run's id; there are no surrogate keys, so the
same rows are the same run in every store.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, ForeignKey, ForeignKeyConstraint, LargeBinary, Text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

Packed = bytes

VERSION = 2
"""The version of these tables and of the exports; the first is converted, any other one is refused."""


class Utc(TypeDecorator[datetime]):
    """A moment in UTC to the microsecond, aware of its zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment in UTC; one without a zone is local time."""
        return value if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment with its zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The tables share one catalogue and these types."""

    type_annotation_map = {
        datetime: Utc,
        dict[str, Any]: JSON(none_as_null=True),
        Packed: LargeBinary,
    }


class SchemaVersion(Base):
    """One row: the version of the tables in this database."""

    __tablename__ = "schema_version"
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class Environment(Base):
    """Where runs were measured: only runs with the same identity may be pooled."""

    __tablename__ = "environment"
    digest: Mapped[str] = mapped_column(primary_key=True)
    """SHA-256 of the canonical JSON of ``identity``."""
    identity: Mapped[dict[str, Any]]


class Run(Base):
    """One execution of a study; ``finished_at`` is null until it is complete."""

    __tablename__ = "run"
    id: Mapped[str] = mapped_column(primary_key=True)
    """``<study>-<scale>-<YYYYMMDD-HHMMSS>-<four letters>``, the time in UTC."""
    study: Mapped[str]
    scale: Mapped[str]
    """The scale, or the first and the last one as ``tiny-to-large``."""
    seed: Mapped[int] = mapped_column(BigInteger)
    blocks: Mapped[int]
    declaration: Mapped[dict[str, Any]]
    """The study as declared: what it crosses, its warm-up, requests and time for a cell."""
    environment: Mapped[str] = mapped_column(ForeignKey("environment.digest"))
    package: Mapped[str]
    """The version of perfstudy that measured."""
    telemetry_before: Mapped[dict[str, Any]]
    telemetry_after: Mapped[dict[str, Any] | None]
    """Passing conditions (load, memory, checkpoints), before the first and after the last request."""
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class Note(Base):
    """Something recorded about a run by name, of any JSON type."""

    __tablename__ = "note"
    run: Mapped[str] = mapped_column(ForeignKey("run.id"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)


class Exclusion(Base):
    """A variant that does not count, and why; its cells are no longer missing."""

    __tablename__ = "exclusion"
    run: Mapped[str] = mapped_column(ForeignKey("run.id"), primary_key=True)
    variant: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str] = mapped_column(Text)


class Block(Base):
    """A block runs every cell of the study once; it is the unit of inference."""

    __tablename__ = "block"
    run: Mapped[str] = mapped_column(ForeignKey("run.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class Cell(Base):
    """One planned cell: (block, variant, scenario) at a temperature and a scale."""

    __tablename__ = "cell"
    __table_args__ = (
        ForeignKeyConstraint(["run", "block"], ["block.run", "block.number"]),
        Unique("run", "block", "scale", "label", "scenario", "temperature"),
    )
    run: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Its place in the whole schedule, counted from 0."""
    block: Mapped[int]
    position: Mapped[int]
    """Its place within the block, counted from 0."""
    label: Mapped[str]
    variant: Mapped[str]
    scale: Mapped[str]
    scenario: Mapped[str]
    temperature: Mapped[str]


class Sample(Base):
    """What one cell measured, in one row, so that a cell is there whole or not at all."""

    __tablename__ = "sample"
    __table_args__ = (ForeignKeyConstraint(["run", "cell"], ["cell.run", "cell.number"]),)
    run: Mapped[str] = mapped_column(primary_key=True)
    cell: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    started_at: Mapped[datetime]
    setup_seconds: Mapped[float]
    warmups: Mapped[int]
    """Requests thrown away before the timed ones."""
    first_ns: Mapped[int | None] = mapped_column(BigInteger)
    """The first request of a fresh process, nanoseconds; null where the process had already served."""
    server_timing: Mapped[dict[str, Any]]
    """Medians of the service's own account, milliseconds: connect, db, serialize, total.

    Of a page, what the browser counted, by names that begin with ``page:``.
    """
    bytes: Mapped[int] = mapped_column(BigInteger)
    """Length of one answer's body."""
    errors: Mapped[int]
    n: Mapped[int]
    """Number of timed requests."""
    latencies: Mapped[Packed]
    """``n`` little-endian int64, nanoseconds in the order of the requests, compressed by zlib."""


class Evidence(Base):
    """What the server did for one cell, from a pass that was not timed."""

    __tablename__ = "evidence"
    run: Mapped[str] = mapped_column(ForeignKey("run.id"), primary_key=True)
    variant: Mapped[str] = mapped_column(primary_key=True)
    scale: Mapped[str] = mapped_column(primary_key=True)
    scenario: Mapped[str] = mapped_column(primary_key=True)
    temperature: Mapped[str] = mapped_column(primary_key=True)
    evidence: Mapped[dict[str, Any]]


class Plan(Base):
    """The plan of one statement of a request, counted from 0 within the request."""

    __tablename__ = "plan"
    run: Mapped[str] = mapped_column(ForeignKey("run.id"), primary_key=True)
    variant: Mapped[str] = mapped_column(primary_key=True)
    scale: Mapped[str] = mapped_column(primary_key=True)
    scenario: Mapped[str] = mapped_column(primary_key=True)
    temperature: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sql: Mapped[str] = mapped_column(Text)
    plan: Mapped[Any] = mapped_column(JSON)
    """EXPLAIN's JSON, as PostgreSQL gave it."""
    shape: Mapped[str] = mapped_column(Text)
    """The plan's nodes without numbers, which stay the same from run to run."""


class Cost(Base):
    """One row of the cost side, a flat mapping as the study gave it."""

    __tablename__ = "cost"
    run: Mapped[str] = mapped_column(ForeignKey("run.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    row: Mapped[dict[str, Any]]


class Verdict(Base):
    """One row of the verdict table of an export; none is stored any more."""

    __tablename__ = "verdict"
    run: Mapped[str] = mapped_column(ForeignKey("run.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    row: Mapped[dict[str, Any]]

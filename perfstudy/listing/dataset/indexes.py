"""Indexes and constraints: dropped before the bulk load and recreated after it."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

Connection = psycopg.Connection[Any]
Advanced = Callable[[int], None]

BUILDERS = min(5, (os.cpu_count() or 1) + 1)
"""Connections that build indexes at the same time: one more than cores, as each waits for the disk when it commits."""

INDEXES = """
    SELECT i.relname, t.relname, pg_get_indexdef(i.oid), c.conname, c.contype,
           pg_get_constraintdef(c.oid)
    FROM pg_index x
    JOIN pg_class i ON i.oid = x.indexrelid
    JOIN pg_class t ON t.oid = x.indrelid
    LEFT JOIN pg_constraint c ON c.conindid = x.indexrelid AND c.contype IN ('p', 'u')
    WHERE x.indrelid = ANY(%s::regclass[])
    ORDER BY i.oid
"""
BUILDING = "SELECT phase LIKE 'building index%%' FROM pg_stat_progress_create_index WHERE pid = %s"
FOREIGN_KEYS = """
    SELECT conname, conrelid::regclass::text, pg_get_constraintdef(oid)
    FROM pg_constraint WHERE contype = 'f' AND conrelid = ANY(%s::regclass[])
    ORDER BY conname
"""


@dataclass(frozen=True, kw_only=True)
class Index:
    """An index as the catalogue defines it, and the constraint that it serves, if any."""

    name: str
    table: str
    definition: str
    constraint: str | None
    kind: str | None
    """``p`` for a primary key, ``u`` for a unique constraint."""
    deferral: str
    """What follows the columns in the constraint's definition, such as DEFERRABLE."""


@dataclass(frozen=True, kw_only=True)
class ForeignKey:
    """A foreign key as the catalogue defines it."""

    name: str
    table: str
    definition: str


@dataclass(frozen=True, kw_only=True)
class Definitions:
    """The indexes and foreign keys of the tables that are loaded."""

    indexes: tuple[Index, ...]
    foreign_keys: tuple[ForeignKey, ...]

    def __len__(self) -> int:
        return len(self.indexes) + len(self.foreign_keys)


def read(connection: Connection, tables: Sequence[str]) -> Definitions:
    """Return the indexes and foreign keys of *tables*, in order of creation."""
    indexes = connection.execute(INDEXES, (list(tables),)).fetchall()
    keys = connection.execute(FOREIGN_KEYS, (list(tables),)).fetchall()
    return Definitions(
        indexes=tuple(
            Index(name=n, table=t, definition=d, constraint=c, kind=k, deferral=(cd or "").rpartition(")")[2].strip())
            for n, t, d, c, k, cd in indexes
        ),
        foreign_keys=tuple(ForeignKey(name=n, table=t, definition=d) for n, t, d in keys),
    )


def drop(connection: Connection, definitions: Definitions) -> None:
    """Drop the *definitions*, foreign keys first, since they need unique indexes."""
    statement = sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}")
    for key in definitions.foreign_keys:
        connection.execute(statement.format(sql.Identifier(key.table), sql.Identifier(key.name)))
    for index in definitions.indexes:
        if index.constraint:
            connection.execute(statement.format(sql.Identifier(index.table), sql.Identifier(index.constraint)))
        else:
            connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(index.name)))


def restore(connect: Callable[[], Connection], definitions: Definitions, advanced: Advanced) -> None:
    """Recreate those of *definitions* that are missing.

    Several connections build at a time. An index is built first, under a lock that lets others build meanwhile, and
    then declared to serve its constraint.
    *connect* opens a connection in autocommit mode; *advanced* gets the number of finished ones.
    """
    with ExitStack() as stack:
        watch, *builders = [stack.enter_context(connect()) for _ in range(BUILDERS + 1)]
        built = _keep_built(watch, definitions.indexes)
        _build(builders, watch, definitions.indexes[built:], lambda done: advanced(built + done))
        there = {name for (name,) in watch.execute("SELECT conname FROM pg_constraint")}
        for index in definitions.indexes:
            if index.constraint not in there:
                _attach(watch, index)
        for count, key in enumerate(definitions.foreign_keys, len(definitions.indexes) + 1):
            if key.name not in there:
                _add(watch, key)
            advanced(count)


def _keep_built(connection: Connection, indexes: Sequence[Index]) -> int:
    """Return how many of *indexes* are built, from the first on.

    Those behind a missing one are dropped, because indexes must be created in order (see ``_await_start``).
    """
    there = {name for (name,) in connection.execute("SELECT relname FROM pg_class WHERE relkind = 'i'")}
    built = [index.name in there for index in indexes]
    count = built.index(False) if False in built else len(built)
    for index in indexes[count:]:
        connection.execute(sql.SQL("DROP INDEX IF EXISTS {}").format(sql.Identifier(index.name)))
    return count


def _add(connection: Connection, key: ForeignKey) -> None:
    add = sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} {}")
    connection.execute(add.format(sql.Identifier(key.table), sql.Identifier(key.name), sql.SQL(key.definition)))


def _build(connections: list[Connection], watch: Connection, indexes: Sequence[Index], advanced: Advanced) -> None:
    """Build *indexes*; on an error or Ctrl-C, cancel the builds that are running."""
    idle, building = list(connections), dict[Future[None], Connection]()
    with ThreadPoolExecutor(len(connections), thread_name_prefix="index") as pool:
        try:
            for started, index in enumerate(indexes, 1):
                if not idle:
                    idle += _wait_for_one(building)
                    advanced(started - 1 - len(building))
                connection = idle.pop()
                future = pool.submit(_create, connection, index)
                building[future] = connection
                _await_start(watch, connection.info.backend_pid, future)
            while building:
                _wait_for_one(building)
                advanced(len(indexes) - len(building))
        except BaseException:
            for connection in connections:
                connection.cancel_safe()
            raise


def _wait_for_one(building: dict[Future[None], Connection]) -> list[Connection]:
    """Wait until a build has finished; return the connections that are free again.

    The wait is divided into short ones, because some platforms notice Ctrl-C only between them.
    """
    done: set[Future[None]] = set()
    while not done:
        done, _ = wait(building, timeout=0.5, return_when=FIRST_COMPLETED)
    free = [building.pop(future) for future in done]
    for future in done:
        future.result()
    return free


def _await_start(watch: Connection, backend: int, future: Future[None]) -> None:
    """Return once *backend* has entered its index into the catalogue.

    That gives the index its number. Of two indexes that serve a query equally well, the planner takes the one with the
    lower number. So indexes must be created in the order of the migrations, or plans would differ between loads.
    """
    while not future.done():
        row = watch.execute(BUILDING, (backend,)).fetchone()
        if row and row[0]:
            return
        wait((future,), timeout=0.002)


def _create(connection: Connection, index: Index) -> None:
    connection.execute(index.definition)


def _attach(connection: Connection, index: Index) -> None:
    if index.constraint is None:
        return
    attach = sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} {} USING INDEX {} {}").format(
        sql.Identifier(index.table),
        sql.Identifier(index.constraint),
        sql.SQL("PRIMARY KEY" if index.kind == "p" else "UNIQUE"),
        sql.Identifier(index.name),
        sql.SQL(index.deferral),
    )
    connection.execute(attach)

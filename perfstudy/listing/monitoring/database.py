"""PostgreSQL's statistics: index use, slowest statements, plans, connections."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import psycopg
from psycopg import sql

from perfstudy.errors import PerfstudyError
from perfstudy.evidence import plans

SCHEMA = "perfstudy_monitor"
"""The schema of the view of statement statistics, separate from the service's tables."""
EXTENSION = "pg_stat_statements"
SLOWEST = 5
READING = ("SELECT", "WITH")

INDEXES = """
    SELECT coalesce(whole.relname, s.relname), coalesce(root.relname, s.indexrelname), sum(s.idx_scan)::bigint,
           sum(pg_relation_size(s.indexrelid))::bigint, bool_and(x.indisunique), bool_and(x.indisvalid), min(c.columns)
    FROM pg_stat_user_indexes s JOIN pg_index x USING (indexrelid)
    CROSS JOIN LATERAL (SELECT ARRAY(
        SELECT pg_get_indexdef(s.indexrelid, n, false)
               || CASE WHEN o.opcdefault THEN '' ELSE ' ' || o.opcname END
               || CASE WHEN x.indoption[n - 1] & 1 = 1 THEN ' DESC' ELSE '' END
        FROM generate_series(1, x.indnkeyatts) n JOIN pg_opclass o ON o.oid = x.indclass[n - 1] ORDER BY n
    )) c(columns)
    LEFT JOIN pg_inherits h ON h.inhrelid = s.indexrelid
    LEFT JOIN pg_class root ON root.oid = h.inhparent
    LEFT JOIN pg_index r ON r.indexrelid = root.oid
    LEFT JOIN pg_class whole ON whole.oid = r.indrelid
    WHERE x.indpred IS NULL AND s.schemaname = 'public' AND s.relname LIKE 'ads%'
    GROUP BY 1, 2 ORDER BY 1, 2
"""
"""The statistics name the index of each partition; together they are the index of the table."""
CONNECTIONS = """
    SELECT coalesce(state, 'unknown'), count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
    GROUP BY 1 ORDER BY 1
"""
STATEMENTS = """
    SELECT query, calls, total_exec_time, mean_exec_time, rows FROM {}.pg_stat_statements
    WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND query ~* '"?ads_'
      AND query !~* '^\\s*(create|alter|drop|copy|truncate|analyze|vacuum|explain|lock)'
    ORDER BY total_exec_time DESC LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Index:
    """An index, what it is used for and what it costs; *size* in bytes."""

    table: str
    name: str
    columns: tuple[str, ...]
    scans: int
    size: int
    unique: bool
    valid: bool
    covered_by: str | None = None
    """Another index that begins with the same columns, so that this one could go."""

    @property
    def unused(self) -> bool:
        """Whether no query used it, and it enforces no constraint."""
        return self.scans == 0 and not self.unique

    def row(self) -> dict[str, Any]:
        """Return the index as a row of a table."""
        return {**asdict(self), "columns": list(self.columns), "unused": self.unused}


@dataclass(frozen=True, slots=True)
class SlowStatement:
    """A kind of statement, its parameters aside; times in milliseconds."""

    sql: str
    calls: int
    total: float
    mean: float
    rows: int
    plan: str
    """The shape of the generic plan, or why there is none."""

    def row(self) -> dict[str, Any]:
        """Return the statement as a row of a table."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class DatabaseState:
    """The state of the database at one moment."""

    indexes: tuple[Index, ...]
    statements: tuple[SlowStatement, ...]
    statements_missing: str
    """Why no statements are shown; empty where they are."""
    connections: dict[str, int]


def read_database(url: str, *, ours: bool) -> DatabaseState:
    """Return the state of the database at *url*.

    If it is *ours*, the view of the statements is created in a separate schema unless it exists.

    Raises:
        PerfstudyError: it does not answer.
    """
    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
            statements, missing = _statements(connection, ours)
            return DatabaseState(_indexes(connection), statements, missing, _connections(connection))
    except psycopg.Error as error:
        raise PerfstudyError(f"PostgreSQL does not answer: {str(error).strip()}") from None


def _indexes(connection: "psycopg.Connection[Any]") -> tuple[Index, ...]:
    rows = connection.execute(INDEXES.encode()).fetchall()
    found = [Index(t, n, tuple(c), scans, size, unique, valid) for t, n, scans, size, unique, valid, c in rows]
    return tuple(find_covered(found))


def find_covered(indexes: list[Index]) -> Iterable[Index]:
    """Yield each index with the name of another one that covers it, if there is one."""
    for index in indexes:
        covering = (other.name for other in indexes if _covers(other, index))
        yield Index(**{**asdict(index), "covered_by": next(covering, None)})


def _covers(other: Index, index: Index) -> bool:
    """Return whether *other* can replace *index*.

    Of two equal indexes, the first in alphabetical order stays.
    """
    if other is index or other.table != index.table or index.unique or not other.valid:
        return False
    if other.columns == index.columns:
        return other.unique or other.name < index.name
    return other.columns[: len(index.columns)] == index.columns


def _connections(connection: "psycopg.Connection[Any]") -> dict[str, int]:
    return {state: int(count) for state, count in connection.execute(CONNECTIONS.encode())}


def _statements(connection: "psycopg.Connection[Any]", ours: bool) -> tuple[tuple[SlowStatement, ...], str]:
    try:
        schema = _extension(connection, ours)
        if schema is None:
            return (), f"the extension {EXTENSION} is not there: `CREATE EXTENSION {EXTENSION}` makes it"
        query = sql.SQL(STATEMENTS).format(sql.Identifier(schema))
        rows = connection.execute(query, (SLOWEST,)).fetchall()
    except psycopg.Error as error:
        return (), str(error).strip().splitlines()[0]
    found = [
        SlowStatement(statement, calls, total, mean, count, _plan(connection, statement))
        for statement, calls, total, mean, count in rows
    ]
    return tuple(found), ""


def _extension(connection: "psycopg.Connection[Any]", ours: bool) -> str | None:
    """Return the schema of the extension; None if there is none.

    It is created if the database is *ours*.
    """
    if ours:
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}".encode())
        connection.execute(f"CREATE EXTENSION IF NOT EXISTS {EXTENSION} SCHEMA {SCHEMA}".encode())
    where = "SELECT extnamespace::regnamespace::text FROM pg_extension WHERE extname = %s"
    found = connection.execute(where, (EXTENSION,)).fetchone()
    return str(found[0]) if found else None


def _plan(connection: "psycopg.Connection[Any]", statement: str) -> str:
    if not statement.lstrip().upper().startswith(READING):
        return "a write is not explained"
    try:
        with connection.transaction(force_rollback=True):
            connection.execute("SET TRANSACTION READ ONLY")
            row = connection.execute(f"EXPLAIN (GENERIC_PLAN, FORMAT JSON) {statement}".encode()).fetchone()
    except psycopg.Error as error:
        return f"no plan: {str(error).strip().splitlines()[0]}"
    return plans.describe_shape(row[0][0]) if row else "no plan"

"""The statements that any service sends, as PostgreSQL itself counts them."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import psycopg
from psycopg import sql

from perfstudy.evidence.plans import Plan, count_rows_removed
from perfstudy.evidence.statement_statistics import find_obstacle, find_schema
from perfstudy.evidence.statements import normalise
from perfstudy.formatting import clock
from perfstudy.lab.processes import wait_until

if TYPE_CHECKING:
    from perfstudy.lab.access import Postgres

SETTLING = 5.0
"""Seconds that sessions may take to end their transactions once the answer is there."""

ASIDE = re.compile(
    r"(abort|begin|close|commit|deallocate|discard|end|fetch|listen|move|notify|prepare|release|reset|rollback"
    r"|savepoint|set|show|start|unlisten)\b",
    re.IGNORECASE,
)
"""What only opens, closes and moves: transactions, a session's settings, and cursors that are declared already."""
DECLARE = re.compile(r'declare\s+("(?:[^"]|"")*"|\w+)\s[^;]*?\bcursor\b.*?\bfor\s+', re.IGNORECASE | re.DOTALL)
COMMENT = re.compile(r"(\"(?:[^\"]|\"\")*\"|'(?:[^']|'')*')|/\*.*?\*/|--[^\n]*", re.DOTALL)
PARAMETER = re.compile(r"\$\d+")
LOST = "(text not kept by PostgreSQL)"

KNOWN = """
    SELECT s.userid::bigint, s.queryid, s.query, s.calls, s.total_exec_time, s.rows,
           s.shared_blks_hit, s.shared_blks_read
    FROM {}.pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid
    WHERE d.datname = %s AND s.toplevel AND s.userid <> ALL (SELECT oid FROM pg_roles WHERE rolname = ANY (%s))
"""
BUSY = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = %s AND backend_type = 'client backend' AND state NOT IN ('idle', 'disabled')
      AND pid <> pg_backend_pid() AND usename <> ALL (%s)
"""


@dataclass(slots=True)
class Watched:
    """What the server executed in the window; complete once closed.

    Transactions, session settings and movements of cursors are utility commands, counted in ``aside`` only.
    """

    statements: dict[str, int] = field(default_factory=dict)
    """How often each was executed, by its text with ``?`` for values; in alphabetical order."""
    aside: dict[str, int] = field(default_factory=dict)
    """The utility commands, such as BEGIN, by their first word."""
    queries: dict[int, str] = field(default_factory=dict)
    """The server's own text of each of its query identifiers, with ``$1`` for values."""
    milliseconds: float = 0.0
    """The time of execution, without planning and without waiting for the client."""
    rows: int = 0
    """Rows returned, fetched or changed."""
    buffers_hit: int = 0
    buffers_read: int = 0
    """8 kB pages found in shared buffers, and not found there."""
    plans: dict[str, Plan] = field(default_factory=dict)
    """A plan of each statement that has one, from its first execution; only from server_plans.observe_requests."""
    obstacle: str = ""
    """Why nothing is known, and the command that mends it; empty where the counts stand."""
    doubt: str = ""
    """Why the counts may be too small; empty where they are exact."""

    @property
    def calls(self) -> int:
        """The number of statements executed."""
        return sum(self.statements.values())

    def evidence(self) -> dict[str, Any]:
        """Return the counts by the names of the stored evidence; empty with an obstacle."""
        if self.obstacle:
            return {}
        return {
            "statements": self.statements,
            "statement_count": self.calls,
            "buffers_hit": self.buffers_hit,
            "buffers_read": self.buffers_read,
            "execution_ms": self.milliseconds,
            "rows": self.rows,
            **self._count_discarded(),
        }

    def _count_discarded(self) -> dict[str, int]:
        """Return the rows that executed plans discarded; empty without such a plan."""
        executed = {text: plan for text, plan in self.plans.items() if "Execution Time" in plan}
        if not executed:
            return {}
        return {
            "rows_removed": sum(count_rows_removed(plan) * self.statements[text] for text, plan in executed.items())
        }


@dataclass(frozen=True, slots=True)
class _Row:
    """The server's counts of one kind of statement of one role."""

    query: str | None
    calls: int
    milliseconds: float
    rows: int
    hit: int
    read: int

    def since(self, other: "_Row | None") -> "_Row":
        """Return the counts since those of *other*, which the server may have forgotten."""
        if other is None or other.calls > self.calls:
            return self
        return _Row(
            self.query,
            self.calls - other.calls,
            self.milliseconds - other.milliseconds,
            self.rows - other.rows,
            self.hit - other.hit,
            self.read - other.read,
        )


Known = dict[tuple[int, int], _Row]


@contextmanager
def watch_statements(postgres: "Postgres", database: str) -> Iterator[Watched]:
    """Count the statements that any client executes in *database* within the block.

    On the lab's own server those of the lab's role are left out; on another one services have the lab's role, so
    nothing else may be done in *database* meanwhile. Statements inside functions belong to the call.
    Nothing of the database changes. Without the server's statistics, the result has an obstacle and no counts.

    Raises:
        PerfstudyError: the server cannot be reached.
    """
    found = Watched()
    roles = list_own_roles(postgres)
    with postgres.connect() as connection:
        found.obstacle = find_obstacle(postgres, connection, database)
        if found.obstacle:
            yield found
            return
        _settle(connection, database, roles)
        before, forgotten = _read(connection, database, roles)
        yield found
        if not _settle(connection, database, roles):
            found.doubt = (
                f"a session was still at work {clock(SETTLING)} after the answer: what it executes then is missing"
            )
        after, later = _read(connection, database, roles)
        if later != forgotten:
            found.doubt = "the server forgot statements meanwhile: raise pg_stat_statements.max"
    _sum(found, {key: row.since(before.get(key)) for key, row in after.items()})


def list_own_roles(postgres: "Postgres") -> list[str]:
    """Return the roles that only the lab uses: its superuser, on its own server."""
    return [] if postgres.service is None else [unquote(urlsplit(postgres.base).username or "")]


def _settle(connection: psycopg.Connection[Any], database: str, roles: list[str]) -> bool:
    """Wait until no session of *database* is at work; return whether none is.

    A statement is counted once it has ended.
    """

    def is_quiet() -> bool:
        row = connection.execute(BUSY.encode(), (database, roles)).fetchone()
        return row is not None and row[0] == 0

    return wait_until(is_quiet, SETTLING)


def _read(connection: psycopg.Connection[Any], database: str, roles: list[str]) -> tuple[Known, int]:
    """Return the counts of *database*, and how often the server has forgotten some."""
    schema = sql.Identifier(find_schema(connection) or "public")
    rows = connection.execute(sql.SQL(KNOWN).format(schema), (database, roles)).fetchall()
    made = connection.execute(sql.SQL("SELECT dealloc FROM {}.pg_stat_statements_info").format(schema)).fetchone()
    return {(user, query): _Row(*counts) for user, query, *counts in rows}, int(made[0]) if made else 0


def _sum(found: Watched, executed: dict[tuple[int, int], _Row]) -> None:
    statements, aside = Counter[str](), Counter[str]()
    for (_, identifier), row in executed.items():
        if not row.calls:
            continue
        text = describe_statement(row.query)
        word = ASIDE.match(text)
        found.queries[identifier] = row.query or ""
        if word:
            aside[word.group(1).upper()] += row.calls
        else:
            statements[text] += row.calls
        if not word or word.group(1).upper() in ("FETCH", "MOVE"):  # the work of a cursor's statement
            found.milliseconds += row.milliseconds
            found.rows += row.rows
            found.buffers_hit += row.hit
            found.buffers_read += row.read
    found.statements, found.aside = dict(sorted(statements.items())), dict(sorted(aside.items()))


def describe_statement(query: str | None) -> str:
    """Return the server's text of a statement in the form of the statement log's.

    Comments are left out, and a cursor's statement stands without the cursor's name, which many drivers make up.

    >>> describe_statement("SELECT a /* page */ FROM t WHERE b = $1 AND c IN ($2 /*, ... */)")
    'SELECT a FROM t WHERE b = ? AND c IN (?)'
    >>> describe_statement('DECLARE "c_1" NO SCROLL CURSOR WITH HOLD FOR SELECT a FROM t')
    'SELECT a FROM t'
    """
    if not query:
        return LOST
    bare = COMMENT.sub(lambda found: found.group(1) or " ", query).strip().rstrip(";")
    bare = DECLARE.sub("", bare, count=1) if DECLARE.match(bare) else bare
    return normalise(PARAMETER.sub("?", bare)).replace(" )", ")")

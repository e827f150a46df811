"""The plans of any service's statements, as the server of the lab logs them."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from perfstudy.evidence.plans import Plan
from perfstudy.evidence.server_statements import Watched, describe_statement, watch_statements
from perfstudy.lab.state import State

if TYPE_CHECKING:
    from perfstudy.lab.access import Postgres

LOGGING = {
    "auto_explain.log_min_duration": "0",
    "auto_explain.log_analyze": "on",
    "auto_explain.log_buffers": "on",
    "auto_explain.log_settings": "on",
    "auto_explain.log_verbose": "on",
    "auto_explain.log_format": "json",
    "auto_explain.log_parameter_max_length": "0",
}
"""Every plan with its settings and, since it is verbose, with the identifier of its statement."""
MARK = "jit_above_cost"
"""A setting that a plan names and that nothing reads while jit is off: its value says which database the plan is of.

The prefix of the log's lines does not say it, and it can only be set for the whole server.
"""
Watch = Callable[[], AbstractContextManager[Watched]]
ENTRY = re.compile(r"^.*LOG:  duration: ([\d.]+) ms  plan:\n((?:\t.*\n)+)", re.MULTILINE)
VERBOSE = ("Output", "Schema")
READING = ("SELECT", "WITH", "VALUES", "TABLE")


@dataclass(frozen=True, slots=True)
class PlanLog:
    """The server's log, with the plans of one database."""

    path: Path
    mark: str

    def position(self) -> int:
        """Return where the log ends now, in bytes."""
        return self.path.stat().st_size

    def read(self, since: int, watched: Watched) -> dict[str, Plan]:
        """Return a plan for each of the *watched* statements.

        It is that of the first execution after *since*, under the statement's normalised text. Its form is that of
        :func:`perfstudy.evidence.plans.explain`, without the time of planning, which the server does not log.
        Statements without a plan, such as COPY, are left out.
        """
        found: dict[str, Plan] = {}
        for document in self._iterate(since):
            sent = document.pop("Query Text", "")
            # A cursor's statement has another identifier than its declaration, which is what the server counts.
            text = describe_statement(watched.queries.get(document.pop("Query Identifier", 0), sent))
            if text in watched.statements:
                found.setdefault(text, document)
        return found

    def _iterate(self, since: int) -> Iterator[dict[str, Any]]:
        with self.path.open("rb") as log:
            log.seek(since)
            text = log.read().decode(errors="replace")
        for milliseconds, body in ENTRY.findall(text):
            if f'"{MARK}": "{self.mark}"' in body:  # one of another database may be written just now, so half there
                document = json.loads(body)
                del document["Settings"][MARK]
                yield _strip(document) | {"Execution Time": float(milliseconds)}


@contextmanager
def log_plans(postgres: "Postgres", database: str) -> Iterator[PlanLog | None]:
    """Log the plan of every statement of *database* within the block.

    A service has to start within it, since a session keeps the settings that it began with; other databases and later
    sessions pay nothing. It gives None on a server that is not the lab's own, because its log cannot be read: use
    :func:`explain_generic` there.

    Raises:
        PerfstudyError: the server cannot be reached.
    """
    if postgres.service is None:
        yield None
        return
    with postgres.connect() as connection:
        mark = _choose_mark(connection, database)
        settings = {**LOGGING, MARK: mark}
        for name, value in settings.items():
            _alter(connection, database, "SET {} = {}", name, value)
        try:
            yield PlanLog(State().folder / "postgres.log", mark)
        finally:
            for name in settings:
                _alter(connection, database, "RESET {}", name)


@contextmanager
def observe_requests(postgres: "Postgres", database: str) -> Iterator[Watch]:
    """Give a context manager that counts statements and collects plans.

    A service has to start within the outer block, and each of its requests is observed in an inner one. Without the
    server's log, the plans are those of :func:`explain_generic`.

    Raises:
        PerfstudyError: the server cannot be reached.
    """
    with log_plans(postgres, database) as log:

        @contextmanager
        def watch() -> Iterator[Watched]:
            since = log.position() if log else 0
            with watch_statements(postgres, database) as seen:
                yield seen
            if not seen.obstacle:
                seen.plans = log.read(since, seen) if log else explain_generic(postgres, database, seen)

        yield watch


def explain_generic(postgres: "Postgres", database: str, watched: Watched) -> dict[str, Plan]:
    """Return a plan, for any values, of each of the *watched* statements that read.

    They are not executed, so a plan has no times, rows read and pages. Statements that cannot be explained without
    their values are left out, as are all before PostgreSQL 16.

    Raises:
        PerfstudyError: the server cannot be reached.
    """
    found: dict[str, Plan] = {}
    with postgres.connect(database) as connection:
        connection.read_only = True
        for query in watched.queries.values():
            text = describe_statement(query)
            if text in watched.statements and text.upper().startswith(READING) and query.upper().startswith(READING):
                plan = _explain_generic(connection, query)
                if plan is not None:
                    found[text] = plan
    return found


def _explain_generic(connection: psycopg.Connection[Any], query: str) -> Plan | None:
    try:
        row = connection.execute(f"EXPLAIN (GENERIC_PLAN, SETTINGS, FORMAT JSON) {query}".encode()).fetchone()
    except psycopg.Error:
        return None
    return dict(row[0][0]) if row else None


def _choose_mark(connection: psycopg.Connection[Any], database: str) -> str:
    row = connection.execute("SELECT oid::bigint FROM pg_database WHERE datname = %s", (database,)).fetchone()
    assert row, f"there is no database {database!r}"
    return str(row[0])


def _alter(connection: psycopg.Connection[Any], database: str, what: str, name: str, *value: str) -> None:
    change = sql.SQL(what).format(sql.SQL(name), *map(sql.Literal, value))
    connection.execute(sql.SQL("ALTER DATABASE {} ").format(sql.Identifier(database)) + change)


def _strip(node: dict[str, Any]) -> dict[str, Any]:
    """Return *node* without what only a verbose plan has."""
    bare = {name: value for name, value in node.items() if name not in VERBOSE}
    if "Plan" in bare:
        bare["Plan"] = _strip(bare["Plan"])
    if "Plans" in bare:
        bare["Plans"] = [_strip(child) for child in bare["Plans"]]
    return bare

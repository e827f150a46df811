"""Check whether PostgreSQL keeps statistics of statements; if not, say what to do."""

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

if TYPE_CHECKING:
    from perfstudy.lab.access import Postgres

EXTENSION = "pg_stat_statements"
OLDEST = 140000
"""The first version that tells statements of clients from those inside functions."""
COUNTING = (("compute_query_id", "auto"), ("pg_stat_statements.track", "top"))
"""The settings without which nothing is counted, and their values."""
FORGET = """
    SELECT pg_stat_statements_reset(0, dbid, 0)
    FROM (SELECT DISTINCT dbid FROM pg_stat_statements(false)) AS known
    WHERE dbid NOT IN (SELECT oid FROM pg_database)
"""


def find_obstacle(postgres: "Postgres", connection: psycopg.Connection[Any], database: str) -> str:
    """Return why no statements of *database* are counted, and how to change that.

    The result is empty where they are counted. *connection* is one to the database from which others are created;
    on the lab's own server, the extension is created there.
    """
    if connection.info.server_version < OLDEST:
        return _refuse(f"PostgreSQL {connection.info.server_version // 10000} is too old", "use 14 or later")
    if postgres.service is not None:
        _prepare(connection)
    schema = find_schema(connection)
    if schema is None:
        where = f"the database {postgres.maintenance!r} has no extension {EXTENSION}"
        return _refuse(where, f"`CREATE EXTENSION {EXTENSION}` there")
    try:
        connection.execute(sql.SQL("SELECT count(*) FROM {}.pg_stat_statements_info").format(sql.Identifier(schema)))
    except psycopg.errors.ObjectNotInPrerequisiteState:
        preload = f"`ALTER SYSTEM SET shared_preload_libraries = '{EXTENSION}'`, then restart the server"
        return _refuse(f"{EXTENSION} is not loaded", preload)
    return _find_restriction(postgres, database)


def _prepare(connection: psycopg.Connection[Any]) -> None:
    """Create the extension, and forget the statements of databases that are gone.

    Their number is limited, and every working copy adds its own.
    """
    with suppress(psycopg.errors.UniqueViolation, psycopg.errors.DuplicateObject):  # another process was faster
        connection.execute(f"CREATE EXTENSION IF NOT EXISTS {EXTENSION}".encode())
    connection.execute(FORGET.encode())


def find_schema(connection: psycopg.Connection[Any]) -> str | None:
    """Return the schema of the extension; None if it is not in this database."""
    where = "SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = %s"
    row = connection.execute(where, (EXTENSION,)).fetchone()
    return str(row[0]) if row else None


def _find_restriction(postgres: "Postgres", database: str) -> str:
    """Return which setting keeps the server from counting in *database*."""
    names = [name for name, _ in COUNTING]
    with postgres.connect(database) as inside:
        rows = inside.execute("SELECT name, setting FROM pg_settings WHERE name = ANY (%s)", (names,)).fetchall()
    settings = dict(rows)
    for name, value in COUNTING:
        if settings.get(name) in ("off", "none"):
            return _refuse(f"{name} is {settings[name]!r}", f"`ALTER DATABASE \"{database}\" SET {name} = '{value}'`")
    return ""


def _refuse(why: str, how: str) -> str:
    return f"statements are not testable here: {why}; {how}"

"""Connect to a result store, and explain its failures in words."""

import os
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, insert, inspect, make_url, select, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from perfstudy import paths
from perfstudy.errors import PerfstudyError, UsageError
from perfstudy.model import variables
from perfstudy.results.conversion import FIRST, upgrade
from perfstudy.results.schema import VERSION, Base, SchemaVersion

WRITING = "perfstudy_writing"
"""Execution option of connections that will write."""

CREATION_LOCK = 0x70657266
"""PostgreSQL's advisory lock while the tables are created: 'perf'."""


class StoreError(PerfstudyError):
    """The store cannot do what it was asked; what was committed before is untouched."""


def address(url: str | Path | None) -> URL:
    """Return where the store is: a file of SQLite, or any URL of SQLAlchemy.

    None stands for what ``PERFSTUDY_STORE`` says, and otherwise for ``results.sqlite`` in the home folder.
    """
    if url is None:
        return address(variables.STORE.read() or paths.home() / "results.sqlite")
    variables.parse_text("the store", str(url))
    if isinstance(url, Path) or "://" not in url:
        return URL.create("sqlite", database=str(Path(url).expanduser().absolute()))
    try:
        parsed = make_url(url)
        if parsed.port is not None and not 0 < parsed.port < variables.PORTS:
            raise ValueError("there is no such port")
    except (ArgumentError, ValueError):
        # SQLAlchemy's own message quotes the URL, and with it the password.
        raise UsageError(
            f"the store {variables.without_password(url)!r} is no address of a database: "
            f"name a file, or a URL such as {variables.POSTGRES_FORM}"
        ) from None
    return parsed.set(drivername="postgresql+psycopg") if parsed.drivername in ("postgresql", "postgres") else parsed


def redact_url(url: URL) -> str:
    """Return the address for people: the file's path, or the URL without its password."""
    return str(url.database) if url.drivername.startswith("sqlite") else url.render_as_string(hide_password=True)


def connect(url: URL, *, read_only: bool, timeout: float) -> Engine:
    """Return an engine that waits *timeout* seconds for another writer.

    Raises:
        StoreError: nothing to read, or no folder to write to.
        UsageError: an unknown kind of database.
    """
    try:
        if url.drivername.startswith("sqlite"):
            return _sqlite(url, read_only, timeout)
        return _other(url, read_only, timeout)
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise UsageError(f"the store {redact_url(url)} needs a driver that is not installed: {error}") from None


def _sqlite(url: URL, read_only: bool, timeout: float) -> Engine:
    url = _file(url, read_only)
    engine = create_engine(url, connect_args={"timeout": timeout})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # the driver's own BEGIN comes too late to keep a transaction whole
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A reader that turns writer is refused at once when another has written; a declared writer waits its turn.
        writing = connection.get_execution_options().get(WRITING)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


def _file(url: URL, read_only: bool) -> URL:
    if not url.database or url.database == ":memory:" or url.query.get("uri"):
        return url
    path = Path(url.database)
    if not read_only:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"the store {path} cannot be made: {error.strerror}; name another with --store") from None
        return url
    if not path.exists():
        raise StoreError(f"there is no result store at {path} yet: perfstudy run makes one")
    query = {"mode": "ro", "uri": "true"}
    if not _writable(path.parent) and not path.with_name(f"{path.name}-wal").exists():
        query["immutable"] = "1"  # without it SQLite would make a log next to the file, even to read
    return url.set(database=path.as_uri()).update_query_dict(query)


def _writable(folder: Path) -> bool:
    return os.access(folder, os.W_OK, effective_ids=os.access in os.supports_effective_ids)


def _other(url: URL, read_only: bool, timeout: float) -> Engine:
    if url.get_backend_name() != "postgresql":
        return create_engine(url)
    engine = create_engine(url, connect_args={"connect_timeout": max(2, round(timeout))}, pool_pre_ping=True)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {max(1, round(timeout * 1000))}")
        if read_only:
            connection.exec_driver_sql("SET TRANSACTION READ ONLY")

    return engine


def prepare_schema(engine: Engine, where: str, *, read_only: bool) -> None:
    """Create the tables of an empty database, or check those that it has.

    Raises:
        StoreError: the database holds something else, or another version of the schema.
    """
    with explain_error(where):
        with engine.connect() as connection:
            version = _version(connection, where)
        if read_only:
            if version is None:
                raise StoreError(f"the database {where} is empty, so there is no result to read")
            if version != VERSION:
                raise StoreError(f"the store {where} is of schema {version}: `perfstudy list runs` converts it")
            return
        _write_ahead(engine)
        if version is None:
            _create(engine, where)
        elif version != VERSION:
            _upgrade(engine, where)


def _version(connection: Connection, where: str) -> int | None:
    tables = set(inspect(connection).get_table_names())
    if not tables:
        return None
    if not tables >= {"schema_version", "run", "cell", "sample"}:
        raise StoreError(f"the database {where} holds other tables ({sorted(tables)[0]}), not results: name another")
    version = connection.execute(select(SchemaVersion.version)).scalar()
    if version not in (FIRST, VERSION):
        raise StoreError(
            f"the store {where} is of schema {version}, and this perfstudy works with schema {VERSION}: "
            f"use the perfstudy that wrote it, or another store"
        )
    return int(version)


def _write_ahead(engine: Engine) -> None:
    """Let readers and a writer work at once; SQLite remembers the mode in the file."""
    if engine.dialect.name != "sqlite":
        return
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode")
        if cursor.fetchone() == ("delete",):
            cursor.execute("PRAGMA journal_mode = WAL")
        cursor.close()
    finally:
        connection.close()


def _create(engine: Engine, where: str) -> None:
    with engine.execution_options(**{WRITING: True}).begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": CREATION_LOCK})
        if _version(connection, where) == VERSION:  # another process was first
            return
        Base.metadata.create_all(connection)
        connection.execute(insert(SchemaVersion).values(version=VERSION))


def _upgrade(engine: Engine, where: str) -> None:
    with engine.execution_options(**{WRITING: True}).begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": CREATION_LOCK})
        if _version(connection, where) != VERSION:  # no other process was first
            upgrade(connection)


SQLITE_FAILURES = {
    "SQLITE_BUSY": "is locked by another process: wait for it to finish, then try again",
    "SQLITE_LOCKED": "is locked by another process: wait for it to finish, then try again",
    "SQLITE_FULL": "has no room left on its disk: free some space, then resume the run",
    "SQLITE_READONLY": "may only be read: give this user the right to write to the file and its folder",
    "SQLITE_CANTOPEN": "cannot be opened: it must be a file in a folder that this user may write to",
    "SQLITE_NOTADB": "is not a database: name another file, or move this one away",
    "SQLITE_CORRUPT": "is damaged: move it away, and import what was exported from it",
    "SQLITE_IOERR": "cannot be read or written, its disk reports an error: look at the disk",
}

POSTGRESQL_FAILURES = {
    "55P03": SQLITE_FAILURES["SQLITE_BUSY"],
    "40P01": SQLITE_FAILURES["SQLITE_BUSY"],
    "53100": SQLITE_FAILURES["SQLITE_FULL"],
    "25006": "may only be read: connect as a user or to a server that may write",
    "42501": "does not let this user do that: grant it the right to create and write tables",
}


@contextmanager
def explain_error(where: str) -> Iterator[None]:
    """Turn a failure of the database *where* into a :class:`StoreError`."""
    try:
        yield
    except DBAPIError as error:
        raise StoreError(f"the store {where} {_reason(error.orig)}") from error
    except sqlite3.Error as error:
        raise StoreError(f"the store {where} {_reason(error)}") from error


DAMAGES = (ValueError, TypeError, AttributeError, KeyError, zlib.error)
"""What comes of reading a row that holds something else than was written."""


@contextmanager
def sound(where: str) -> Iterator[None]:
    """Turn a failure to read a damaged row into a :class:`StoreError`."""
    try:
        yield
    except DAMAGES as error:
        reason = (str(error).splitlines() or [""])[0]
        raise StoreError(
            f"the store {where} holds a damaged row ({type(error).__name__}: {reason[:100]}): "
            "move it away, and import what was exported from it"
        ) from error


def _reason(error: BaseException | None) -> str:
    name = getattr(error, "sqlite_errorname", None) or ""
    for prefix, words in SQLITE_FAILURES.items():
        if name.startswith(prefix):
            return words
    first, *_ = str(error).strip().splitlines() or [type(error).__name__]
    return POSTGRESQL_FAILURES.get(getattr(error, "sqlstate", None) or "", f"failed: {first}")

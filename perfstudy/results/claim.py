"""Claim a run: one process at a time measures it, until that process ends.

Beside a file of SQLite it is a lock of the kernel's on another file; in PostgreSQL it is an advisory lock of a
connection. Other databases have no claim, and refuse a cell that is there already.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Connection, Engine, text

from perfstudy.errors import UsageError
from perfstudy.results.engine import StoreError

NAMED = "perfstudy process "
"""What the connection that holds a claim calls itself, before the number of its process."""
HOLDER = text(
    "SELECT application_name FROM pg_stat_activity JOIN pg_locks USING (pid) WHERE locktype = 'advisory' AND granted"
    " AND objsubid = 1 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " AND (classid::bigint << 32 | objid::bigint) = :key"
)


def claim(engine: Engine, run: str) -> AbstractContextManager[None]:
    """Hold the claim on *run* in the store of *engine*.

    Raises (on entering):
        UsageError: another process measures it, which the message names.
        StoreError: the lock's file cannot be made.
    """
    database = engine.url.database
    if engine.dialect.name == "postgresql":
        return _in_postgresql(engine, run)
    if engine.dialect.name == "sqlite" and database and database != ":memory:" and not engine.url.query.get("uri"):
        path = Path(database)
        return _lock_file(path.with_name(f"{path.name}.{_digest(run).hex()}.lock"), run)
    return nullcontext()


def _digest(run: str) -> bytes:
    return sha256(run.encode()).digest()[:8]


@contextmanager
def _lock_file(lock: Path, run: str) -> Iterator[None]:
    try:
        descriptor = _taken(lock)
    except OSError as error:
        raise StoreError(f"the lock {lock} cannot be made: {error.strerror}; name another store") from None
    if descriptor is None:
        raise _busy(run, _holder(lock))
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        lock.unlink(missing_ok=True)  # while this process has it, so that no one else's is removed
        os.close(descriptor)


def _taken(lock: Path) -> int | None:
    """Return the descriptor of the locked file, None where another process has it."""
    while True:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        try:
            if os.path.samestat(os.fstat(descriptor), lock.lstat()):
                return descriptor
        except FileNotFoundError:
            pass
        os.close(descriptor)  # the one before us removed it in between


def _holder(lock: Path) -> str:
    try:
        return lock.read_text() or "another"
    except OSError:
        return "another"


@contextmanager
def _in_postgresql(engine: Engine, run: str) -> Iterator[None]:
    with open_session(engine, f"{NAMED}{os.getpid()}") as connection:
        take_run(connection, run, "pg_try_advisory_lock")
        yield


@contextmanager
def open_session(engine: Engine, name: str) -> Iterator[Connection]:
    """Open a connection called *name*; its advisory locks end with it."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.detach()
        connection.execute(text("SELECT set_config('application_name', :name, false)"), {"name": name})
        yield connection


def take_run(connection: Connection, run: str, function: str) -> None:
    """Take the lock of *run* by the *function* of PostgreSQL that tries to.

    Raises:
        UsageError: another process holds it, which the message names.
    """
    key = make_key(run)
    if not connection.scalar(text(f"SELECT {function}(:key)"), {"key": key}):
        raise _busy(run, describe_holder(connection, key))


def make_key(name: str) -> int:
    """Return the key of the advisory lock of what is called *name*."""
    return int.from_bytes(_digest(name), signed=True)


def describe_holder(connection: Connection, key: int) -> str:
    """Return which process holds the advisory lock of *key*."""
    name = connection.scalar(HOLDER, {"key": key}) or ""
    return name.removeprefix(NAMED) or "another"


def _busy(run: str, process: str) -> UsageError:
    return UsageError(f"run {run} is being measured already, by process {process}: wait for it to end, or end it")

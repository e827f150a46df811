"""Bulk load: tables by migration, rows by COPY, indexes, statistics, marker."""

import os
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np
import psycopg
from psycopg import sql

from perfstudy.errors import PerfstudyError
from perfstudy.listing.dataset import indexes
from perfstudy.listing.dataset.checksums import combine, compute_checksum, compute_digest, require_stored, verify
from perfstudy.listing.dataset.generate import Rows
from perfstudy.listing.dataset.marker import Facts, record
from perfstudy.listing.dataset.programs import CURRENT
from perfstudy.listing.dataset.render import BUSINESS_COLUMNS, PROGRAM_COLUMNS
from perfstudy.listing.dataset.room import require_room
from perfstudy.listing.dataset.scales import Scale, find_scale
from perfstudy.paths import PROJECT

Progress = Callable[[str, float, float], None]
Connection = psycopg.Connection[Any]

STAGES = ("tables", "rows", "indexes", "statistics")
"""The stages in the order in which progress reports them."""
BUSINESS, PROGRAM = "ads_business", "ads_programregistry"
TABLES = (BUSINESS, PROGRAM)
BASELINE_MIGRATION = "0014"

AHEAD = 3
"""Chunks that may wait to be sent: bounds the memory, and is enough to keep the server busy."""
PIECE = 1 << 18
"""Bytes handed to the connection at once."""

EXISTING = """
    SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
"""
"""Counts the tables and views that are not the server's own."""

SESSION = {
    "timezone": "UTC",
    "datestyle": "ISO, YMD",
    "client_encoding": "UTF8",
    "synchronous_commit": "off",
    "statement_timeout": "0",
    "lock_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    # Runs of this size sort faster than bigger ones, because they keep to the processor's cache; merging them is cheap.
    "maintenance_work_mem": "32MB",
    # Each connection builds one index: more processes would only compete for the cores.
    "max_parallel_maintenance_workers": "0",
}


def load(url: str, scale: str, progress: Progress | None = None) -> Facts:
    """Fill the empty database at *url* with *scale*, and return its facts.

    The schema is the one that the migrations alone would leave. *progress* is called with a stage (see STAGES), how
    much of it is done and how much there is, in the stage's own unit. If the load is interrupted, the database has no
    marker, so it is not taken for a loaded one.

    Raises:
        UsageError: there is no such scale.
        PerfstudyError: the database is not empty or cannot be reached, the disk does not hold the scale, the
            migrations fail, or the rows do not have the stored checksum.
    """
    size, report = find_scale(scale), progress or (lambda stage, done, total: None)
    try:
        with connect(url) as connection:
            _require_empty(connection)
            require_room(connection, size)
            require_stored(scale)
            rows = _prepare(url, size, report)
            _fill(connection, url, rows, report)
            return _finish(connection, rows, report)
    except psycopg.Error as error:
        raise PerfstudyError(f"loading scale {scale!r} failed: {error}; drop the database and load it again") from error


def connect(url: str) -> Connection:
    """Return a connection in autocommit mode with the settings of a bulk load."""
    connection = psycopg.connect(url, autocommit=True)
    for name, value in SESSION.items():
        connection.execute("SELECT set_config(%s, %s, false)", (name, value))
    return connection


def _prepare(url: str, scale: Scale, report: Progress) -> Rows:
    """Make the tables, and meanwhile get ready to make the rows of *scale*."""
    report("tables", 0, 1)
    with ThreadPoolExecutor(1, thread_name_prefix="people") as pool:
        rows = pool.submit(Rows, scale)
        migrate(url)
        report("tables", 1, 1)
        return rows.result()


def _fill(connection: Connection, url: str, rows: Rows, report: Progress) -> None:
    definitions = indexes.read(connection, TABLES)
    with connection.transaction():
        indexes.drop(connection, definitions)
        send(connection, rows, report)
    report("indexes", 0, len(definitions))
    indexes.restore(lambda: connect(url), definitions, lambda done: report("indexes", done, len(definitions)))


def _finish(connection: Connection, rows: Rows, report: Progress) -> Facts:
    report("statistics", 0, len(TABLES))
    for done, table in enumerate(TABLES, 1):
        connection.execute(sql.SQL("VACUUM (ANALYZE) {}").format(sql.Identifier(table)))
        report("statistics", done, len(TABLES))
    found = describe(rows)
    record(connection, found)
    return found


def migrate(url: str) -> None:
    """Create the service's tables at *url*, as they were before any optimization."""
    command = [
        sys.executable,
        "-m",
        "perfstudy.listing.service",
        "migrate",
        "ads",
        BASELINE_MIGRATION,
        "--verbosity",
        "0",
    ]
    environment = {
        **os.environ,
        "PERFSTUDY_VARIANT": "baseline",
        "PERFSTUDY_SERVICE_DATABASE": url,
        "PERFSTUDY_SERVICE_REDIS": "redis://127.0.0.1:1/0",
        "PERFSTUDY_SERVICE_SECRET": "loading",
    }
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        raise PerfstudyError(f"`{' '.join(command[1:])}` failed with {done.returncode}: {' '.join(last)}")


def send(connection: Connection, rows: Rows, report: Progress) -> None:
    """Copy all *rows* within the caller's transaction, and verify what was sent.

    The tables are truncated in the same transaction, so the server may skip the log and freeze the rows at once.

    Raises:
        PerfstudyError: the rows do not have the stored checksum.
    """
    total = rows.scale.rows
    report("rows", 0, total)
    connection.execute(sql.SQL("TRUNCATE {}").format(sql.SQL(", ").join(map(sql.Identifier, TABLES))))
    businesses = rows.businesses()
    _copy(connection, BUSINESS, BUSINESS_COLUMNS, iter([businesses]))
    digests = [compute_digest(businesses)]
    _copy(connection, PROGRAM, PROGRAM_COLUMNS, _count(rows, digests, report))
    verify(rows.scale.name, combine(digests))
    for table in TABLES:
        _restart_identity(connection, table)


def _copy(connection: Connection, table: str, columns: tuple[str, ...], parts: Iterator[memoryview]) -> None:
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT text, FREEZE)").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for part in parts:
            for start in range(0, len(part), PIECE):
                copy.write(part[start : start + PIECE])


def _count(rows: Rows, digests: list[bytes], report: Progress) -> Iterator[memoryview]:
    """Yield the programs in chunks, storing their digests and reporting progress."""
    for chunk, (part, digest) in enumerate(prefetch(rows)):
        digests.append(digest)
        yield part
        report("rows", rows.scale.rows * (chunk + 1) / rows.chunks, rows.scale.rows)


def prefetch(rows: Rows) -> Iterator[tuple[memoryview, bytes]]:
    """Yield chunks of programs and their digests in order, generated one ahead.

    One thread generates a chunk while the one before is sent: numpy, Arrow and SHA-256 release the interpreter's lock
    for most of the work.
    """
    pending: deque[Future[tuple[memoryview, bytes]]] = deque()
    with ThreadPoolExecutor(1, thread_name_prefix="rows") as pool:
        try:
            for chunk in range(rows.chunks):
                pending.append(pool.submit(_produce, rows, chunk))
                if len(pending) > AHEAD:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _produce(rows: Rows, chunk: int) -> tuple[memoryview, bytes]:
    part = rows.programs(chunk)
    return part, compute_digest(part)


def _restart_identity(connection: Connection, table: str) -> None:
    """Let the next row of *table* get the key after the highest one."""
    highest = sql.SQL("SELECT setval(pg_get_serial_sequence(%s, 'id'), max(id)) FROM {}").format(sql.Identifier(table))
    connection.execute(highest, (table,))


def describe(rows: Rows) -> Facts:
    """Return the facts of the database that holds *rows*."""
    people, own, scale = rows.people, rows.reference, rows.scale
    counts = np.bincount(own.place, minlength=int(people.counts[0]))
    order = np.argsort(-counts, kind="stable")
    return Facts(
        scale=scale.name,
        rows=scale.rows,
        tenant=people.names[0],
        programs=len(own),
        current=int((own.status == CURRENT).sum()),
        businesses=tuple(people.businesses.ids[order].astype(str).tolist()),
        largest_tenant=people.names[int(np.argmax(people.sizes))],
        checksum=compute_checksum(scale.name),
    )


def _require_empty(connection: Connection) -> None:
    row = connection.execute(EXISTING).fetchone()
    if row and row[0]:
        raise PerfstudyError(
            f"the database {connection.info.dbname!r} is not empty: it has {row[0]} tables or views; "
            "create an empty one, or drop this one and create it again"
        )

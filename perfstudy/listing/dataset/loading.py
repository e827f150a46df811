"""Bulk load: tables by migration, rows by COPY, indexes, statistics, marker."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import psycopg
from psycopg import sql

from perfstudy.errors import PerfstudyError
from perfstudy.listing.dataset import indexes, resuming
from perfstudy.listing.dataset.checksums import compute_checksum, require_stored
from perfstudy.listing.dataset.generate import Rows
from perfstudy.listing.dataset.marker import Facts, record
from perfstudy.listing.dataset.programs import CURRENT
from perfstudy.listing.dataset.resuming import Begun
from perfstudy.listing.dataset.room import require_room
from perfstudy.listing.dataset.scales import Scale, find_scale
from perfstudy.listing.dataset.sending import TABLES, Connection, Progress, has_portions, send, send_portions
from perfstudy.paths import PROJECT

STAGES = ("tables", "rows", "indexes", "statistics")
"""The stages in the order in which progress reports them."""
BASELINE_MIGRATION = "0014"

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
    marker, so it is not taken for a loaded one. A scale of several portions is then continued by the next load: behind
    the last complete portion, or with the next index.

    Raises:
        UsageError: there is no such scale.
        PerfstudyError: the database is not empty, another process loads it, it cannot be reached, the disk does not
            hold the scale, the migrations fail, or the rows do not have the stored checksum.
    """
    size, report = find_scale(scale), progress or (lambda stage, done, total: None)
    try:
        with connect(url) as connection:
            resuming.lock(connection)
            begun = resuming.find_begun(connection, scale)
            if begun is None:
                _require_empty(connection)
                require_room(connection, size)
            require_stored(scale)
            rows = Rows(size) if begun else _prepare(url, size, report)
            _fill(connection, url, rows, begun, report)
            return _finish(connection, rows, report)
    except psycopg.Error as error:
        step = "load it again to continue" if has_portions(size) else "drop the database and load it again"
        raise PerfstudyError(f"loading scale {scale!r} failed: {error}; {step}") from error


def can_resume(url: str, scale: str) -> bool:
    """Return whether ``load`` would continue an interrupted load of *scale* at *url*."""
    try:
        with connect(url) as connection:
            return resuming.find_begun(connection, scale) is not None
    except psycopg.Error:
        return False


def connect(url: str, name: str = "perfstudy load") -> Connection:
    """Return a connection called *name*, in autocommit mode and set for a bulk load."""
    connection = psycopg.connect(url, autocommit=True, application_name=name)
    for setting, value in SESSION.items():
        connection.execute("SELECT set_config(%s, %s, false)", (setting, value))
    return connection


def _prepare(url: str, scale: Scale, report: Progress) -> Rows:
    """Make the tables, and meanwhile get ready to make the rows of *scale*."""
    report("tables", 0, 1)
    with ThreadPoolExecutor(1, thread_name_prefix="people") as pool:
        rows = pool.submit(Rows, scale)
        migrate(url)
        report("tables", 1, 1)
        return rows.result()


def _fill(connection: Connection, url: str, rows: Rows, begun: Begun | None, report: Progress) -> None:
    definitions = begun.definitions if begun else indexes.read(connection, TABLES)
    if has_portions(rows.scale) or begun:
        send_portions(connection, rows, (begun or _begin(connection, rows.scale, definitions)).digests, report)
    else:
        with connection.transaction():
            indexes.drop(connection, definitions)
            send(connection, rows, report)
    report("indexes", 0, len(definitions))
    builder = partial(connect, url, resuming.BUILDER)
    indexes.restore(builder, definitions, lambda done: report("indexes", done, len(definitions)))


def _begin(connection: Connection, scale: Scale, definitions: indexes.Definitions) -> Begun:
    with connection.transaction():
        indexes.drop(connection, definitions)
        return resuming.begin(connection, scale.name, definitions)


def _finish(connection: Connection, rows: Rows, report: Progress) -> Facts:
    report("statistics", 0, len(TABLES))
    # Rows of a later portion are not frozen as they are sent; where all are, this option finds nothing to do.
    for done, table in enumerate(TABLES, 1):
        connection.execute(sql.SQL("VACUUM (FREEZE, ANALYZE) {}").format(sql.Identifier(table)))
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

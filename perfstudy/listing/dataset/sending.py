"""The rows sent to the server by COPY, in one transaction or one for each portion."""

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from itertools import islice
from typing import Any

import psycopg
from psycopg import sql

from perfstudy.errors import PerfstudyError
from perfstudy.listing.dataset import resuming
from perfstudy.listing.dataset.checksums import combine, compute_digest, verify
from perfstudy.listing.dataset.generate import CHUNK, Rows
from perfstudy.listing.dataset.render import BUSINESS_COLUMNS, PROGRAM_COLUMNS
from perfstudy.listing.dataset.scales import Scale

Progress = Callable[[str, float, float], None]
Connection = psycopg.Connection[Any]

BUSINESS, PROGRAM = "ads_business", "ads_programregistry"
TABLES = (BUSINESS, PROGRAM)

PORTION = 10_000_000
"""Rows of a transaction, at least one chunk: the published scales have one, and an interrupted load loses one."""
PIECE = 1 << 18
"""Bytes handed to the connection at once."""


def has_portions(scale: Scale) -> bool:
    """Return whether *scale* has several portions, so that its load can be resumed."""
    return scale.rows > PORTION


def send(connection: Connection, rows: Rows, report: Progress) -> None:
    """Copy all *rows* within the caller's transaction, and verify what was sent.

    The tables are truncated in the same transaction, so the server may skip the log and freeze the rows at once.

    Raises:
        PerfstudyError: the rows do not have the stored checksum.
    """
    digests: list[bytes] = []
    report("rows", 0, rows.scale.rows)
    _send_first(connection, rows, digests, _count(rows, digests, report))
    _complete(connection, rows, digests)


def send_portions(connection: Connection, rows: Rows, digests: list[bytes], report: Progress) -> None:
    """Copy the *rows* whose *digests* are missing, one portion a transaction.

    Each transaction records its progress, so that a later call goes on behind it.

    Raises:
        PerfstudyError: the rows do not have the stored checksum.
    """
    sent = max(0, len(digests) - 1)
    report("rows", min(sent * CHUNK, rows.scale.rows), rows.scale.rows)
    if digests and sent < rows.chunks:
        # The rows of the portion that was interrupted are dead: their room is given back, so that none lies between.
        connection.execute(sql.SQL("VACUUM {}").format(sql.Identifier(PROGRAM)))
    with closing(_count(rows, digests, report)) as chunks:
        while len(digests) <= rows.chunks:
            portion = islice(chunks, max(1, PORTION // CHUNK))
            with connection.transaction():
                if digests:
                    _copy(connection, PROGRAM, PROGRAM_COLUMNS, portion)
                else:
                    _send_first(connection, rows, digests, portion)
                resuming.advance(connection, digests)
        next(chunks, None)  # lets it report the last chunk
    try:
        _complete(connection, rows, digests)
    except PerfstudyError:
        resuming.end(connection)
        raise


def _send_first(connection: Connection, rows: Rows, digests: list[bytes], programs: Iterator[memoryview]) -> None:
    """Copy the businesses and *programs* into the tables, emptied before."""
    connection.execute(sql.SQL("TRUNCATE {}").format(sql.SQL(", ").join(map(sql.Identifier, TABLES))))
    businesses = rows.businesses()
    digests.append(compute_digest(businesses))
    _copy(connection, BUSINESS, BUSINESS_COLUMNS, iter([businesses]), "FREEZE")
    _copy(connection, PROGRAM, PROGRAM_COLUMNS, programs, "FREEZE")


def _complete(connection: Connection, rows: Rows, digests: list[bytes]) -> None:
    verify(rows.scale.name, combine(digests))
    for table in TABLES:
        _restart_identity(connection, table)


def _copy(
    connection: Connection, table: str, columns: tuple[str, ...], parts: Iterator[memoryview], *options: str
) -> None:
    statement = sql.SQL("COPY {} ({}) FROM STDIN ({})").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        sql.SQL(", ").join(map(sql.SQL, ("FORMAT text", *options))),
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for part in parts:
            for start in range(0, len(part), PIECE):
                copy.write(part[start : start + PIECE])


def _count(rows: Rows, digests: list[bytes], report: Progress) -> Generator[memoryview, None, None]:
    """Yield the chunks that have no digest, storing digests and reporting progress."""
    first = max(0, len(digests) - 1)
    for chunk, (part, digest) in enumerate(rows.produce(first), first + 1):
        digests.append(digest)
        yield part
        report("rows", rows.scale.rows * chunk / rows.chunks, rows.scale.rows)


def _restart_identity(connection: Connection, table: str) -> None:
    """Let the next row of *table* get the key after the highest one."""
    highest = sql.SQL("SELECT setval(pg_get_serial_sequence(%s, 'id'), max(id)) FROM {}").format(sql.Identifier(table))
    connection.execute(highest, (table,))

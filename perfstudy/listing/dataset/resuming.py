"""The progress of a load in portions, kept in the database that it fills."""

import json
from dataclasses import asdict, dataclass
from typing import Any

import psycopg

from perfstudy.errors import PerfstudyError
from perfstudy.listing.dataset.checksums import compute_checksum
from perfstudy.listing.dataset.indexes import Definitions, ForeignKey, Index

Connection = psycopg.Connection[Any]

SIZE = 32
"""Bytes of a digest."""
TABLE = "perfstudy.loading"
LOCK = 2671
"""The advisory lock that a loader of the database holds."""
PATIENCE = "10s"
"""How long to wait for the lock: a server notices within this time that a killed loader has gone."""
BUILDER = "perfstudy load: indexes"
"""The application name of the connections that build indexes."""


@dataclass(frozen=True, kw_only=True)
class Begun:
    """A load that has begun: what it dropped, and the digests of what it has sent."""

    definitions: Definitions
    digests: list[bytes]
    """Of the businesses, and of each chunk of programs."""


def find_begun(connection: Connection, scale: str) -> Begun | None:
    """Return the load of *scale* that was interrupted in this database.

    None if there is none, or if it was a load of another scale or from other seeds.
    """
    there = connection.execute("SELECT to_regclass(%s) IS NOT NULL", (TABLE,)).fetchone()
    if there is None or not there[0]:
        return None
    row = connection.execute(
        "SELECT definitions, digests FROM perfstudy.loading WHERE scale = %s AND checksum = %s",
        (scale, compute_checksum(scale)),
    ).fetchone()
    if row is None:
        return None
    dropped, sent = row
    definitions = Definitions(
        indexes=tuple(Index(**one) for one in dropped["indexes"]),
        foreign_keys=tuple(ForeignKey(**one) for one in dropped["foreign_keys"]),
    )
    return Begun(definitions=definitions, digests=[sent[at : at + SIZE] for at in range(0, len(sent), SIZE)])


def begin(connection: Connection, scale: str, definitions: Definitions) -> Begun:
    """Record that a load of *scale* begins.

    Call it within the transaction that drops *definitions*.
    """
    connection.execute("CREATE SCHEMA perfstudy")
    connection.execute(
        "CREATE TABLE perfstudy.loading"
        " (scale text NOT NULL, checksum text NOT NULL, definitions jsonb NOT NULL, digests bytea NOT NULL)"
    )
    connection.execute(
        "INSERT INTO perfstudy.loading VALUES (%s, %s, %s, '')",
        (scale, compute_checksum(scale), json.dumps(asdict(definitions))),
    )
    return Begun(definitions=definitions, digests=[])


def advance(connection: Connection, digests: list[bytes]) -> None:
    """Record what has been sent, within the transaction of its last portion."""
    connection.execute("UPDATE perfstudy.loading SET digests = %s", (b"".join(digests),))


def end(connection: Connection) -> None:
    """Forget the progress: from now on the load cannot be resumed."""
    connection.execute("DROP TABLE IF EXISTS perfstudy.loading")


def lock(connection: Connection) -> None:
    """Make *connection* the only loader of its database, until it is closed.

    The indexes that a killed loader was still building are given up.

    Raises:
        PerfstudyError: another process loads it.
    """
    connection.execute("SELECT set_config('lock_timeout', %s, false)", (PATIENCE,))
    try:
        connection.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
    except psycopg.errors.LockNotAvailable:
        raise PerfstudyError(
            f"another process loads the database {connection.info.dbname!r}: wait until it has ended"
        ) from None
    connection.execute("SELECT set_config('lock_timeout', '0', false)")
    connection.execute(
        "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity"
        " WHERE datname = current_database() AND application_name = %s",
        (BUILDER,),
    )

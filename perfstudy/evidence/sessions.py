"""Connections to PostgreSQL: how many a service opens for its requests, and how many it holds afterwards."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from perfstudy.drivers.http import Client
from perfstudy.errors import PerfstudyError, unknown
from perfstudy.lab import Database, Lab
from perfstudy.model.arm import Arm

if TYPE_CHECKING:
    import psycopg

ConnectionUse = Literal["one client", "a client each", "at once"]
CONNECTION_USES: tuple[ConnectionUse, ...] = ("one client", "a client each", "at once")
"""Who asks: one client on one HTTP connection, a new client for each request, or as many clients at the same time.

Only the last ones stay connected when they have their answers; the one client does too.
"""

PATIENCE = 20.0
"""Seconds after which a count that still changes is an error."""
QUIET = 5
"""Equal counts in a row that make a count settled."""
POLLING = 0.02


@dataclass(frozen=True, slots=True)
class Sessions:
    """What *requests* took: connections ``opened`` for them, and ``held`` once all are answered."""

    opened: int
    held: int


def count_sessions(
    lab: Lab, database: Database, arm: Arm, target: str, requests: int, manner: ConnectionUse
) -> Sessions:
    """Serve *arm* once, request *target* so many times in a *manner*, and return the connections that they took.

    The counts are PostgreSQL's own, of ``pg_stat_database`` and ``pg_stat_activity``. What the service opened to say
    that it is ready does not count as opened.

    Raises:
        UsageError: there is no such manner; the nearest are named.
        PerfstudyError: the counts do not settle.
    """
    if manner not in CONNECTION_USES:
        raise unknown("manner", manner, CONNECTION_USES)
    tenant = database.facts.tenant  # read now, for what reads it is a connection too
    with lab.postgres.connect() as watch:
        with lab.serve(arm, database) as service, ExitStack() as clients:
            before = _wait_until_stable(lambda: _open(watch, database))

            def client() -> Client:
                return clients.enter_context(service.client(tenant))

            _ask(client, clients, target, requests, manner)
            held = _wait_until_stable(lambda: _count_held(watch, database))
        _wait_until_stable(lambda: _count_held(watch, database))
        return Sessions(opened=_wait_until_stable(lambda: _open(watch, database)) - before, held=held)


def _ask(client: Callable[[], Client], clients: ExitStack, target: str, requests: int, manner: ConnectionUse) -> None:
    if manner == "one client":
        only = client()
        for _ in range(requests):
            only.get(target)
    elif manner == "a client each":
        for _ in range(requests):
            client().get(target)
            clients.close()
    else:
        crowd = [client() for _ in range(requests)]
        with ThreadPoolExecutor(requests) as pool:
            list(pool.map(lambda one: one.get(target), crowd))


def _open(watch: "psycopg.Connection[Any]", database: Database) -> int:
    """Return how many sessions the database has had; those of processes that have ended are all counted."""
    return _read_number(watch, "SELECT sessions FROM pg_stat_database WHERE datname = %s", database)


def _count_held(watch: "psycopg.Connection[Any]", database: Database) -> int:
    return _read_number(
        watch, "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND backend_type = 'client backend'", database
    )


def _read_number(watch: "psycopg.Connection[Any]", statement: str, database: Database) -> int:
    row = watch.execute(statement.encode(), (database.name,)).fetchone()
    return int(row[0]) if row else 0


def _wait_until_stable(count: Callable[[], int]) -> int:
    """Return *count* when it has been the same for a while: a process that ends says so a little later."""
    deadline = time.monotonic() + PATIENCE
    last, same = count(), 1
    while same < QUIET:
        if time.monotonic() > deadline:
            raise PerfstudyError(
                "the number of connections to PostgreSQL does not settle: is another program using it?"
            )
        time.sleep(POLLING)
        now = count()
        last, same = now, same + 1 if now == last else 1
    return last

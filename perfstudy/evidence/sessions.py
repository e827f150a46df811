"""Connections to PostgreSQL: how many a service opens, and how many stay open."""

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
"""How clients connect: one HTTP connection, one for each request, or many at once.

These are one client on one connection, a new client for each request, or as many clients at the same time. The last and
the one client stay connected after their answers.
"""

PATIENCE = 20.0
"""Seconds after which a count that still changes is an error."""
QUIET = 5
"""Equal counts in a row that make a count stable."""
POLLING = 0.02


@dataclass(frozen=True, slots=True)
class Sessions:
    """The connections for *requests*: ``opened``, and still ``open`` at the end."""

    opened: int
    open: int


def count_sessions(
    lab: Lab, database: Database, arm: Arm, target: str, requests: int, manner: ConnectionUse
) -> Sessions:
    """Serve *arm* once, request *target* repeatedly, and return the connections used.

    It is requested so many times in a *manner*.

    The counts are PostgreSQL's own, of ``pg_stat_database`` and ``pg_stat_activity``. Connections for
    the readiness check are not counted as opened.

    Raises:
        UsageError: there is no such manner; the nearest are named.
        PerfstudyError: the counts do not settle.
    """
    if manner not in CONNECTION_USES:
        raise unknown("manner", manner, CONNECTION_USES)
    tenant = database.facts.tenant  # read now, because reading it opens a connection too
    with lab.postgres.connect() as watch:
        with lab.serve(arm, database) as service, ExitStack() as clients:
            before = _wait_until_stable(lambda: _count_opened(watch, database))

            def client() -> Client:
                return clients.enter_context(service.client(tenant))

            _ask(client, clients, target, requests, manner)
            still_open = _wait_until_stable(lambda: _count_open(watch, database))
        _wait_until_stable(lambda: _count_open(watch, database))
        return Sessions(opened=_wait_until_stable(lambda: _count_opened(watch, database)) - before, open=still_open)


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


def _count_opened(watch: "psycopg.Connection[Any]", database: Database) -> int:
    """Return the number of sessions the database has had.

    Those of ended processes are all counted.
    """
    return _read_number(watch, "SELECT sessions FROM pg_stat_database WHERE datname = %s", database)


def _count_open(watch: "psycopg.Connection[Any]", database: Database) -> int:
    return _read_number(
        watch, "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND backend_type = 'client backend'", database
    )


def _read_number(watch: "psycopg.Connection[Any]", statement: str, database: Database) -> int:
    row = watch.execute(statement.encode(), (database.name,)).fetchone()
    return int(row[0]) if row else 0


def _wait_until_stable(count: Callable[[], int]) -> int:
    """Return *count* when it has been stable for a while.

    A process that ends reports it a little later.
    """
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

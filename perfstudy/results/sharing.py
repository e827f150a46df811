"""Share a run: several processes claim its blocks in one store of PostgreSQL.

Each participant has one connection, which holds a shared advisory lock of the run and an exclusive one of the block
that it measures. Locks end with their connection, so a block is free again as soon as its claimant has died; a machine
that vanished without a word is noticed by the server's keepalives.
"""

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, text

from perfstudy.errors import UsageError
from perfstudy.results.claim import NAMED, make_key, open_session, take_run

FORM = "postgresql://USER:PASSWORD@HOST/DATABASE"
KEEPALIVE = {"tcp_keepalives_idle": 10, "tcp_keepalives_interval": 5, "tcp_keepalives_count": 3}
"""Settings of a claim's connection, seconds and a count; a server that is silent ends it after 25 seconds."""


class Participation:
    """The claims of one participant in *run*, on a connection of its own."""

    def __init__(self, connection: Connection, run: str) -> None:
        self._connection, self._run = connection, run

    def take_each(self, list_free: Callable[[], list[int]]) -> Iterator[int]:
        """Claim and give one block after the other until none of *list_free* is left.

        The claim on a block ends when the next one is asked for. Where others have claimed all that are left, it waits
        for the first of them, and gives it if its claimant has died.
        """
        while free := list_free():
            block = next((block for block in free if self._try(block)), None)
            if block is None:
                self._call("pg_advisory_lock", free[0])
                block = free[0]
            try:
                if block in list_free():  # perhaps it was stored since it was listed
                    yield block
            finally:
                if not self._connection.closed:
                    self._call("pg_advisory_unlock", block)

    def _try(self, block: int) -> bool:
        return bool(self._call("pg_try_advisory_lock", block))

    def _call(self, function: str, block: int) -> object:
        return self._connection.scalar(text(f"SELECT {function}(:key)"), {"key": self._key(block)})

    def _key(self, block: int) -> int:
        return make_key(f"{self._run}:{block}")


def check_engine(engine: Engine, where: str) -> None:
    """Refuse a store that machines cannot share.

    Raises:
        UsageError: it is no PostgreSQL.
    """
    if engine.dialect.name != "postgresql":
        raise UsageError(f"the store {where} is a file: for machines to share it, set PERFSTUDY_STORE to {FORM}")


@contextmanager
def participate(engine: Engine, where: str, run: str) -> Iterator[Participation]:
    """Take part in *run* in the store of *engine*, which people know as *where*.

    Raises (on entering):
        UsageError: the store is no PostgreSQL, or one process measures the run alone.
    """
    check_engine(engine, where)
    with open_session(engine, f"{NAMED}{os.getpid()} on {socket.gethostname()}"[:63]) as connection:
        for setting, value in KEEPALIVE.items():
            connection.execute(text(f"SET {setting} = {value}"))
        take_run(connection, run, "pg_try_advisory_lock_shared")
        yield Participation(connection, run)

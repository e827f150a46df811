"""Django's connection pool, replaced as a whole once a connection is dead.

It is not asked while PostgreSQL fails. A pool that tries one dead connection after another, waiting longer each time,
answers 503 long after PostgreSQL is back; and during the outage, every request would wait for a connection in vain.
"""

from functools import cache
from typing import Any

import psycopg
from django.db.backends.postgresql import base
from psycopg_pool import ConnectionPool, PoolTimeout

from perfstudy.listing.optimizations.breaker import Breaker

LOOK = 1
"""Seconds that a server may take to accept a connection before it counts as down."""


@cache
def breaker() -> Breaker:
    """Return the breaker of this process."""
    return Breaker("PostgreSQL")


class RenewedPool(ConnectionPool):
    """A pool that checks each connection on use, and replaces all if one is dead."""

    def __init__(self, **options: Any) -> None:
        super().__init__(check=self.renew, **options)

    def renew(self, connection: Any) -> None:
        """Check *connection*."""
        try:
            self.check_connection(connection)
        except psycopg.Error:
            self.drain()
            raise


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's, but for its pool."""

    @property
    def pool(self) -> Any:
        """Return the pool of this process."""
        # Django 5.2 makes a pool of its own kind alone, and has no public name for where it keeps and configures it.
        options, pools = self.settings_dict["OPTIONS"]["pool"], self._connection_pools  # type: ignore[attr-defined]
        if self.alias not in pools:
            parameters = self.get_connection_params() | {"autocommit": True}
            configure: Any = self._configure_connection  # type: ignore[attr-defined]
            made = RenewedPool(kwargs=parameters, open=False, configure=configure, **options)
            pools.setdefault(self.alias, made)  # of several that are made at once, the first
        return pools[self.alias]

    def get_new_connection(self, conn_params: Any) -> Any:
        """Borrow a connection; raise at once if PostgreSQL was down a moment ago."""
        if not breaker().permits():
            raise psycopg.OperationalError("PostgreSQL failed a moment ago")
        try:
            found = super().get_new_connection(conn_params)
        except PoolTimeout as error:
            # All connections may be in use, which is no failure; so test whether one more can be opened.
            if not self._accepts(conn_params):
                breaker().trip(error)
            raise
        breaker().close()
        return found

    def _accepts(self, parameters: Any) -> bool:
        try:
            psycopg.connect(**parameters | {"connect_timeout": LOOK}).close()
        except psycopg.Error:
            return False
        return True

"""How clients reach the two servers, embedded or already running elsewhere."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlencode, urlsplit, urlunsplit

from perfstudy.errors import PerfstudyError
from perfstudy.model import variables

if TYPE_CHECKING:
    import psycopg
    import redis

DATABASE_URL, REDIS_URL = variables.DATABASE_URL.name, variables.REDIS_URL.name
CONNECTING = 10
"""Seconds that a server at a URL is given to answer at first."""
BATCH = 1000
"""Keys that are looked at, and unlinked, in one round trip."""


@dataclass(frozen=True)
class Postgres:
    """A PostgreSQL server: URLs of its databases, with the password inside."""

    base: str
    maintenance: str
    """The database from which others are made and dropped."""
    socket: str | None = None
    """A URL over the server's unix socket, where it has one that we know."""

    @classmethod
    def embedded(cls, address: Mapping[str, Any]) -> "Postgres":
        """Return the access to the server at a keeper's *address*."""
        user = f"{address['user']}:{quote(address['password'], safe='')}"
        place = urlencode({"host": address["socket"], "port": address["port"]})
        return cls(
            base=f"postgresql://{user}@{address['host']}:{address['port']}/postgres",
            maintenance="postgres",
            socket=f"postgresql://{user}@/postgres?{place}",
        )

    @classmethod
    def external(cls, url: str) -> "Postgres":
        """Return the access to the server of *url*, whose database serves to make others.

        Raises:
            UsageError: *url* is no URL of PostgreSQL.
        """
        parts = urlsplit(variables.postgres_url(DATABASE_URL, url))
        name = unquote(parts.path.lstrip("/")) or "postgres"
        return cls(base=_with_database(urlunsplit(parts._replace(scheme="postgresql")), name), maintenance=name)

    def url(self, database: str = "") -> str:
        """Return the URL of *database*, by default the one from which others are made, over TCP on loopback."""
        return _with_database(self.base, database or self.maintenance)

    def socket_url(self, database: str = "") -> str:
        """Return the URL over the unix socket, faster for a load; the same as :meth:`url` where none is known."""
        return _with_database(self.socket or self.base, database or self.maintenance)

    def connect(self, database: str = "") -> "psycopg.Connection[Any]":
        """Return a connection in autocommit mode.

        Raises:
            PerfstudyError: the server cannot be reached; the message names it without its password.
        """
        import psycopg

        try:
            return psycopg.connect(self.url(database), autocommit=True, connect_timeout=CONNECTING)
        except psycopg.Error as error:
            raise PerfstudyError(
                f"no PostgreSQL at {variables.without_password(self.url(database))}: {str(error).strip()}; "
                f"start it, correct {DATABASE_URL}, or unset it for the lab's own server"
            ) from error


@dataclass(frozen=True)
class Redis:
    """A server that speaks Redis's protocol."""

    url: str

    @classmethod
    def embedded(cls, address: Mapping[str, Any]) -> "Redis":
        """Return the access to the server at a keeper's *address*."""
        return cls(f"redis://:{quote(address['password'], safe='')}@{address['host']}:{address['port']}/0")

    @classmethod
    def external(cls, url: str) -> "Redis":
        """Return the access to the server of *url*.

        Raises:
            UsageError: *url* is no URL of Redis.
        """
        return cls(variables.redis_url(REDIS_URL, url))

    def client(self) -> "redis.Redis":
        """Return a client of its own connections."""
        import redis

        return redis.Redis.from_url(self.url)

    def check(self) -> None:
        """Raise PerfstudyError, naming the server without its password, unless it answers."""
        import redis

        try:
            with redis.Redis.from_url(self.url, socket_connect_timeout=CONNECTING, socket_timeout=CONNECTING) as client:
                client.ping()
        except (redis.RedisError, OSError, ValueError) as error:  # ValueError: an option of the URL
            raise PerfstudyError(
                f"no Redis at {variables.without_password(self.url)}: {error}; start it, correct {REDIS_URL}, "
                "or unset it for the lab's own server"
            ) from error


def unlink_keys(client: "redis.Redis", prefix: str) -> int:
    """Unlink the keys below *prefix*, a colon after it; how many there were."""
    pattern = re.sub(r"([*?\[\]\\])", r"\\\1", prefix) + ":*"
    keys = list(client.scan_iter(match=pattern, count=BATCH))
    batches = (keys[start : start + BATCH] for start in range(0, len(keys), BATCH))
    return sum(int(client.unlink(*batch)) for batch in batches)


def _with_database(url: str, name: str) -> str:
    parts = urlsplit(url)
    # urlunsplit would drop the empty host of a socket's URL, and with it the user.
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{parts.netloc}/{quote(name, safe='')}{query}"

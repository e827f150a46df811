"""Access of clients to the two servers, embedded or external."""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, unquote, urlencode, urlsplit, urlunsplit

from perfstudy.errors import PerfstudyError
from perfstudy.model import variables

if TYPE_CHECKING:
    import psycopg
    import redis

DATABASE_URL, REDIS_URL = variables.DATABASE_URL.name, variables.REDIS_URL.name
SERVICE_ROLE = "perfstudy_service"
"""The role that services connect as: the owner of their databases, and no superuser."""
CONNECTING = 10
"""Seconds to wait for the first answer of a server at a URL."""
BATCH = 1000
"""Keys that are scanned and unlinked in one round trip."""


@dataclass(frozen=True)
class Postgres:
    """A PostgreSQL server: URLs of its databases, with the password inside."""

    base: str
    maintenance: str
    """The database from which others are created and dropped."""
    socket: str | None = None
    """A URL over the server's unix socket, where it has a known one."""
    service: str | None = None
    """A URL with the role of services, which is no superuser; None on an external server."""

    @classmethod
    def embedded(cls, address: Mapping[str, Any]) -> "Postgres":
        """Return the access to the server at a supervisor's *address*."""
        user = f"{address['user']}:{quote(address['password'], safe='')}"
        role = f"{SERVICE_ROLE}:{sha256(address['password'].encode()).hexdigest()}"
        place = urlencode({"host": address["socket"], "port": address["port"]})
        return cls(
            base=f"postgresql://{user}@{address['host']}:{address['port']}/postgres",
            maintenance="postgres",
            socket=f"postgresql://{user}@/postgres?{place}",
            service=f"postgresql://{role}@{address['host']}:{address['port']}/postgres",
        )

    @classmethod
    def external(cls, url: str) -> "Postgres":
        """Return the access to the server of *url*.

        Its database serves to create others.

        Raises:
            UsageError: *url* is no URL of PostgreSQL.
        """
        parts = urlsplit(variables.parse_postgres_url(DATABASE_URL, url))
        name = unquote(parts.path.lstrip("/")) or "postgres"
        return cls(base=_with_database(urlunsplit(parts._replace(scheme="postgresql")), name), maintenance=name)

    def url(self, database: str = "") -> str:
        """Return the URL of *database* over TCP on loopback.

        The default is the database from which others are created.
        """
        return _with_database(self.base, database or self.maintenance)

    def service_url(self, url: str) -> str:
        """Return the URL by which a service reaches the database at *url*.

        For a database of an embedded server, it has the role of services.
        """
        if self.service is None or urlsplit(url).netloc != urlsplit(self.base).netloc:
            return url
        return _with_database(self.service, unquote(urlsplit(url).path.lstrip("/")))

    def hand_over(self, database: str) -> None:
        """Give *database* and its schema public to the role of services.

        The role may then migrate the tables. It is created if missing; on an external server, nothing is done.

        Raises:
            PerfstudyError: the server cannot be reached.
        """
        import psycopg
        from psycopg import sql

        if self.service is None:
            return
        role, password = sql.Identifier(SERVICE_ROLE), sql.Literal(urlsplit(self.service).password)
        with self.connect(database) as connection:
            with suppress(psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER PASSWORD {}").format(role, password))
            connection.execute(sql.SQL("ALTER DATABASE {} OWNER TO {}").format(sql.Identifier(database), role))
            tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
            for (table,) in tables:
                connection.execute(sql.SQL("ALTER TABLE {} OWNER TO {}").format(sql.Identifier(table), role))

    def socket_url(self, database: str = "") -> str:
        """Return the URL over the unix socket, faster for loading data.

        Where none is known, it is the same as :meth:`url`.
        """
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
        """Return the access to the server at a supervisor's *address*."""
        return cls(f"redis://:{quote(address['password'], safe='')}@{address['host']}:{address['port']}/0")

    @classmethod
    def external(cls, url: str) -> "Redis":
        """Return the access to the server of *url*.

        Raises:
            UsageError: *url* is no URL of Redis.
        """
        return cls(variables.parse_redis_url(REDIS_URL, url))

    def client(self) -> "redis.Redis":
        """Return a client with connections of its own."""
        import redis

        return redis.Redis.from_url(self.url)

    def find_empty_database(self) -> "Redis":
        """Return the access to a database that holds nothing, for a study that empties it.

        Raises:
            PerfstudyError: each of them holds something.
        """
        import redis

        for number in reversed(range(1, 16)):
            found = Redis(urlunsplit(urlsplit(self.url)._replace(path=f"/{number}")))
            with suppress(redis.RedisError), found.client() as client:
                if client.dbsize() == 0:
                    return found
        raise PerfstudyError(
            f"the Redis at {variables.without_password(self.url)} has no empty database between 1 and 15: empty one, "
            f"or unset {REDIS_URL} for the lab's own server"
        )

    def check(self) -> None:
        """Raise PerfstudyError unless the server answers.

        The message names it without its password.
        """
        import redis

        try:
            with redis.Redis.from_url(self.url, socket_connect_timeout=CONNECTING, socket_timeout=CONNECTING) as client:
                client.ping()
        except (redis.RedisError, OSError, ValueError) as error:  # ValueError: an option of the URL
            raise PerfstudyError(
                f"no Redis at {variables.without_password(self.url)}: {error}; start it, correct {REDIS_URL}, "
                "or unset it for the lab's own server"
            ) from error


Server = TypeVar("Server")


class Servers:
    """The servers of a lab; a study may use one of them alone, or none."""

    def __init__(self, postgres: Postgres | None, redis: Redis | None) -> None:
        """Take the servers that there are."""
        self._postgres, self._redis = postgres, redis

    @property
    def postgres(self) -> Postgres:
        """The PostgreSQL server.

        Raises:
            PerfstudyError: the lab was opened without one.
        """
        return _require(self._postgres, "PostgreSQL")

    @property
    def redis(self) -> Redis:
        """The Redis server.

        Raises:
            PerfstudyError: the lab was opened without one.
        """
        return _require(self._redis, "Redis")

    @property
    def has_postgres(self) -> bool:
        """Whether there is a PostgreSQL server."""
        return self._postgres is not None

    @property
    def has_redis(self) -> bool:
        """Whether there is a Redis server."""
        return self._redis is not None


def _require(server: Server | None, name: str) -> Server:
    if server is None:
        raise PerfstudyError(f"this study uses no {name} of the lab")
    return server


def unlink_keys(client: "redis.Redis", prefix: str) -> int:
    """Unlink the keys below *prefix* and a colon; return how many there were."""
    pattern = re.sub(r"([*?\[\]\\])", r"\\\1", prefix) + ":*"
    keys = list(client.scan_iter(match=pattern, count=BATCH))
    batches = (keys[start : start + BATCH] for start in range(0, len(keys), BATCH))
    return sum(int(client.unlink(*batch)) for batch in batches)


def _with_database(url: str, name: str) -> str:
    parts = urlsplit(url)
    # urlunsplit would drop the empty host of a socket's URL, and with it the user.
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{parts.netloc}/{quote(name, safe='')}{query}"

"""The lab: two servers, databases of a scale, and the arms of a service."""

import atexit
import tempfile
import uuid
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

from perfstudy.errors import PerfstudyError, UsageError
from perfstudy.lab import launching, pgbouncer, services
from perfstudy.lab import lease as leases
from perfstudy.lab.access import Postgres, Redis, Servers, unlink_keys
from perfstudy.lab.commands import fill
from perfstudy.lab.configuration import POSTGRES, REDIS, to_plain
from perfstudy.lab.databases import Databases
from perfstudy.lab.pgbouncer import PgBouncerServer
from perfstudy.lab.session import Session
from perfstudy.lab.state import State, secret
from perfstudy.lab.working_copy import Database
from perfstudy.model import variables
from perfstudy.model.arm import Arm
from perfstudy.model.closing import Closing
from perfstudy.model.secret import reveal
from perfstudy.model.service import Progress, Service, ignore_progress

if TYPE_CHECKING:
    import socket

    from redis import Redis as RedisClient

    from perfstudy.lab.redis import RedisServer


class Lab(Servers, Closing):
    """The running servers, used in a ``with`` block or until the end of the process."""

    database_type: ClassVar[type[Database]] = Database
    is_own: ClassVar[bool] = False
    """Whether it serves a service of one's own, which no installed package declares."""

    def __init__(
        self, service: Service, postgres: Postgres | None, redis: Redis | None, lease: "leases.Lease | None"
    ) -> None:
        """Use servers that run already; :meth:`open` finds or starts them."""
        self.service = service
        super().__init__(postgres, redis)
        self.settings = _list_settings(lease)
        """The declared settings of embedded servers: ``{"postgres": {…}, "redis": {…}}``."""
        self.secret = secret()
        self.key_prefix = f"perfstudy:{uuid.uuid4().hex[:12]}"
        """The prefix of all the lab's keys, before a colon."""
        self._lease = lease
        self._opened: list[Database | services.Served] = []
        self._own: RedisServer | None = None
        self._session = Session(state := State())
        self._copies = Databases(postgres, state, service.data) if postgres else None

    @property
    def _databases(self) -> Databases:
        assert self._copies is not None
        return self._copies

    @property
    def folder(self) -> Path:
        """The folder of this process, for its owner alone; removed once it has ended."""
        return self._session.folder

    @classmethod
    def open(
        cls, service: Service, progress: Progress | None = None, servers: tuple[str, ...] = ("postgres", "redis")
    ) -> Self:
        """Find or start the *servers* for *service*.

        They are those of ``PERFSTUDY_DATABASE_URL`` and ``PERFSTUDY_REDIS_URL``, or embedded ones.

        Raises:
            PerfstudyError: a server cannot be started or reached; the message says what to do.
            UsageError: one of the variables is not a URL of its kind.
        """
        report = progress if progress and servers else ignore_progress
        State()  # fails where nothing can be written, before any report
        read = {"postgres": variables.DATABASE_URL.read, "redis": variables.REDIS_URL.read}
        urls = {name: read[name]() for name in servers}
        report("starting the servers", 0, 1)
        postgres = Postgres.external(postgres_url) if (postgres_url := urls.get("postgres")) else None
        redis = Redis.external(redis_url) if (redis_url := urls.get("redis")) else None
        if redis:
            redis.check()
        wanted = tuple(name for name, url in urls.items() if not url)
        lease = leases.acquire(wanted) if wanted else None
        try:
            addresses = lease.addresses if lease else {}
            if "postgres" in wanted:
                postgres = Postgres.embedded(addresses["postgres"])
            if "redis" in wanted:
                redis = Redis.embedded(addresses["redis"])
            lab = cls(service, postgres, redis, lease)
            atexit.register(lab.close)
            if lab._copies is not None:
                lab._copies.sweep()
        except BaseException:
            if lease:
                lease.release()
            raise
        report("starting the servers", 1, 1)
        return lab

    def database(self, scale: str, progress: Progress | None = None) -> "Database":
        """Create a working copy of *scale*, to be used in ``with``.

        Its template is built first if there is none.

        Raises:
            UsageError: there is no such scale.
            PerfstudyError: the database cannot be made; the message says why.
        """
        from psycopg import Error

        self.service.data.check(scale)
        try:
            name = self._databases.copy(scale, progress or ignore_progress)
        except Error as error:
            raise PerfstudyError(f"no database of scale {scale!r} can be made: {str(error).strip()}") from error
        database = self.database_type(self, name, scale)
        self._remember(database)
        return database

    def describe_sources(self) -> dict[str, dict[str, Any]]:
        """Return where the code of each arm came from, by label; none if installed."""
        return {}

    def copy(self, scale: str, arm: Arm, progress: Progress | None = None) -> Database:
        """Create the working copy of *scale* for *arm*; see :meth:`database`."""
        return self.database(scale, progress)

    def choose_copy(self, arm: Arm) -> tuple[str, ...]:
        """Return what arms that share a working copy have in common."""
        return arm.schema

    def serve(
        self,
        arm: Arm,
        database: "Database",
        statement_log: str | Path | None = None,
        port: int = 0,
        key_prefix: str | None = None,
        redis: Redis | None = None,
        listener: "socket.socket | None" = None,
        metrics: Path | None = None,
        command: tuple[str, ...] = (),
    ) -> services.Served:
        """Serve *arm* on *database* in a process of its own; to be used in ``with``.

        The schema is not touched: call ``database.reconcile(arm)`` first. A *key_prefix* that is not below the
        lab's own is put below it. Answers are cached in *redis*, by default the lab's own server. Services that share
        a *listener* share an address, and those that share a folder of *metrics* count together. *command*
        serves an arm that declares none, by default the service's own.

        Raises:
            UsageError: *port* is taken.
            NotInstalledError: *arm* needs a program that is not there; the message says how to get it.
            PerfstudyError: the service did not start; the message quotes its log.
        """
        if self.has_redis:
            _ = self._cache  # connected now, since nothing can be imported while the interpreter ends
        place = services.make_place(self._session.folder, self._session.scratch, metrics)
        pooler = self._start_pooler(arm, database, place)
        environment = self.build_environment(
            pooler.url() if pooler else database.url, arm, redis=redis, prefix=self._nest_prefix(key_prefix)
        )
        if statement_log is not None:
            environment[self.service.statement_log] = str(Path(statement_log).resolve())
        try:
            service = services.RunningService(
                *(self.service, arm, environment, place, self._make_bearer(arm, database), port),
                *(listener, pooler, command, self.is_lost, self._find_code(arm, database)),
            )
        except BaseException:
            if pooler is not None:
                pooler.stop()
            raise
        self._remember(service)
        return service

    def _find_code(self, arm: Arm, database: "Database") -> launching.Code:
        """Return where the code of *arm* is."""
        return launching.OURS

    def _make_bearer(self, arm: Arm, database: "Database") -> Callable[[str], str]:
        """Return what makes the bearer token of a tenant."""
        return lambda tenant: self.service.token(tenant, self.secret)

    def _start_pooler(self, arm: Arm, database: "Database", place: services.ServicePlace) -> PgBouncerServer | None:
        """Start PgBouncer in front of the database, if *arm* needs it."""
        if pgbouncer.PROGRAM not in arm.needs:
            return None
        scratch = Path(tempfile.mkdtemp(prefix="pgbouncer-", dir=self._session.scratch))
        pooler = PgBouncerServer(self.postgres.service_url(database.url), place.log.with_name("pgbouncer.log"), scratch)
        pooler.start()
        return pooler

    def build_environment(
        self, database: str, arm: Arm | None = None, redis: Redis | None = None, prefix: str | None = None
    ) -> dict[str, str]:
        """Return the environment of the service that serves *arm*."""
        values = {"secret": self.secret, "prefix": prefix or self.key_prefix}
        if self.has_postgres:
            values["postgres"] = self.postgres.service_url(database)
        if self.has_redis:
            values["redis"] = (redis or self.redis).url
        declared = {**self.service.environment, **(arm.environment if arm else {})}
        # Braces in a secret are no placeholders.
        filled = {name: fill(text, values) for name, text in declared.items() if isinstance(text, str)}
        return {**reveal(declared), **filled}

    def clear_for(self, arm: Arm, prefix: str, client: "RedisClient | None" = None) -> None:
        """Empty the cache of *arm*, the keys below *prefix*, through *client*."""
        self.clear_cache(prefix, client)

    def run(self, command: str | tuple[str, ...], arm: Arm, database: str) -> bytes:
        """Refuse *command*, with a UsageError: only a study file says where its code is."""
        raise UsageError(
            f"command {command!r} belongs to an installed service, which has no source folder: leave it out"
        )

    def clear_cache(self, prefix: str | None = None, client: "RedisClient | None" = None) -> int:
        """Unlink the keys below *prefix*; return how many there were.

        The default is all of this lab's.
        """
        return unlink_keys(client or self._cache, self._nest_prefix(prefix))

    def start_own_redis(self) -> Redis:
        """Return a Redis that this lab alone uses, so that its counters count no others.

        Where ``PERFSTUDY_REDIS_URL`` names a server, that one is used: it is the one to be examined.

        Raises:
            PerfstudyError: it does not start; the message quotes its log.
        """
        from perfstudy.lab.redis import RedisServer

        if not self.settings["redis"]:
            return self.redis
        if self._own is None or self._own.has_ended():
            folder = Path(tempfile.mkdtemp(prefix="redis-", dir=self._session.scratch))
            own = RedisServer(folder, folder)
            own.start()
            self._own = own
        return Redis.embedded(self._own.address())

    def is_lost(self) -> bool:
        """Return whether the embedded servers have ended with their supervisor."""
        return self._lease is not None and self._lease.is_lost()

    def close(self) -> None:
        """Stop the services, drop working copies, unlink keys, and release the servers."""
        atexit.unregister(self.close)
        try:
            for opened in reversed(self._opened):
                opened.close()
            self._clear_own_keys()
            if self._copies is not None:
                self._copies.close()
        finally:
            if self._own is not None:
                self._own.stop()
            self._session.close()
            if self._lease is not None:
                self._lease.release()
                self._lease = None

    def _nest_prefix(self, prefix: str | None) -> str:
        if prefix is None or prefix == self.key_prefix:
            return self.key_prefix
        return prefix if prefix.startswith(f"{self.key_prefix}:") else f"{self.key_prefix}:{prefix}"

    def _remember(self, opened: "Database | services.Served") -> None:
        """Register *opened*, so that :meth:`close` closes it if it is still open."""
        self._opened = [*(other for other in self._opened if not other.closed), opened]

    @cached_property
    def _cache(self) -> "RedisClient":
        return self.redis.client()

    def _clear_own_keys(self) -> None:
        if "_cache" not in vars(self):  # nothing was served
            return
        import redis

        with suppress(redis.RedisError), self._cache:  # a server that has ended has none
            self.clear_cache()


def _list_settings(lease: "leases.Lease | None") -> dict[str, dict[str, str]]:
    ours, every = lease.addresses if lease else {}, {"postgres": POSTGRES, "redis": REDIS}
    return {name: to_plain(settings) if name in ours else {} for name, settings in every.items()}

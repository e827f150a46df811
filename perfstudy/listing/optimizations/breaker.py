"""A cache that may fail: the service is then slower, not down."""

import logging
from collections.abc import Callable
from threading import Lock
from time import monotonic
from typing import Any, TypeVar

from perfstudy.listing.contract import Answer, CachedAnswer, CacheLayer, CachePolicy, Query, Refill
from perfstudy.listing.optimization import Optimization
from perfstudy.model.claim import Claim

TIMEOUT = 0.1
"""Seconds until Redis counts as down."""
PAUSE = 0.5
"""Seconds without requests to a server that failed; then one request tests whether it answers again."""

logger = logging.getLogger("perfstudy.cache")

NOTHING = CachedAnswer(version=None)

T = TypeVar("T")


class Breaker:
    """Whether a *server* may be asked; one breaker for each process.

    Source: Nygard, *Release It!*, 2007, chapter 5.
    """

    def __init__(self, server: str) -> None:
        self._server = server
        self._guard = Lock()
        self._failing = False
        self._until = 0.0

    def permits(self) -> bool:
        """Return whether to ask the server.

        Always while it answers; while it fails, one request at intervals.
        """
        if not self._failing:
            return True
        with self._guard:
            if monotonic() < self._until:
                return False
            self._until = monotonic() + PAUSE
            return True

    def close(self) -> None:
        """Allow all requests again, because the server answered."""
        if self._failing:
            self._failing = False
            logger.warning("%s answers again", self._server)

    def trip(self, error: Exception) -> None:
        """Send the server no requests for a while, after *error*."""
        if not self._failing:
            logger.warning("%s failed and is left alone for %s s at a time: %s", self._server, PAUSE, error)
        self._until = monotonic() + PAUSE
        self._failing = True


class GuardedCache(CacheLayer):
    """Answer from PostgreSQL while Redis fails, retrying Redis at intervals only."""

    def __init__(self, inner: CachePolicy) -> None:
        from redis.exceptions import RedisError

        super().__init__(inner)
        self._breaker = Breaker("Redis")
        self._error = RedisError

    def get(self, query: Query) -> CachedAnswer:
        return self._guard(NOTHING, self.inner.get, query)

    def version(self, tenant: str) -> str | None:
        return self._guard(None, self.inner.version, tenant)

    def put(self, query: Query, cached: CachedAnswer, payload: Any, seconds: float) -> None:
        self._guard(None, self.inner.put, query, cached, payload, seconds)

    def miss(self, query: Query, cached: CachedAnswer, refill: Refill) -> Answer | None:
        if cached.version is None:
            return refill(cached)
        try:
            return self.inner.miss(query, cached, refill)
        except self._error as error:
            self._breaker.trip(error)
            return refill(NOTHING)

    def refresh(self, query: Query, cached: CachedAnswer, refill: Refill) -> None:
        self._guard(None, self.inner.refresh, query, cached, refill)

    def _guard(self, otherwise: T, step: Callable[..., T], *given: Any) -> T:
        """Return the result of *step*, or *otherwise* while Redis fails."""
        if not self._breaker.permits():
            return otherwise
        try:
            found = step(*given)
        except self._error as error:
            self._breaker.trip(error)
            return otherwise
        self._breaker.close()
        return found


BREAKER = Optimization(
    name="breaker",
    title="Circuit breaker around the cache",
    summary="a failing Redis is a miss within 100 ms, and is then left alone for half a second at a time",
    settings={"CACHES": {"default": {"OPTIONS": {"socket_connect_timeout": TIMEOUT, "socket_timeout": TIMEOUT}}}},
    cache=GuardedCache,
    requires=frozenset({"cache"}),
    after=frozenset({"invalidate", "single_flight", "lease", "one_trip"}),
    manual_rollback="let the errors of Redis through again, and set its timeouts back to 2 seconds",
    claims=(
        Claim(
            id="breaker-hit",
            quote="a breaker around the cache costs a hit nothing that shows",
            source="a claim of the study's own: it looks at one moment before each use",
            variant="index+related+values+connections+gunicorn+cache+breaker",
            reference="index+related+values+connections+gunicorn+cache",
            low=1,
            high=1.1,  # as fast: a direction alone would be refuted by no difference
            temperature="warm",
            reference_temperature="warm",
            note="its gain is in what happens when Redis fails, which benchmarks/faults.py counts",
        ),
    ),
)

"""A cache that may fail: without it the service is slower, not down."""

import logging
from collections.abc import Callable
from dataclasses import replace
from threading import Lock
from time import monotonic
from typing import Any

from perfstudy.listing.contract import Answer, CachedAnswer, CachePolicy, Query, Recompute
from perfstudy.listing.optimization import Optimization
from perfstudy.model.claim import Claim

TIMEOUT = 0.1
"""Seconds until Redis counts as down."""
PAUSE = 0.5
"""Seconds for which a server is left alone once it failed; then one request finds out whether it answers again."""

logger = logging.getLogger("perfstudy.cache")

NOTHING = CachedAnswer(mark=None)


class Breaker:
    """Whether a *server* may be asked; one for each process (Nygard, *Release It!*, 2007, chapter 5)."""

    def __init__(self, server: str) -> None:
        self._server = server
        self._guard = Lock()
        self._failing = False
        self._until = 0.0

    def permits(self) -> bool:
        """Whether to ask it: always while it answers, and once in a while by one request alone while it fails."""
        if not self._failing:
            return True
        with self._guard:
            if monotonic() < self._until:
                return False
            self._until = monotonic() + PAUSE
            return True

    def close(self) -> None:
        """Let everybody ask again, for it answered."""
        if self._failing:
            self._failing = False
            logger.warning("%s answers again", self._server)

    def trip(self, error: Exception) -> None:
        """Leave it alone for a while, after *error*."""
        if not self._failing:
            logger.warning("%s failed and is left alone for %s s at a time: %s", self._server, PAUSE, error)
        self._until = monotonic() + PAUSE
        self._failing = True


def guard(keeping: CachePolicy | None) -> CachePolicy:
    """Answer from PostgreSQL while Redis fails, and pay for finding that out once in a while only."""
    assert keeping is not None
    breaker = Breaker("Redis")

    def safely(step: Callable[[], Any], otherwise: Any) -> Any:
        from redis.exceptions import RedisError

        if not breaker.permits():
            return otherwise
        try:
            found = step()
        except RedisError as error:
            breaker.trip(error)
            return otherwise
        breaker.close()
        return found

    def get(query: Query) -> CachedAnswer:
        return safely(lambda: keeping.get(query), NOTHING)  # type: ignore[no-any-return]

    def mark(query: Query) -> str | None:
        return safely(lambda: keeping.mark(query), None)  # type: ignore[no-any-return]

    def put(query: Query, kept: CachedAnswer, payload: Any, seconds: float) -> None:
        safely(lambda: keeping.put(query, kept, payload, seconds), None)

    def miss(query: Query, kept: CachedAnswer, refill: Recompute) -> Answer | None:
        from redis.exceptions import RedisError

        if kept.mark is None:
            return refill(kept)
        try:
            return keeping.miss(query, kept, refill)
        except RedisError as error:
            breaker.trip(error)
            return refill(NOTHING)

    def hit(query: Query, kept: CachedAnswer, refill: Recompute) -> None:
        safely(lambda: keeping.hit(query, kept, refill), None)

    return replace(keeping, get=get, put=put, miss=miss, hit=hit, mark=mark)


BREAKER = Optimization(
    name="breaker",
    title="Circuit breaker around the cache",
    summary="a failing Redis is a miss within 100 ms, and is then left alone for half a second at a time",
    settings={"CACHES": {"default": {"OPTIONS": {"socket_connect_timeout": TIMEOUT, "socket_timeout": TIMEOUT}}}},
    keep=guard,
    requires=frozenset({"cache"}),
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

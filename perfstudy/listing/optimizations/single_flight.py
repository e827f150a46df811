"""One computation for all requests that miss an entry, and early refresh."""

import logging
from contextlib import contextmanager, suppress
from dataclasses import replace
from threading import Event, Lock, Thread
from time import monotonic, sleep
from typing import TYPE_CHECKING

from perfstudy.listing.contract import Answer, CachedAnswer, CacheLayer, CachePolicy, Query, Refill
from perfstudy.listing.optimization import Optimization
from perfstudy.listing.optimizations.cache import key
from perfstudy.listing.optimizations.invalidate import read_entry, versioned_cache
from perfstudy.model.claim import Claim

if TYPE_CHECKING:
    from collections.abc import Iterator

    from perfstudy.listing.versioned_cache import FillLock

LEASE = 2.0
"""Seconds after which a computation no longer delays others: its process may be dead."""
POLLING = 0.005
"""Seconds between the checks of another process for the entry."""

logger = logging.getLogger("perfstudy.cache")


class SingleFlight(CacheLayer):
    """Let one request compute an entry; the others wait and then find it cached."""

    def __init__(self, inner: CachePolicy) -> None:
        super().__init__(inner)
        self._cache = versioned_cache()
        self._computations = Computations()

    def miss(self, query: Query, cached: CachedAnswer, refill: Refill) -> Answer | None:
        if cached.version is None:  # nothing may be cached, so there is nothing to wait for
            return refill(cached)
        with self._computations.locked(f"{cached.version}:{key(query)}") as first:
            return self._fill(query, cached.version, cached, refill) if first else None

    def refresh(self, query: Query, cached: CachedAnswer, refill: Refill) -> None:
        # This lock is never released: a request that read the entry before the refresh would refresh it once more.
        if cached.version and self._cache.once(cached.version, key(query), LEASE):
            Thread(target=_refresh, args=(cached, refill), daemon=True).start()

    def _fill(self, query: Query, version: str, before: CachedAnswer, refill: Refill) -> Answer | None:
        """Compute the entry, unless another process does so or has done so.

        If one is computing it, wait for it until its lease ends.
        """
        end = monotonic() + LEASE
        while True:
            lock, entry = self._cache.lock(query.tenant, version, key(query), LEASE)
            now = read_entry(entry)
            if _is_filled(now, before):
                self._release(lock)
                return None
            if now.version is None:
                self._release(lock)
            elif lock:
                return self._compute(lock, now, refill)
            elif monotonic() < end:
                sleep(POLLING)
                continue
            return refill(now)

    def _compute(self, lock: "FillLock", cached: CachedAnswer, refill: Refill) -> Answer:
        """Compute the entry; the round trip that caches it releases the lock."""
        try:
            return refill(replace(cached, lock=lock))
        except BaseException:
            self._release(lock)
            raise

    def _release(self, lock: "FillLock | None") -> None:
        from redis.exceptions import RedisError

        if lock:
            with suppress(RedisError):  # the lease runs out by itself
                self._cache.release(lock)


def _is_filled(now: CachedAnswer, before: CachedAnswer) -> bool:
    """Return whether an answer was cached meanwhile.

    One that cannot be read, which made this a miss, does not count.
    """
    return now.payload is not None and now.payload != before.payload


class Computations:
    """The running computations of this process.

    One thread for each of them asks Redis for the lock.
    """

    def __init__(self) -> None:
        self._guard = Lock()
        self._ended: dict[str, Event] = {}

    @contextmanager
    def locked(self, name: str) -> "Iterator[bool]":
        """Yield whether this thread must compute *name*; if another does, wait for it.

        A thread that has waited for the whole lease computes too, because the other one may never end.
        """
        with self._guard:
            earlier = self._ended.get(name)
            own = self._ended.setdefault(name, Event())
        if earlier:
            yield not earlier.wait(LEASE)
            return
        try:
            yield True
        finally:
            with self._guard:
                del self._ended[name]
            own.set()


def _refresh(found: CachedAnswer, refill: Refill) -> None:
    """Recompute an entry; this is the target of a thread.

    The old entry stays valid until then, so a failure does no harm.
    """
    from django.db import connections

    try:
        refill(found)
    except Exception:
        logger.warning("an entry could not be computed ahead of its end", exc_info=True)
    finally:
        connections.close_all()


SINGLE_FLIGHT = Optimization(
    name="single_flight",
    title="One computation for each miss",
    summary="of all requests that miss the same entry one computes it; entries are refreshed before they expire",
    cache=SingleFlight,
    requires=frozenset({"cache", "invalidate"}),
    manual_rollback="compute the answer at every miss again, without the lock",
    claims=(
        Claim(
            id="single_flight-hit",
            quote="whoever finds an answer kept pays nothing for the lead among those who do not",
            source="a claim of the study's own: a hit compares one moment with the clock",
            variant="index+related+values+connections+gunicorn+cache+invalidate+single_flight",
            reference="index+related+values+connections+gunicorn+cache+invalidate",
            low=1,
            high=1.1,  # as fast: a direction alone would be refuted by no difference
            temperature="warm",
            reference_temperature="warm",
            note="its gain is in many misses at once, which benchmarks/stampede.py counts",
        ),
    ),
)

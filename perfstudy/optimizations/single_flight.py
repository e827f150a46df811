"""One computation for any number of requests that miss the same entry, and none that waits for an entry to expire."""

import logging
from contextlib import contextmanager, suppress
from dataclasses import replace
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING

from perfstudy.optimization import Optimization
from perfstudy.optimizations.cache import key
from perfstudy.optimizations.invalidate import marks
from perfstudy.seams import Answer, Keeping, Kept, Query, Refill

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redis.lock import Lock as SharedLock

LEASE = 2.0
"""Seconds after which a computation no longer holds up the others: its process may be dead."""

logger = logging.getLogger("perfstudy.cache")


def alone(keeping: Keeping | None) -> Keeping:
    """Let one request at a time compute an entry; the others wait for it, and then find it kept."""
    assert keeping is not None
    get = keeping.get
    flights = Flights()

    def miss(query: Query, kept: Kept, refill: Refill) -> Answer | None:
        if kept.mark is None:  # nothing may be kept, so there is nothing to wait for
            return refill(kept)
        name = f"{kept.mark}:{key(query)}"
        with flights.led(name) as leads:
            if not leads:
                return None
            lock = marks().lock(name, LEASE)
            if not lock.acquire(blocking_timeout=LEASE):
                return refill(kept)
            try:
                again = get(query)
                return None if _filled(again, kept) else refill(again)
            finally:
                _release(lock)

    def hit(query: Query, kept: Kept, refill: Refill) -> None:
        # Nobody releases this lock: whoever read the entry before it was renewed would renew it once more.
        if kept.due and marks().lock(f"early:{kept.mark}:{key(query)}", LEASE).acquire(blocking=False):
            Thread(target=_refreshed, args=(kept, refill), daemon=True).start()

    return replace(keeping, miss=miss, hit=hit)


def _filled(now: Kept, before: Kept) -> bool:
    """Whether somebody kept an answer meanwhile; one that cannot be read, which made this a miss, does not count."""
    return now.payload is not None and now.payload != before.payload


class Flights:
    """The computations under way in this process; of its threads one leads, and alone asks Redis for the lock."""

    def __init__(self) -> None:
        self._guard = Lock()
        self._ended: dict[str, Event] = {}

    @contextmanager
    def led(self, name: str) -> "Iterator[bool]":
        """Say whether to lead the computation *name*; where another thread does, wait until it ended.

        Whoever has waited for the lease of a computation is to compute too, for nobody may come back.
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


def _release(lock: "SharedLock") -> None:
    from redis.exceptions import RedisError

    with suppress(RedisError):  # the lease ran out, or will
        lock.release()


def _refreshed(kept: Kept, refill: Refill) -> None:
    """Compute an entry afresh in a thread of its own; it counts on until then, so a failure harms nobody."""
    from django.db import connections

    try:
        refill(kept)
    except Exception:
        logger.warning("an entry could not be computed ahead of its end", exc_info=True)
    finally:
        connections.close_all()


SINGLE_FLIGHT = Optimization(
    name="single_flight",
    title="One computation for each miss",
    summary="of all requests that miss the same entry one computes it; entries are renewed before they expire",
    keep=alone,
    requires=frozenset({"cache", "invalidate"}),
    manual_rollback="compute the answer at every miss again, without the lock",
)

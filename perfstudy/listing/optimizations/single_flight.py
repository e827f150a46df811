"""One computation for any number of requests that miss the same entry, and none that waits for an entry to expire."""

import logging
from contextlib import contextmanager, suppress
from dataclasses import replace
from threading import Event, Lock, Thread
from time import monotonic, sleep, time
from typing import TYPE_CHECKING

from perfstudy.listing.contract import Answer, CachedAnswer, CachePolicy, Query, Recompute
from perfstudy.listing.optimization import Optimization
from perfstudy.listing.optimizations.cache import key
from perfstudy.listing.optimizations.invalidate import read_entry, versioned_cache
from perfstudy.model.claim import Claim

if TYPE_CHECKING:
    from collections.abc import Iterator

    from perfstudy.listing.versioned_cache import FillLock

LEASE = 2.0
"""Seconds after which a computation no longer holds up the others: its process may be dead."""
POLLING = 0.005
"""Seconds after which another process looks again whether the entry is there."""

logger = logging.getLogger("perfstudy.cache")


def compute_once(keeping: CachePolicy | None) -> CachePolicy:
    """Let one request at a time compute an entry; the others wait for it, and then find it kept."""
    assert keeping is not None
    flights = ComputationRegistry()

    def miss(query: Query, found: CachedAnswer, refill: Recompute) -> Answer | None:
        if found.mark is None:  # nothing may be kept, so there is nothing to wait for
            return refill(found)
        with flights.led(f"{found.mark}:{key(query)}") as leads:
            return _fill_as_leader(query, found, refill) if leads else None

    def hit(query: Query, found: CachedAnswer, refill: Recompute) -> None:
        # Nobody gives this lead up: whoever read the entry before it was renewed would renew it once more.
        if found.due <= time() and found.mark and versioned_cache().once(found.mark, key(query), LEASE):
            Thread(target=_refresh, args=(found, refill), daemon=True).start()

    return replace(keeping, miss=miss, hit=hit)


def _fill_as_leader(query: Query, found: CachedAnswer, refill: Recompute) -> Answer | None:
    """Compute the entry unless another process does or did, which is waited for as long as its lease lasts."""
    assert found.mark is not None
    end = monotonic() + LEASE
    while True:
        lead, entry = versioned_cache().lead(query.tenant, found.mark, key(query), LEASE)
        now = read_entry(entry)
        if _wait_for_fill(now, found):
            _release(lead)
            return None
        if now.mark is None:
            _release(lead)
        elif lead:
            return _compute(lead, now, refill)
        elif monotonic() < end:
            sleep(POLLING)
            continue
        return refill(now)


def _compute(lead: "FillLock", found: CachedAnswer, refill: Recompute) -> Answer:
    """Compute the entry; whoever keeps it gives the lead up in the same round trip."""
    try:
        return refill(replace(found, lead=lead))
    except BaseException:
        _release(lead)
        raise


def _wait_for_fill(now: CachedAnswer, before: CachedAnswer) -> bool:
    """Whether somebody kept an answer meanwhile; one that cannot be read, which made this a miss, does not count."""
    return now.payload is not None and now.payload != before.payload


class ComputationRegistry:
    """The computations under way in this process; of its threads one leads, and alone asks Redis for the lead."""

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


def _release(lead: "FillLock | None") -> None:
    from redis.exceptions import RedisError

    if lead:
        with suppress(RedisError):  # the lease runs out by itself
            versioned_cache().release(lead)


def _refresh(found: CachedAnswer, refill: Recompute) -> None:
    """Compute an entry afresh in a thread of its own; it counts on until then, so a failure harms nobody."""
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
    summary="of all requests that miss the same entry one computes it; entries are renewed before they expire",
    keep=compute_once,
    requires=frozenset({"cache", "invalidate"}),
    manual_rollback="compute the answer at every miss again, without the lead",
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

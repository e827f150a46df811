"""A cache in the process in front of the one in Redis, which counts for as long as Redis vouches for it.

Redis is asked for the tenant's mark alone: some bytes, however long the answer. What a process holds bears the mark
under which it was computed, so that it is as right as what Redis holds: see ``perfstudy.listing.versioned_cache``.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Lock
from time import time

from perfstudy.listing.contract import Answer, CachedAnswer, CachePolicy, Query
from perfstudy.listing.optimization import Optimization
from perfstudy.listing.optimizations.cache import key
from perfstudy.model.claim import Claim

MAX_BYTES = 64 * 2**20
"""Bytes of answers that a process holds at most; then those go that were not asked for longest."""


@dataclass(frozen=True, slots=True)
class CachedEntry:
    """An answer that this process holds, and what the cache said of it."""

    answer: Answer
    kept: CachedAnswer
    size: int


class InProcessCache:
    """The answers that were asked for last, *most* bytes of them."""

    def __init__(self, most: int = MAX_BYTES) -> None:
        self._most = most
        self._guard = Lock()
        self._held: OrderedDict[str, CachedEntry] = OrderedDict()
        self._size = 0

    def get(self, name: str) -> CachedEntry | None:
        """Return what is held for *name*."""
        with self._guard:
            held = self._held.get(name)
            if held:
                self._held.move_to_end(name)
            return held

    def put(self, name: str, held: CachedEntry) -> None:
        """Hold *held* for *name*, in place of what had not been asked for longest."""
        with self._guard:
            self._drop(name)
            if held.size <= self._most:
                self._held[name] = held
                self._size += held.size
            while self._size > self._most:
                self._drop(next(iter(self._held)))

    def drop(self, name: str) -> None:
        """Hold nothing for *name*."""
        with self._guard:
            self._drop(name)

    def _drop(self, name: str) -> None:
        held = self._held.pop(name, None)
        self._size -= held.size if held else 0


def keep_in_process(keeping: CachePolicy | None) -> CachePolicy:
    """Hold the answers that were read from Redis, and ask Redis only whether their marks still count."""
    assert keeping is not None
    return cache_in_process(keeping, InProcessCache())


def cache_in_process(keeping: CachePolicy, store: InProcessCache, clock: Callable[[], float] = time) -> CachePolicy:
    """Hold the answers of *keeping* in *store*; those that are due to be computed afresh are read again."""

    def get(query: Query) -> CachedAnswer:
        name = key(query)
        held = store.get(name)
        if held and clock() < held.kept.due and keeping.mark(query) == held.kept.mark:
            return replace(held.kept, payload=held.answer)
        kept = keeping.get(query)
        answer = None if kept.payload is None else keeping.load(kept.payload)
        if answer is None:
            store.drop(name)
            return kept
        store.put(name, CachedEntry(answer, kept=replace(kept, payload=None), size=len(kept.payload)))
        return replace(kept, payload=answer)

    def load(payload: Answer | object) -> Answer | None:
        return payload if isinstance(payload, Answer) else None

    return replace(keeping, get=get, load=load)


NEAR = Optimization(
    name="near",
    title="Near cache",
    summary="each process holds the answers it read last, up to 64 MiB, and asks Redis only whether they still count",
    keep=keep_in_process,
    requires=frozenset({"cache", "invalidate", "bytes"}),
    manual_rollback="read the answer from Redis at each hit",
    claims=(
        Claim(
            id="near-hit",
            quote="a hit that carries the mark from Redis, and not the answer, is faster",
            source="a claim of the study's own: a megabyte need not be carried, sealed and copied",
            variant="index+related+values+connections+gunicorn+cache+invalidate+bytes+near",
            reference="index+related+values+connections+gunicorn+cache+invalidate+bytes",
            low=1,
            temperature="warm",
            reference_temperature="warm",
        ),
    ),
)

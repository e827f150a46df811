"""An in-process cache in front of Redis, valid while Redis confirms its versions.

Redis is asked for the tenant's version only: a few bytes, however long the answer. Each entry carries the version
under which it was computed, so it is as current as an entry in Redis: see ``perfstudy.listing.versioned_cache``.
"""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import replace
from threading import Lock
from time import time
from typing import Generic, NamedTuple, Protocol, TypeVar

from perfstudy.listing.contract import Answer, CachedAnswer, CacheLayer, CachePolicy, Query
from perfstudy.listing.optimization import Optimization
from perfstudy.model.claim import Claim

MAX_BYTES = 64 * 2**20
"""Bytes of answers that a process caches at most; the least recently used ones are evicted."""


class InProcessEntry(NamedTuple):
    """An entry read from Redis, with its answer as the payload, and its size in bytes."""

    cached: CachedAnswer
    size: int


class HasSize(Protocol):
    """Whatever has a size in bytes."""

    @property
    def size(self) -> int: ...


Entry = TypeVar("Entry", bound=HasSize)


class InProcessCache(Generic[Entry]):
    """The most recently used entries, *most* bytes of them."""

    def __init__(self, most: int = MAX_BYTES) -> None:
        self._most = most
        self._guard = Lock()
        self._entries: OrderedDict[Hashable, Entry] = OrderedDict()
        self._size = 0

    def get(self, name: Hashable) -> Entry | None:
        """Return the entry *name*."""
        with self._guard:
            entry = self._entries.get(name)
            if entry:
                self._entries.move_to_end(name)
            return entry

    def put(self, name: Hashable, entry: Entry) -> None:
        """Cache *entry* as *name*, and evict the least recently used ones."""
        with self._guard:
            self._drop(name)
            if entry.size <= self._most:
                self._entries[name] = entry
                self._size += entry.size
            while self._size > self._most:
                self._drop(next(iter(self._entries)))

    def drop(self, name: Hashable, entry: Entry | None = None) -> None:
        """Remove the entry *name*; given *entry*, only if it is that one."""
        with self._guard:
            if entry is None or self._entries.get(name) is entry:
                self._drop(name)

    def _drop(self, name: Hashable) -> None:
        entry = self._entries.pop(name, None)
        self._size -= entry.size if entry else 0


class InProcessLayer(CacheLayer):
    """Cache answers read from Redis, and ask Redis only for their current versions."""

    def __init__(self, inner: CachePolicy) -> None:
        super().__init__(inner)
        self._entries: InProcessCache[InProcessEntry] = InProcessCache()

    def get(self, query: Query) -> CachedAnswer:
        """Return the cached entry; one that is due for a refresh is read from Redis."""
        held = self.peek(query)
        if held:
            return held
        cached = self.inner.get(query)
        answer = None if cached.payload is None else self.inner.load(cached.payload)
        if answer is None:
            self._entries.drop(query)
            return cached
        found = replace(cached, payload=answer)
        # Without the tags that this one client sent.
        self._entries.put(replace(query, known=()), InProcessEntry(found, len(cached.payload)))
        return found

    def peek(self, query: Query) -> CachedAnswer | None:
        entry = self._entries.get(query)
        if entry is None or time() >= entry.cached.refresh_at:
            return None
        version = self.inner.version(query.tenant)
        if version == entry.cached.version:
            return entry.cached
        if version is not None:  # the entry's own never returns, so nothing is to be asked about it again
            self._entries.drop(query, entry)
        return None

    def load(self, payload: Answer | object) -> Answer | None:
        return payload if isinstance(payload, Answer) else None


NEAR = Optimization(
    name="near",
    title="In-process cache",
    summary="each process caches the answers it read last, up to 64 MiB, and asks Redis only whether they still count",
    cache=InProcessLayer,
    requires=frozenset({"cache", "invalidate", "bytes"}),
    after=frozenset({"breaker", "compressed", "keyset", "lease", "one_trip"}),
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

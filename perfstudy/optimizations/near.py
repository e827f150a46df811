"""A cache in the process in front of the one in Redis, which counts for as long as Redis vouches for it.

Redis is asked for the tenant's mark alone: some bytes, however long the answer. What a process holds bears the mark
under which it was computed, so that it is as right as what Redis holds: see ``perfstudy.marks``.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Lock
from time import time

from perfstudy.optimization import Claim, Optimization
from perfstudy.optimizations.cache import key
from perfstudy.seams import Answer, Keeping, Kept, Query

MOST = 64 * 2**20
"""Bytes of answers that a process holds at most; then those go that were not asked for longest."""


@dataclass(frozen=True, slots=True)
class Held:
    """An answer that this process holds, and what the cache said of it."""

    answer: Answer
    kept: Kept
    size: int


class Store:
    """The answers that were asked for last, *most* bytes of them."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._guard = Lock()
        self._held: OrderedDict[str, Held] = OrderedDict()
        self._size = 0

    def get(self, name: str) -> Held | None:
        """Return what is held for *name*."""
        with self._guard:
            held = self._held.get(name)
            if held:
                self._held.move_to_end(name)
            return held

    def put(self, name: str, held: Held) -> None:
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


def held(keeping: Keeping | None) -> Keeping:
    """Hold the answers that were read from Redis, and ask Redis only whether their marks still count."""
    assert keeping is not None
    return holding(keeping, Store())


def holding(keeping: Keeping, store: Store, clock: Callable[[], float] = time) -> Keeping:
    """Hold the answers of *keeping* in *store*; those that are due to be computed afresh are read again."""

    def get(query: Query) -> Kept:
        name = key(query)
        held = store.get(name)
        if held and clock() < held.kept.due and keeping.mark(query) == held.kept.mark:
            return replace(held.kept, payload=held.answer)
        kept = keeping.get(query)
        answer = None if kept.payload is None else keeping.load(kept.payload)
        if answer is None:
            store.drop(name)
            return kept
        store.put(name, Held(answer, kept=replace(kept, payload=None), size=len(kept.payload)))
        return replace(kept, payload=answer)

    def load(payload: Answer | object) -> Answer | None:
        return payload if isinstance(payload, Answer) else None

    return replace(keeping, get=get, load=load)


NEAR = Optimization(
    name="near",
    title="Near cache",
    summary="each process holds the answers it read last, up to 64 MiB, and asks Redis only whether they still count",
    keep=held,
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

r"""Search of every interleaving of the leases' protocol for a stale read.

Run with ``python benchmarks/lease_search.py``; it takes some minutes. The model has what
``perfstudy.listing.versioned_cache`` does with Redis, step by step: readers that ask, are answered late, load and serve
from a lease; writers that lock, wait, commit, unlock and wait; a clock; and keys that are lost. A read is stale if its
data are older than a write that was acknowledged before it. With one rule left out, the search finds one.
"""

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from benchmarks.common import make_parser
from perfstudy.commands import outcome

LEASE = 2
"""Ticks of the clock that a lease lasts."""
RULES = {
    "wait before": "a writer waits before its write, unless the version was free",
    "wait after": "a writer waits after its write, unless the lock was its own or the version is free",
    "own lock": "a writer knows its own lock from another's",
    "born leased": "a version that a reader draws is leased from the start",
    "noted": "a lease is noted in Redis",
    "from before": "a lease counts from before the question was sent",
}
SIZES = ((1, 2, 3, 1), (2, 1, 2, 0), (2, 2, 2, 0), (2, 1, 1, 1))
"""Readers, writers, writes and lost keys of each search."""


class Key(NamedTuple):
    """The tenant's key in Redis: a ``free`` or ``leased`` version, a ``lock``, or ``none``."""

    kind: str = "none"
    number: int = 0
    """Which version, or which write locked it."""


class Reader(NamedTuple):
    """A process that reads: its question, its lease and the entry that it has."""

    phase: str = "idle"
    version: int = 0
    age: int = 0
    """Ticks since the question was sent."""
    data: int = 0
    lease: tuple[int, int] = (0, 0)
    """The version, and the ticks that are left."""
    entry: tuple[int, int] = (0, 0)
    """The version, and the data."""


class Writer(NamedTuple):
    """A process that writes: which write, what it does, and the ticks that it waits."""

    phase: str = "idle"
    write: int = 0
    left: int = 0
    data: int = 0


class State(NamedTuple):
    """Everything at one moment."""

    readers: tuple[Reader, ...]
    writers: tuple[Writer, ...]
    writes: int
    losses: int
    key: Key = Key()
    drawn: int = 0
    """The versions that were drawn so far."""
    begun: int = 0
    """The writes that were begun so far."""
    data: int = 0
    """The writes that were committed."""
    acknowledged: int = 0


def search(readers: int, writers: int, writes: int, losses: int, left_out: str | None = None) -> tuple[int, bool]:
    """Return how many states were visited, and whether one has a stale read."""
    start = State((Reader(),) * readers, (Writer(),) * writers, writes, losses)
    seen, waiting = {start}, deque([start])
    rules = frozenset(RULES) - {left_out}
    while waiting:
        state = waiting.popleft()
        for after in _steps(state, rules):
            if after in seen:
                continue
            if is_stale(after):
                return len(seen), True
            seen.add(after)
            waiting.append(after)
    return len(seen), False


def is_stale(state: State) -> bool:
    """Return whether a reader may serve data that are older than an acknowledged write."""
    return any(
        reader.lease[1] and reader.lease[0] == reader.entry[0] and reader.entry[1] < state.acknowledged
        for reader in state.readers
    )


def _steps(state: State, rules: frozenset[str]) -> Iterator[State]:
    yield _tick(state)
    if state.losses and state.key.kind != "none":
        yield state._replace(key=Key(), losses=state.losses - 1)
    for place, reader in enumerate(state.readers):
        for changed, moved in _read(state, reader, rules):
            group = (*state.readers[:place], moved, *state.readers[place + 1 :])
            yield changed._replace(readers=tuple(sorted(group)))
    for place, writer in enumerate(state.writers):
        for changed, written in _write(state, writer, rules):
            some = (*state.writers[:place], written, *state.writers[place + 1 :])
            yield changed._replace(writers=tuple(sorted(some)))


def _tick(state: State) -> State:
    readers = (
        reader._replace(
            lease=(reader.lease[0], reader.lease[1] - 1) if reader.lease[1] > 1 else (0, 0),
            age=min(LEASE, reader.age + 1) if reader.phase in ("sent", "answered") else 0,
        )
        for reader in state.readers
    )
    writers = (writer._replace(left=max(0, writer.left - 1)) for writer in state.writers)
    return state._replace(readers=tuple(sorted(readers)), writers=tuple(sorted(writers)))


def _read(state: State, reader: Reader, rules: frozenset[str]) -> Iterator[tuple[State, Reader]]:
    match reader.phase:
        case "idle":
            yield state, reader._replace(phase="sent", age=0)
        case "sent":
            yield _grant(state, reader, rules)
        case "answered":
            left = LEASE - reader.age if "from before" in rules else LEASE
            lease = (reader.version, left) if left else (0, 0)
            yield state, reader._replace(phase="loading", lease=lease, age=0)
        case "loading":
            yield state, reader._replace(phase="loaded", data=state.data)
            yield state, reader._replace(phase="idle", version=0)  # the entry that it has is the version's
        case "loaded":
            entry = (reader.version, reader.data)
            yield state, reader._replace(phase="idle", version=0, data=0, entry=entry)


def _grant(state: State, reader: Reader, rules: frozenset[str]) -> tuple[State, Reader]:
    """Answer the question of *reader* in Redis."""
    kind, number = state.key
    if kind == "lock":
        return state, reader._replace(phase="idle", age=0)
    if kind == "none":
        number = state.drawn + 1
        born = "leased" if "born leased" in rules else "free"
        # The version is used without a lease if it is born free: a later question leases it.
        drawn = state._replace(key=Key(born, number), drawn=number)
        if born == "free":
            return drawn, reader._replace(phase="loading", version=number, age=0)
        return drawn, reader._replace(phase="answered", version=number)
    noted = Key("leased", number) if "noted" in rules else state.key
    return state._replace(key=noted), reader._replace(phase="answered", version=number)


def _write(state: State, writer: Writer, rules: frozenset[str]) -> Iterator[tuple[State, Writer]]:
    match writer.phase:
        case "idle" if state.writes:
            number = state.begun + 1
            waits = state.key.kind != "free" and "wait before" in rules
            locked = state._replace(key=Key("lock", number), begun=number, writes=state.writes - 1)
            yield locked, Writer("locked", number, LEASE if waits else 0)
        case "locked" if not writer.left:
            data = state.data + 1
            yield state._replace(data=data), writer._replace(phase="committed", data=data)
        case "committed":
            yield _unlock(state, writer, rules)
        case "unlocked" if not writer.left:
            yield state._replace(acknowledged=max(state.acknowledged, writer.data)), Writer()


def _unlock(state: State, writer: Writer, rules: frozenset[str]) -> tuple[State, Writer]:
    own = state.key.kind == "lock" and (state.key.number == writer.write or "own lock" not in rules)
    safe = own or state.key.kind == "free"
    key = Key("free" if safe else "leased", state.drawn + 1)
    left = 0 if safe or "wait after" not in rules else LEASE
    return state._replace(key=key, drawn=state.drawn + 1), writer._replace(phase="unlocked", left=left)


def main() -> None:
    """Print the states of each search, with every rule and with one left out."""
    make_parser(__doc__).parse_args()
    for size in SIZES:
        states, stale = search(*size)
        found = "a stale read" if stale else "no stale read"
        print(
            "{} readers, {} writers, {} writes, {} lost keys:".format(*size), f"{states:,} states, {found}", flush=True
        )
    for rule, what in RULES.items():
        states, stale = search(1, 2, 3, 1, rule)
        print(f"without {rule!r} ({what}): {'a stale read' if stale else 'none'} after {states:,} states", flush=True)


if __name__ == "__main__":
    outcome.run_app(main)

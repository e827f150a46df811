"""Marks: which state of a tenant's data an answer was computed from, kept beside the answers in Redis.

Every entry carries the mark under which it was computed, and counts only while that is the tenant's mark. A write

1. *closes* the tenant: the mark becomes ``closed``, and readers neither use nor keep anything;
2. commits;
3. *opens* the tenant under a new random mark, and only then is acknowledged.

A reader takes the mark before it reads the data. However late it keeps what it computed, the entry bears the old mark,
which never comes back: a mark is random, not a count, so that one that was evicted or expired cannot return either.
This is the lease of Nishtala et al., *Scaling Memcache at Facebook* (2013), section 3.2.1, for a whole tenant at once.

A tenant whose writer died stays closed, slow but right, until the mark expires and a reader draws the next one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from secrets import token_urlsafe
from time import time
from typing import TYPE_CHECKING, NamedTuple, cast

if TYPE_CHECKING:
    from redis import Redis
    from redis.lock import Lock

CLOSED = b"closed"
CLOSED_SECONDS = 60
"""How long a tenant stays closed whose writer never came back."""
MARK_SECONDS = 86_400
"""How long a mark lives without a write; its end costs the tenant one miss for each entry."""


class Entry(NamedTuple):
    """What is kept for a name: the tenant's mark, None while it is being written, and what bears this mark."""

    mark: str | None
    payload: bytes | None = None
    seconds: float | None = None
    """How long the payload still counts."""


class Marks:
    """The marks of all tenants below one key *prefix*, and the entries that bear them.

    Every method may raise ``redis.RedisError``.
    """

    def __init__(self, redis: "Redis", prefix: str = "") -> None:
        self._redis = redis
        self._prefix = prefix

    def get(self, tenant: str, name: str) -> Entry:
        """Return the tenant's mark and, where it bears this mark, the entry *name*, in one round trip."""
        mark, found = cast("list[bytes | None]", self._redis.mget(self._mark(tenant), self._entry(name)))
        if mark is None:
            mark = self._drawn(tenant)
        if mark == CLOSED:
            return Entry(None)
        head, _, payload = (found or b"").partition(b"\n")
        born, _, until = head.partition(b" ")
        if born != mark or not until.isdigit():
            return Entry(mark.decode("latin-1"))
        return Entry(mark.decode("latin-1"), payload, int(until) / 1e3 - time())

    def put(self, mark: str, name: str, payload: bytes, seconds: float) -> None:
        """Keep *payload* as the entry *name* for *seconds*, computed under *mark*."""
        milliseconds = max(1, round(seconds * 1e3))
        head = f"{mark} {round(time() * 1e3) + milliseconds}\n"
        self._redis.set(self._entry(name), head.encode("latin-1") + payload, px=milliseconds)

    @contextmanager
    def writing(self, tenant: str) -> Iterator[None]:
        """Close *tenant*, let the block write and commit, and open it again under a new mark.

        Where the block fails, whether its write was committed is not known, so the tenant stays closed for a while.
        """
        self._redis.set(self._mark(tenant), CLOSED, ex=CLOSED_SECONDS)
        yield
        self._redis.set(self._mark(tenant), _new(), ex=MARK_SECONDS)

    def lock(self, name: str, lease: float) -> "Lock":
        """Return a lock on *name* among all processes; it outlives its holder by *lease* seconds at most."""
        found = self._redis.lock(f"{self._prefix}lock:{name}", timeout=lease, sleep=0.005, thread_local=False)
        return cast("Lock", found)

    def _drawn(self, tenant: str) -> bytes:
        """Give *tenant* a first mark, unless somebody did so meanwhile, and return the one that it has."""
        new = _new()
        earlier = self._redis.set(self._mark(tenant), new, nx=True, get=True, ex=MARK_SECONDS)
        return new if earlier is None else cast("bytes", earlier)

    def _mark(self, tenant: str) -> str:
        return f"{self._prefix}mark:{sha256(tenant.encode()).hexdigest()}"

    def _entry(self, name: str) -> str:
        return f"{self._prefix}entry:{name}"


def _new() -> bytes:
    return token_urlsafe(12).encode()

"""Marks: which state of a tenant's data an answer was computed from, kept beside the answers in Redis.

Every entry carries the mark under which it was computed, and counts only while that is the tenant's mark. A write

1. *closes* the tenant: the mark becomes ``closed``, and readers neither use nor keep anything;
2. commits;
3. *opens* the tenant under a new random mark, and only then is acknowledged.

A reader takes the mark before it reads the data. However late it keeps what it computed, the entry bears the old mark,
which never comes back: a mark is random, not a count, so that one that was evicted or expired cannot return either.
This is the lease of Nishtala et al., *Scaling Memcache at Facebook* (2013), section 3.2.1, for a whole tenant at once.

A tenant whose writer died stays closed, slow but right, until the mark expires and a reader draws the next one.
Only a write that was never acknowledged may be seen late: one whose process died after its commit, while another
write of the tenant ended.

Redis may lose anything at any time, but must not bring back what it held before: neither from a snapshot nor from a
replica that lags. For the same reason no command is sent twice, since the second may arrive after another's write.
"""

import hmac
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from secrets import token_urlsafe
from time import time
from typing import TYPE_CHECKING, NamedTuple, cast

if TYPE_CHECKING:
    from redis import Redis

WRITE_LOCKED = b"closed"
WRITE_LOCK_SECONDS = 10
"""How long a tenant stays closed whose writer never came back; a write that takes longer is right all the same."""
VERSION_SECONDS = 86_400
"""How long a mark lives without a write; its end costs the tenant one miss for each entry."""
REFRESH_FACTOR = 0.1
"""The last part of an entry's life, in which it is due to be computed afresh."""

VERSION = re.compile(rb"[\w-]{16}", re.ASCII)
HEAD = re.compile(rb"(?P<mark>[\w-]{16}) (?P<due>[0-9]{1,16}) (?P<seal>[0-9a-f]{64})\n", re.ASCII)
RELEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"
"""Gives a lead up, unless its lease ran out and another has it (https://redis.io/docs/latest/commands/set/)."""


class SignedEntry(NamedTuple):
    """What is kept for a name: the tenant's mark, None while it is being written, and what bears this mark."""

    mark: str | None
    payload: bytes | None = None
    due: float = 0.0
    """From when on the payload is near its end, in seconds since 1970."""


class FillLock(NamedTuple):
    """The lead in computing something, which nobody else has until it is given up or its lease runs out."""

    key: str
    token: str


class VersionedCache:
    """The marks of all tenants below one key *prefix*, and the entries that bear them, sealed with *secret*.

    The seal (HMAC, RFC 2104) makes an entry that somebody else wrote, or that was cut short, no entry at all.
    Every method may raise ``redis.RedisError``. *redis* must send no command a second time.
    """

    def __init__(self, redis: "Redis", prefix: str = "", secret: bytes = b"") -> None:
        self._redis = redis
        self._prefix = prefix
        self._secret = secret

    def mark(self, tenant: str) -> str | None:
        """Return the tenant's mark, None while it is being written or where there is none."""
        found = cast("bytes | None", self._redis.get(self._mark(tenant)))
        return found.decode() if found is not None and VERSION.fullmatch(found) else None

    def get(self, tenant: str, name: str) -> SignedEntry:
        """Return the tenant's mark and, where it bears this mark, the entry *name*, in one round trip."""
        mark, found = cast("list[bytes | None]", self._redis.mget(self._mark(tenant), self._entry(name)))
        return self._read(tenant, name, mark, found)

    def put(self, mark: str, name: str, payload: bytes, seconds: float, lead: FillLock | None = None) -> None:
        """Keep *payload* as the entry *name* for *seconds*, computed under *mark*, and give *lead* up."""
        due = round((time() + seconds * (1 - REFRESH_FACTOR)) * 1e3)
        head = f"{mark} {due}".encode()
        entry = b"%b %b\n%b" % (head, self._seal(name, head, payload), payload)
        pipeline = self._redis.pipeline(transaction=False)
        pipeline.set(self._entry(name), entry, px=max(1, round(seconds * 1e3)))
        if lead:
            pipeline.eval(RELEASE, 1, *lead)
        pipeline.execute()

    def lead(self, tenant: str, mark: str, name: str, lease: float) -> tuple[FillLock | None, SignedEntry]:
        """Take the lead in computing the entry *name* under *mark*, and look for it once more, in one round trip.

        The lead is None where another process has it; it outlives its holder by *lease* seconds at most.
        """
        lead = self._lead(mark, name)
        pipeline = self._redis.pipeline(transaction=False)
        pipeline.set(lead.key, lead.token, nx=True, px=round(lease * 1e3))
        pipeline.mget(self._mark(tenant), self._entry(name))
        taken, (now, found) = pipeline.execute()
        return (lead if taken else None), self._read(tenant, name, now, found)

    def once(self, mark: str, name: str, lease: float) -> bool:
        """Whether nobody has asked so of the entry *name* under *mark* for *lease* seconds."""
        key, token = self._lead(mark, f"early:{name}")
        return bool(self._redis.set(key, token, nx=True, px=round(lease * 1e3)))

    def release(self, lead: FillLock) -> None:
        """Give *lead* up."""
        self._redis.eval(RELEASE, 1, *lead)

    @contextmanager
    def writing(self, tenant: str) -> Iterator[None]:
        """Close *tenant*, let the block write and commit, and open it again under a new mark.

        Where the block fails, whether its write was committed is not known, so the tenant stays closed for a while.
        """
        self._close(tenant)
        try:
            yield
        except BaseException:
            from redis.exceptions import RedisError

            with suppress(RedisError):  # the block may have outlived the closing
                self._close(tenant)
            raise
        self._redis.set(self._mark(tenant), _new_version(), ex=VERSION_SECONDS)

    def _read(self, tenant: str, name: str, mark: bytes | None, found: bytes | None) -> SignedEntry:
        if mark is None or not _is_version(mark):
            mark = self._drawn(tenant)
        if mark == WRITE_LOCKED:
            return SignedEntry(None)
        head = HEAD.match(found or b"")
        if found is None or head is None or head["mark"] != mark or not self._sealed(name, found, head):
            return SignedEntry(mark.decode())
        return SignedEntry(mark.decode(), found[head.end() :], int(head["due"]) / 1e3)

    def _lead(self, mark: str, name: str) -> FillLock:
        return FillLock(f"{self._prefix}lead:{mark}:{name}", token_urlsafe(12))

    def _close(self, tenant: str) -> None:
        self._redis.set(self._mark(tenant), WRITE_LOCKED, ex=WRITE_LOCK_SECONDS)

    def _drawn(self, tenant: str) -> bytes:
        """Return a first mark for *tenant*, or the one that somebody drew meanwhile."""
        new = _new_version()
        if self._redis.set(self._mark(tenant), new, nx=True, ex=VERSION_SECONDS):
            return new
        (earlier,) = cast("list[bytes | None]", self._redis.mget(self._mark(tenant)))
        if earlier is not None and _is_version(earlier):
            return earlier
        # What stands there is no mark. A new one is right at any time, for nothing bears it yet.
        self._redis.set(self._mark(tenant), new, ex=VERSION_SECONDS)
        return new

    def _sealed(self, name: str, found: bytes, head: "re.Match[bytes]") -> bool:
        seal = self._seal(name, found[: head.start("seal") - 1], memoryview(found)[head.end() :])
        return hmac.compare_digest(head["seal"], seal)

    def _seal(self, name: str, head: bytes, payload: "bytes | memoryview") -> bytes:
        # Fed part by part, for a large payload had better not be copied.
        seal = hmac.new(self._secret, b"%b\n%b\n" % (name.encode(), head), "sha256")
        seal.update(payload)
        return seal.hexdigest().encode()

    def _mark(self, tenant: str) -> str:
        return f"{self._prefix}mark:{sha256(tenant.encode()).hexdigest()}"

    def _entry(self, name: str) -> str:
        return f"{self._prefix}entry:{name}"


def _is_version(found: bytes) -> bool:
    """Whether *found* is what the protocol puts there: the closing, or a mark that was drawn."""
    return found == WRITE_LOCKED or VERSION.fullmatch(found) is not None


def _new_version() -> bytes:
    return token_urlsafe(12).encode()

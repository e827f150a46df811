"""Versions of tenants' data in Redis, which decide whether an answer is current.

Each cache entry carries the version under which it was computed, and is valid only while that is the tenant's
version. A write

1. *locks* the tenant: its version becomes a lock of this write's, and readers neither use nor cache anything;
2. commits;
3. *unlocks* the tenant under a new random version, and only then is acknowledged.

A version that ends with ``+`` is *leased*: a process may have read it lately, and rely on it for ``LEASE_SECONDS``
without asking again (see ``perfstudy.listing.leases``). Before its commit a writer waits until all leases have ended,
unless the version that it replaced was not leased. After its commit it waits unless the lock was still its own: if the
lock was lost, a reader may have drawn a version meanwhile, and those are leased from the start. Leases in this sense
are those of Gray and Cheriton, *Leases* (1989). ``benchmarks/lease_search.py`` searches all interleavings.

A reader takes the version before it reads the data. However late it caches its answer, the entry carries the old
version, which never returns: versions are random rather than counted, so one that was evicted or expired is not used
again. This is what Nishtala et al., *Scaling Memcache at Facebook* (2013), section 3.2.1, do for one key, for a whole
tenant at once.

If a writer dies, its tenant stays locked, slow but correct, until the lock expires and a reader draws the next
version. Only an unacknowledged write may be seen late: one whose process died after its commit, while another write
of the tenant ended.

Redis may lose anything at any time, but must not restore older data: neither from a snapshot nor from a replica that
lags. For the same reason no command is sent twice, since the second may arrive after another client's write.
"""

import hmac
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from hashlib import sha1, sha256
from secrets import token_urlsafe
from time import sleep, time
from typing import TYPE_CHECKING, Any, NamedTuple, cast

if TYPE_CHECKING:
    from redis import Redis

WRITE_LOCKED = b"locked"
WRITE_LOCK_SECONDS = 10
"""How long a tenant stays locked after its writer died; a longer write is correct nevertheless."""
LEASE_SECONDS = 0.02
"""How long a process may rely on a version since it asked for it."""
DRIFT = 0.01
"""How much faster or slower a clock may be, as a part; NTP allows a twentieth of it."""
VERSION_SECONDS = 86_400
"""How long a version lives without a write; its expiry costs the tenant one miss for each entry."""
REFRESH_FACTOR = 0.1
"""The last part of an entry's lifetime, in which it is to be recomputed."""

VERSION = re.compile(rb"[\w-]{16}", re.ASCII)
MARK = re.compile(rb"(?P<version>[\w-]{16})(?P<leased>\+?)", re.ASCII)
"""A version as it is stored."""
LOCK = re.compile(rb"locked(:[\w-]{16})?", re.ASCII)
"""A write's lock; older releases had one for all writes."""
HEAD = re.compile(rb"(?P<version>[\w-]{16}) (?P<refresh_at>[0-9]{1,16}) (?P<signature>[0-9a-f]{64})\n", re.ASCII)
RELEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"
"""Releases a lock, unless its lease expired and another request has it (https://redis.io/docs/latest/commands/set/)."""
LOCK_TENANT = """
local before = redis.pcall('get', KEYS[1])
redis.call('set', KEYS[1], ARGV[1], 'EX', ARGV[2])
return type(before) == 'string' and before
"""
UNLOCK_TENANT = """
local now = redis.pcall('get', KEYS[1])
local safe = now == ARGV[1] or type(now) == 'string' and #now == 16 and not now:find('[^%w_-]')
redis.call('set', KEYS[1], safe and ARGV[2] or ARGV[2] .. '+', 'EX', ARGV[3])
return safe and 1 or 0
"""
GET_OR_LOCK = """
local mark = redis.call('mget', KEYS[1])[1]
if not mark and redis.call('set', KEYS[1], ARGV[1], 'NX', 'EX', ARGV[2]) then mark = ARGV[1] end
local version = mark and mark:match('^([%w_-]+)%+?$')
if not version or #version ~= 16 then return {mark, false, 0} end
if redis.pcall('getrange', KEYS[2], 0, 15) == version then return {mark, redis.call('get', KEYS[2]), 0} end
local locked = redis.call('set', KEYS[3] .. version .. ':' .. ARGV[3], ARGV[4], 'NX', 'PX', ARGV[5])
return {mark, false, locked and 1 or 0}
"""
"""Reads an entry of the tenant's version; draws that where there is none, and locks the entry's computation."""
GET_OR_LOCK_SHA = sha1(GET_OR_LOCK.encode(), usedforsecurity=False).hexdigest()
LEASE_VERSION = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('append', KEYS[1], '+') end return 0"


class SignedEntry(NamedTuple):
    """The tenant's version, None while locked, and the entry of that version."""

    version: str | None
    payload: bytes | None = None
    refresh_at: float = 0.0
    """From when on the payload is near its expiry, in seconds since 1970."""


class FillLock(NamedTuple):
    """The lock of one computation, until it is released or its lease expires."""

    key: str
    token: str


class VersionedCache:
    """The versions of all tenants below the key *prefix*, and their entries.

    Entries are signed with *secret* (HMAC, RFC 2104); one that another program wrote, or that is truncated, is ignored.
    Every method may raise ``redis.RedisError``. *redis* must send no command a second time.
    """

    def __init__(self, redis: "Redis", prefix: str = "", secret: bytes = b"") -> None:
        self._redis = redis
        self._prefix = prefix
        self._secret = secret

    def version(self, tenant: str) -> str | None:
        """Return the tenant's version; None if it is locked or there is none."""
        return self.mark(tenant)[0]

    def mark(self, tenant: str) -> tuple[str | None, bool]:
        """Return the tenant's version, and whether it is leased."""
        found: Any = self._redis.get(self._version(tenant))
        mark = MARK.fullmatch(found or b"")
        return (mark["version"].decode(), bool(mark["leased"])) if mark else (None, False)

    def lease(self, tenant: str, version: str) -> bool:
        """Note that *version* is leased; return False if it is not the tenant's any more."""
        return bool(self._redis.eval(LEASE_VERSION, 1, self._version(tenant), version))

    def get(self, tenant: str, name: str) -> SignedEntry:
        """Return the tenant's version and its entry *name*, in one round trip.

        The entry is None unless it has this version.
        """
        version, found = cast("list[bytes | None]", self._redis.mget(self._version(tenant), self._entry(name)))
        return self._read(tenant, name, version, found)

    def get_or_lock(self, tenant: str, name: str, lease: float) -> tuple[FillLock | None, SignedEntry]:
        """Read an entry as ``get`` does, or lock its computation, in one round trip.

        The lock is None if there is an entry, if another process has it, or while the tenant is locked; it expires
        after *lease* seconds.
        """
        token = token_urlsafe(12)
        keys = self._version(tenant), self._entry(name), f"{self._prefix}lock:"
        drawn = _new_version() + b"+"  # leased, because a version that was lost may have been
        mark, found, locked = self._run_script(
            (GET_OR_LOCK_SHA, GET_OR_LOCK), keys, drawn, VERSION_SECONDS, name, token, round(lease * 1e3)
        )
        entry = self._read(tenant, name, mark, found)
        return (FillLock(self._lock_key(entry.version, name), token) if locked and entry.version else None), entry

    def put(self, version: str, name: str, payload: bytes, seconds: float, lock: FillLock | None = None) -> None:
        """Cache *payload* as *name* for *seconds* under *version*, and release *lock*."""
        refresh_at = round((time() + seconds * (1 - REFRESH_FACTOR)) * 1e3)
        head = f"{version} {refresh_at}".encode()
        entry = b"%b %b\n%b" % (head, self._sign(name, head, payload), payload)
        pipeline = self._redis.pipeline(transaction=False)
        pipeline.set(self._entry(name), entry, px=max(1, round(seconds * 1e3)))
        if lock:
            pipeline.eval(RELEASE, 1, *lock)
        pipeline.execute()

    def lock(self, tenant: str, version: str, name: str, lease: float) -> tuple[FillLock | None, SignedEntry]:
        """Lock the computation of an entry and read it again, in one round trip.

        The lock is None if another process has it; it expires after *lease* seconds.
        """
        lock = self._lock(version, name)
        pipeline = self._redis.pipeline(transaction=False)
        pipeline.set(lock.key, lock.token, nx=True, px=round(lease * 1e3))
        pipeline.mget(self._version(tenant), self._entry(name))
        taken, (now, found) = pipeline.execute()
        return (lock if taken else None), self._read(tenant, name, now, found)

    def once(self, version: str, name: str, lease: float) -> bool:
        """Return whether this is the first call for this entry within *lease* seconds."""
        key, token = self._lock(version, f"early:{name}")
        return bool(self._redis.set(key, token, nx=True, px=round(lease * 1e3)))

    def release(self, lock: FillLock) -> None:
        """Release *lock*."""
        self._redis.eval(RELEASE, 1, *lock)

    @contextmanager
    def writing(self, tenant: str) -> Iterator[None]:
        """Lock *tenant*, run the block, and unlock it under a new version.

        If the block fails, it is not known whether its write was committed, so the tenant stays locked for a while.
        """
        lock = b"%b:%b" % (WRITE_LOCKED, _new_version())
        if not VERSION.fullmatch(self._lock_writes(tenant, lock)):
            self._wait_for_leases()
        try:
            yield
        except BaseException:
            from redis.exceptions import RedisError

            with suppress(RedisError):  # the block may have outlived the lock
                self._lock_writes(tenant, lock)
            raise
        if not self._redis.eval(UNLOCK_TENANT, 1, self._version(tenant), lock, _new_version(), VERSION_SECONDS):
            self._wait_for_leases()

    def _read(self, tenant: str, name: str, version: bytes | None, found: bytes | None) -> SignedEntry:
        if version is None or not _is_version(version):
            version = self._draw(tenant)
        mark = MARK.fullmatch(version)
        if mark is None:
            return SignedEntry(None)
        version = mark["version"]
        head = HEAD.match(found or b"")
        if found is None or head is None or head["version"] != version or not self._is_signed(name, found, head):
            return SignedEntry(version.decode())
        return SignedEntry(version.decode(), found[head.end() :], int(head["refresh_at"]) / 1e3)

    def _lock(self, version: str, name: str) -> FillLock:
        return FillLock(self._lock_key(version, name), token_urlsafe(12))

    def _lock_key(self, version: str, name: str) -> str:
        return f"{self._prefix}lock:{version}:{name}"

    def _run_script(self, script: tuple[str, str], keys: Sequence[str], *values: Any) -> Any:
        """Run *script*, its digest and its text.

        The text is sent only if Redis does not know the digest.
        """
        from redis.exceptions import NoScriptError

        digest, text = script
        try:
            return self._redis.evalsha(digest, len(keys), *keys, *values)
        except NoScriptError:  # nothing was run, so this sends no command twice
            return self._redis.eval(text, len(keys), *keys, *values)

    def _lock_writes(self, tenant: str, lock: bytes) -> bytes:
        """Lock *tenant* by *lock*; return what was stored before."""
        return self._redis.eval(LOCK_TENANT, 1, self._version(tenant), lock, WRITE_LOCK_SECONDS) or b""

    def _wait_for_leases(self) -> None:
        """Wait until every lease has ended that a process may have now."""
        sleep(LEASE_SECONDS * (1 + DRIFT))

    def _draw(self, tenant: str) -> bytes:
        """Return a first version for *tenant*, or the one that was drawn meanwhile.

        It is leased, because a version that was lost may have been.
        """
        new = _new_version() + b"+"
        if self._redis.set(self._version(tenant), new, nx=True, ex=VERSION_SECONDS):
            return new
        (earlier,) = cast("list[bytes | None]", self._redis.mget(self._version(tenant)))
        if earlier is not None and _is_version(earlier):
            return earlier
        # The stored value is no version. A new one is valid at any time, since no entry has it yet.
        self._redis.set(self._version(tenant), new, ex=VERSION_SECONDS)
        return new

    def _is_signed(self, name: str, found: bytes, head: "re.Match[bytes]") -> bool:
        signature = self._sign(name, found[: head.start("signature") - 1], memoryview(found)[head.end() :])
        return hmac.compare_digest(head["signature"], signature)

    def _sign(self, name: str, head: bytes, payload: "bytes | memoryview") -> bytes:
        # Updated part by part, so that a large payload is not copied.
        signature = hmac.new(self._secret, b"%b\n%b\n" % (name.encode(), head), "sha256")
        signature.update(payload)
        return signature.hexdigest().encode()

    def _version(self, tenant: str) -> str:
        return f"{self._prefix}version:{sha256(tenant.encode()).hexdigest()}"

    def _entry(self, name: str) -> str:
        return f"{self._prefix}entry:{name}"


def _is_version(found: bytes) -> bool:
    """Return whether *found* is valid in the protocol: a lock, or a drawn version."""
    return (LOCK.fullmatch(found) or MARK.fullmatch(found)) is not None


def _new_version() -> bytes:
    return token_urlsafe(12).encode()

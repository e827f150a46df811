"""Redis's counters of the cache, and whether they agree with the service's."""

from dataclasses import asdict, dataclass
from typing import Any

from perfstudy.errors import PerfstudyError
from perfstudy.listing.monitoring.service import Counters


@dataclass(frozen=True, slots=True)
class Cache:
    """The server's counters since its start, and its memory in bytes."""

    hits: int
    misses: int
    evicted: int
    used: int
    peak: int
    limit: int
    keys: int

    def row(self) -> dict[str, Any]:
        """Return it as a row of a table."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Agreement:
    """Whether Redis and the service counted the same.

    None where the two cannot be compared, with the reason.
    """

    agrees: bool | None
    reason: str


def read_cache(url: str) -> Cache:
    """Return the counters of the server at *url*.

    Raises:
        PerfstudyError: it does not answer.
    """
    import redis

    try:
        with redis.Redis.from_url(url, socket_timeout=5, socket_connect_timeout=5) as client:
            stats: Any = client.info("stats")
            memory: Any = client.info("memory")
            keys: Any = client.dbsize()
    except redis.RedisError as error:
        raise PerfstudyError(f"Redis does not answer: {error}") from None
    return Cache(
        hits=stats["keyspace_hits"],
        misses=stats["keyspace_misses"],
        evicted=stats["evicted_keys"],
        used=memory["used_memory"],
        peak=memory["used_memory_peak"],
        limit=memory.get("maxmemory", 0),
        keys=keys,
    )


def compare_counts(counted: Counters, server: Cache, before: dict[str, int] | None) -> Agreement:
    """Compare the service's counts with those of the server.

    The server's counts are taken since *before*, which was read before the service's first request.

    The report's cache looks up one key for each request, so the two must be equal. With ``invalidate``, each request
    also looks up its tenant's version, and locks are keys too, so the server must have counted at least two lookups for
    each request; with the in-process cache a hit may have looked up the version only, and with a lease nothing at all.
    Then it says how many hits at least had no lookup, and only the misses must have theirs.
    """
    if before is None:
        return Agreement(None, "what Redis had counted before the service's start is not known")
    hits, misses = server.hits - before["hits"], server.misses - before["misses"]
    said = f"the service counted {counted.hits} hits and {counted.misses} misses, Redis {hits} and {misses}"
    parts = counted.variant.split("+")
    if "invalidate" in parts:
        if "lease" in parts:
            unasked = max(0, counted.hits - hits)
            said += f"; at least {unasked} hits asked Redis nothing, by a lease"
            return Agreement(hits + misses >= 2 * counted.misses, said)
        least = 1 if "near" in parts else 2
        enough = hits >= least * counted.hits and hits + misses >= least * (counted.hits + counted.misses)
        return Agreement(enough, f"{said}, the versions among them")
    if (hits, misses) == (counted.hits, counted.misses):
        return Agreement(True, said)
    return Agreement(False, f"{said}: another client uses this server, or requests are under way")

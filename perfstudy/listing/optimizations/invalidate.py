"""A cache that is never stale after an acknowledged write.

A write needs Redis: where the tenant cannot be locked, it is answered with 503 and nothing is written. Where Redis
fails after the commit, the answer is 503 too, and the tenant stays locked for a while; sending the write again is safe.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from perfstudy.listing import exact
from perfstudy.listing.contract import Answer, CachedAnswer, CacheLayer, CachePolicy, Query, View, Write, Writing
from perfstudy.listing.optimization import Optimization
from perfstudy.listing.optimizations.cache import key
from perfstudy.listing.selection import MEMBERS
from perfstudy.model.claim import Claim

if TYPE_CHECKING:
    from perfstudy.listing.versioned_cache import SignedEntry, VersionedCache


def versioned_cache() -> "VersionedCache":
    """Return the versioned cache, in the Redis and prefix of Django's default cache."""
    from django.conf import settings

    default = settings.CACHES["default"]
    place = default["LOCATION"], default["KEY_PREFIX"], settings.SECRET_KEY
    return _versioned_cache(*place, tuple(default["OPTIONS"].items()), settings.PERFSTUDY_DIRECT)


@cache
def _versioned_cache(
    location: str, prefix: str, secret: str, options: tuple[tuple[str, Any], ...], direct: bool
) -> "VersionedCache":
    from redis import Redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    from perfstudy.listing import direct_redis
    from perfstudy.listing.versioned_cache import VersionedCache

    connect = direct_redis.connect if direct else Redis.from_url
    client = connect(location, **dict(options), retry=Retry(NoBackoff(), 0))
    return VersionedCache(client, f"{prefix}:", secret.encode())


class VersionedEntries(CacheLayer):
    """Cache answers as JSON under the version of their tenant's data.

    JSON because what others may write to Redis must never be run as code.
    """

    def __init__(self, inner: CachePolicy) -> None:
        self._cache = versioned_cache()
        super().__init__(inner, version=self._cache.version)

    def get(self, query: Query) -> CachedAnswer:
        return read_entry(self._cache.get(query.tenant, key(query)))

    def put(self, query: Query, cached: CachedAnswer, payload: bytes, seconds: float) -> None:
        assert cached.version is not None
        self._cache.put(cached.version, key(query), payload, seconds, cached.lock)

    def dump(self, answer: Answer) -> Any:
        document = answer.document if answer.body is None else exact.decode(answer.body)
        return exact.encode(document | {"from_cache": True})

    def load(self, payload: bytes) -> Answer | None:
        """Return the answer of *payload*; None if another release cached it differently."""
        try:
            document: Any = exact.decode(payload)
        except ValueError:
            return None
        return Answer(document=document) if isinstance(document, dict) and document.keys() == set(MEMBERS) else None


def read_entry(entry: "SignedEntry") -> CachedAnswer:
    """Return *entry* as the cached answer."""
    return CachedAnswer(payload=entry.payload, version=entry.version, refresh_at=entry.refresh_at)


def invalidate_on_write(writing: Writing, view: View) -> Writing:
    """Lock the tenant before a write, and give it a new version after the commit."""

    @contextmanager
    def guarded(write: Write) -> Iterator[None]:
        with versioned_cache().writing(write.tenant), writing(write):
            yield

    return guarded


INVALIDATE = Optimization(
    name="invalidate",
    title="Invalidation on writes",
    summary="entries bear the version of their tenant's data, and every write gives the tenant a new version",
    cache=VersionedEntries,
    write=invalidate_on_write,
    requires=frozenset({"cache"}),
    manual_rollback="go back to cache.get and cache.set with the plain key, and drop the lock around the writes",
    claims=(
        Claim(
            id="invalidate-hit",
            quote="a hit that checks the mark of its tenant is no slower than the report's own",
            source="a claim of the study's own: mark and entry come in one round trip",
            variant="index+related+values+connections+gunicorn+cache+invalidate",
            reference="index+related+values+connections+gunicorn+cache",
            low=1,
            high=1.1,  # as fast: a direction alone would be refuted by no difference
            temperature="warm",
            reference_temperature="warm",
        ),
    ),
)

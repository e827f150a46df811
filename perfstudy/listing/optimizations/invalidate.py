"""A cache that no acknowledged write leaves out of date.

A write needs Redis: where the tenant cannot be closed, it is answered with 503 and nothing is written. Where Redis
fails after the commit, the answer is 503 too, and the tenant stays closed for a while; sending the write again is safe.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from perfstudy.listing import exact
from perfstudy.listing.contract import Answer, CachedAnswer, CachePolicy, Query, View, Write, Writing
from perfstudy.listing.optimization import Optimization
from perfstudy.listing.optimizations.cache import key
from perfstudy.model.claim import Claim

if TYPE_CHECKING:
    from perfstudy.listing.versioned_cache import SignedEntry, VersionedCache

MEMBERS = {"programs", "total_count", "offset", "limit", "from_cache"}
"""What a whole answer has."""


def versioned_cache() -> "VersionedCache":
    """Return the marks in the Redis and under the prefix of Django's default cache."""
    from django.conf import settings

    default = settings.CACHES["default"]
    return _versioned_cache(
        default["LOCATION"], default["KEY_PREFIX"], settings.SECRET_KEY, tuple(default["OPTIONS"].items())
    )


@cache
def _versioned_cache(location: str, prefix: str, secret: str, options: tuple[tuple[str, Any], ...]) -> "VersionedCache":
    from redis import Redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    from perfstudy.listing.versioned_cache import VersionedCache

    client = Redis.from_url(location, **dict(options), retry=Retry(NoBackoff(), 0))
    return VersionedCache(client, f"{prefix}:", secret.encode())


def key_by_version(keeping: CachePolicy | None) -> CachePolicy:
    """Keep answers under the mark of their tenant's data, as JSON: what others may write must never be code."""
    assert keeping is not None

    def get(query: Query) -> CachedAnswer:
        return read_entry(versioned_cache().get(query.tenant, key(query)))

    def put(query: Query, entry: CachedAnswer, payload: bytes, seconds: float) -> None:
        assert entry.mark is not None
        versioned_cache().put(entry.mark, key(query), payload, seconds, entry.lead)

    def mark(query: Query) -> str | None:
        return versioned_cache().mark(query.tenant)

    return replace(keeping, get=get, put=put, dump=dump_entry, load=load_entry, mark=mark)


def read_entry(entry: "SignedEntry") -> CachedAnswer:
    """Return what *entry* has to say."""
    return CachedAnswer(payload=entry.payload, mark=entry.mark, due=entry.due)


def dump_entry(answer: Answer) -> bytes:
    """Return the payload of *answer*."""
    document = answer.document if answer.body is None else exact.decode(answer.body)
    return exact.encode(document | {"from_cache": True})


def load_entry(payload: bytes) -> Answer | None:
    """Return the answer of *payload*, None where another release of the service kept it in another form."""
    try:
        document: Any = exact.decode(payload)
    except ValueError:
        return None
    return Answer(document=document) if isinstance(document, dict) and document.keys() == MEMBERS else None


def invalidate_on_write(writing: Writing, view: View) -> Writing:
    """Close the tenant before a write, and open it under a new mark once the write is committed."""

    @contextmanager
    def guarded(write: Write) -> Iterator[None]:
        with versioned_cache().writing(write.tenant), writing(write):
            yield

    return guarded


INVALIDATE = Optimization(
    name="invalidate",
    title="Invalidation on writes",
    summary="entries bear the mark of their tenant's data, and every write gives the tenant a new mark",
    keep=key_by_version,
    write=invalidate_on_write,
    requires=frozenset({"cache"}),
    manual_rollback="go back to cache.get and cache.set with the plain key, and drop the mark around the writes",
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

"""The report's own cache: the answer of the view, kept in Redis for a minute, without invalidation."""

import json
from dataclasses import fields
from hashlib import sha256
from operator import attrgetter

from perfstudy.listing import exact
from perfstudy.listing.contract import Answer, CachedAnswer, CachePolicy, Query
from perfstudy.listing.optimization import Optimization
from perfstudy.model.claim import Claim

TIMEOUT = 60
"""Seconds that an answer is kept, unless the service is told otherwise."""
PARTS = attrgetter(*(field.name for field in fields(Query) if field.compare))
"""All that tells one question from another."""


def key(query: Query) -> str:
    """Return the cache key of *query*: different for any two queries that ask for different things.

    The parts are encoded as JSON before they are hashed, because parts joined with a separator
    collide as soon as one of them may hold the separator.
    """
    return "programs:" + sha256(json.dumps(PARTS(query)).encode()).hexdigest()


def in_django(keeping: CachePolicy | None) -> CachePolicy:
    """Keep answers in Django's default cache, empty pages too."""
    from django.conf import settings
    from django.core.cache import cache

    return CachePolicy(
        get=lambda query: CachedAnswer(payload=cache.get(key(query))),
        put=lambda query, kept, payload, seconds: cache.set(key(query), payload, seconds),
        dump=lambda answer: answer.document if answer.body is None else exact.decode(answer.body),
        load=lambda document: Answer(document=document | {"from_cache": True}),
        seconds=lambda query: settings.CACHES["default"]["TIMEOUT"],
    )


CACHE = Optimization(
    name="cache",
    title="View cache in Redis",
    summary="the whole answer kept in Redis for 60 seconds under a key of tenant and parameters",
    settings={
        "CACHES": {
            "default": {
                "BACKEND": "django.core.cache.backends.redis.RedisCache",
                "KEY_PREFIX": "yelp_ads",
                "TIMEOUT": TIMEOUT,
            }
        }
    },
    keep=in_django,
    caches=True,
    manual_rollback="remove the CACHES block from the settings and the cache calls from the view, then restart",
    claims=(
        Claim(
            id="cache-hit",
            quote="+ Redis cache (hit): 0.6s before, 0.05-0.1s after, 83-92% faster",
            source="Performance improvements",
            variant="index+related+values+connections+gunicorn+cache",
            reference="index+related+values+connections+gunicorn",
            low=6,
            high=12,
            temperature="warm",
        ),
        Claim(
            id="cache-warm-cold",
            quote="first request 0.8s (MISS), second request 0.08s (HIT): 90% faster",
            source="Testing, expected output",
            variant="index+related+values+connections+gunicorn+cache",
            reference="index+related+values+connections+gunicorn+cache",
            low=10,
            high=None,
            temperature="warm",
        ),
    ),
)

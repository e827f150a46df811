"""The report's own cache: the answer of the view, kept in Redis for a minute, without invalidation."""

import json
import logging
from dataclasses import asdict
from hashlib import sha256

from perfstudy.optimization import Claim, Optimization
from perfstudy.seams import Answer, Query, View

TIMEOUT = 60
"""Seconds that an answer is kept."""

logger = logging.getLogger("perfstudy.cache")


def key(query: Query) -> str:
    """Return the cache key of *query*: different for any two queries that differ in anything.

    The parts are encoded as JSON before they are hashed, because parts joined with a separator
    collide as soon as one of them may hold the separator.
    """
    return "programs:" + sha256(json.dumps(asdict(query), sort_keys=True).encode()).hexdigest()


def cached(view: View) -> View:
    """Answer from Django's default cache where it can, and keep what *view* answers, empty pages too."""

    def answer(query: Query) -> Answer:
        from django.core.cache import cache

        name = key(query)
        document = cache.get(name)
        if document is not None:
            logger.info("HIT", extra={"tenant": query.tenant, "path": query.path})
            return Answer(document=document | {"from_cache": True}, from_cache=True, cacheable=True)
        logger.info("MISS", extra={"tenant": query.tenant, "path": query.path})
        fresh = view(query)
        cache.set(name, fresh.document, TIMEOUT)
        return Answer(document=fresh.document, cacheable=True)

    return answer


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
    view=cached,
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

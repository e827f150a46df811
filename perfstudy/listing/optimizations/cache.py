"""The report's cache: the view's answer in Redis for a minute, no invalidation."""

import json
from dataclasses import fields
from hashlib import sha256
from operator import attrgetter
from typing import Any

from perfstudy.listing import exact
from perfstudy.listing.contract import Answer, CachedAnswer, CacheLayer, CachePolicy, Query
from perfstudy.listing.optimization import Optimization
from perfstudy.model.claim import Claim

TIMEOUT = 60
"""Seconds that an answer is cached, unless ``PERFSTUDY_CACHE_SECONDS`` says otherwise."""
PARTS = attrgetter(*(field.name for field in fields(Query) if field.compare))
"""The fields that distinguish one query from another."""


def key(query: Query) -> str:
    """Return the cache key of *query*, different for queries that ask differently.

    The parts are encoded as JSON before they are hashed: joined with a separator, parts that contain it would collide.
    """
    return "programs:" + sha256(json.dumps(PARTS(query)).encode()).hexdigest()


class DjangoCache(CacheLayer):
    """Cache answers in Django's default cache, empty pages too."""

    def __init__(self, inner: CachePolicy) -> None:
        from django.conf import settings
        from django.core.cache import cache

        super().__init__(inner)
        self._cache, self._settings = cache, settings

    def get(self, query: Query) -> CachedAnswer:
        return CachedAnswer(payload=self._cache.get(key(query)))

    def put(self, query: Query, cached: CachedAnswer, payload: Any, seconds: float) -> None:
        self._cache.set(key(query), payload, seconds)

    def dump(self, answer: Answer) -> Any:
        return answer.document if answer.body is None else exact.decode(answer.body)

    def load(self, payload: Any) -> Answer | None:
        return Answer(document=payload | {"from_cache": True})

    def seconds(self, query: Query) -> float:
        return self._settings.CACHES["default"]["TIMEOUT"]  # type: ignore[no-any-return]


CACHE = Optimization(
    name="cache",
    title="View cache in Redis",
    summary="the whole answer cached in Redis for 60 seconds under a key of tenant and parameters",
    settings={
        "CACHES": {
            "default": {
                "BACKEND": "django.core.cache.backends.redis.RedisCache",
                "KEY_PREFIX": "yelp_ads",
                "TIMEOUT": TIMEOUT,
            }
        }
    },
    cache=DjangoCache,
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

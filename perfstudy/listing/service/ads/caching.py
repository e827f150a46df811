"""The cache in front of the listing: hits and misses, under any policy."""

from dataclasses import replace
from time import time

from perfstudy.listing.contract import Answer, CachedAnswer, CachePolicy, Query, View
from perfstudy.listing.service import request_context

ATTEMPTS = 3
"""How often the cache is asked for another request's answer, before this one computes it."""


class CachedView:
    """A view that answers from the cache of a policy by *answer*."""

    def __init__(self, policy: CachePolicy, answer: View) -> None:
        self.peek = policy.peek
        self._answer = answer

    def __call__(self, query: Query) -> Answer:
        """Answer *query*."""
        return self._answer(query)


def answer_from_cache(policy: CachePolicy, view: View) -> CachedView:
    """Return a view that answers from the cache, and caches answers of *view*."""

    def compute(query: Query, cached: CachedAnswer) -> Answer:
        # The version was read before the data are: a write in between leaves this answer unreachable.
        fresh = view(query)
        if cached.version is not None:
            store(query, cached, fresh)
        tag = policy.tag(query, cached) if policy.tagged else None
        return replace(fresh, cacheable=True, varies=policy.varies, tag=tag)

    def store(query: Query, cached: CachedAnswer, fresh: Answer) -> None:
        def put() -> None:
            policy.put(query, cached, policy.dump(fresh), policy.seconds(query))

        if policy.deferred:
            request_context.defer(put)
        else:
            put()

    def answer(query: Query) -> Answer:
        for _ in range(ATTEMPTS):
            found = attempt(query)
            if found is not None:
                return found
        return compute(query, policy.get(query))

    def attempt(query: Query) -> Answer | None:
        cached = policy.get(query)
        tag = policy.tag(query, cached) if policy.tagged else None
        if tag is not None and opaque(tag) in map(opaque, query.known):
            return Answer(from_cache=True, cacheable=True, varies=policy.varies, tag=tag, unchanged=True)
        found = None if cached.payload is None else policy.load(cached.payload)
        if found is None:
            return policy.miss(query, cached, lambda cached: compute(query, cached))
        if cached.refresh_at <= time():
            policy.refresh(query, cached, lambda cached: compute(query, cached))
        return replace(found, from_cache=True, cacheable=True, varies=policy.varies, tag=tag)

    return CachedView(policy, answer)


def opaque(tag: str) -> str:
    """Return the part of a tag that weak comparison uses (RFC 9110, 8.8.3.2)."""
    return tag.removeprefix("W/")

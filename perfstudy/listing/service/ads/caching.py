"""The cache in front of the listing: what a hit and a miss have in common, however answers are kept."""

from dataclasses import replace

from perfstudy.listing.contract import Answer, CachedAnswer, CachePolicy, Query, View
from perfstudy.listing.service import request_context

ATTEMPTS = 3
"""How often the cache is asked for what another request was to keep, before this one computes it."""


def answer_from_cache(keeping: CachePolicy, view: View) -> View:
    """Return the view that answers from the cache where it can, and keeps what *view* answers where it cannot."""

    def compute(query: Query, kept: CachedAnswer) -> Answer:
        # The mark was read before the data are: whoever writes in between leaves this answer unreachable.
        fresh = view(query)
        if kept.mark is not None:
            keep(query, kept, fresh)
        return replace(fresh, cacheable=True, varies=keeping.varies, tag=keeping.tag(query, kept))

    def keep(query: Query, kept: CachedAnswer, fresh: Answer) -> None:
        def put() -> None:
            keeping.put(query, kept, keeping.dump(fresh), keeping.seconds(query))

        if keeping.behind:
            request_context.defer(put)
        else:
            put()

    def answer(query: Query) -> Answer:
        for _ in range(ATTEMPTS):
            found = attempt(query)
            if found is not None:
                return found
        return compute(query, keeping.get(query))

    def attempt(query: Query) -> Answer | None:
        kept = keeping.get(query)
        tag = keeping.tag(query, kept)
        if tag is not None and is_weak(tag) in map(is_weak, query.known):
            return Answer(from_cache=True, cacheable=True, varies=keeping.varies, tag=tag, unchanged=True)
        held = None if kept.payload is None else keeping.load(kept.payload)
        if held is None:
            return keeping.miss(query, kept, lambda kept: compute(query, kept))
        keeping.hit(query, kept, lambda kept: compute(query, kept))
        return replace(held, from_cache=True, cacheable=True, varies=keeping.varies, tag=tag)

    return answer


def is_weak(tag: str) -> str:
    """Return what the weak comparison of entity tags compares (RFC 9110, section 8.8.3.2)."""
    return tag.removeprefix("W/")

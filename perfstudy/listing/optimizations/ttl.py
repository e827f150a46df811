"""A lifetime of each answer that suits how often its data change."""

from random import uniform

from perfstudy.listing.contract import CacheLayer, Query
from perfstudy.listing.optimization import Optimization
from perfstudy.model.claim import Claim

STABLE = 60
"""Factor on the lifetime of answers about past programs, which hardly change."""
JITTER = 0.1
"""Largest part of its lifetime by which an entry may expire earlier, so that entries do not expire together."""


class ChosenLifetime(CacheLayer):
    """Cache past programs for an hour, current ones for a minute, with random jitter.

    Jitter only shortens these times.
    """

    def seconds(self, query: Query) -> float:
        return self.inner.seconds(query) * (STABLE if query.status == "PAST" else 1) * uniform(1 - JITTER, 1)


TTL = Optimization(
    name="ttl",
    title="Longer life for stable data",
    summary="answers about past programs live an hour, others a minute, with up to 10 % of jitter",
    cache=ChosenLifetime,
    # Without invalidation an hour's life is an hour's staleness.
    requires=frozenset({"cache", "invalidate"}),
    manual_rollback="cache every answer for 60 seconds again",
    claims=(
        Claim(
            id="ttl-hit",
            quote="a hit costs the same however long its answer may live",
            source="a claim of the study's own: the life is drawn when an answer is kept",
            variant="index+related+values+connections+gunicorn+cache+invalidate+ttl",
            reference="index+related+values+connections+gunicorn+cache+invalidate",
            low=1,
            high=1.1,  # as fast: a direction alone would be refuted by no difference
            temperature="warm",
            reference_temperature="warm",
            note="its gain is in how many requests are hits, which benchmarks/hitrate.py counts",
        ),
    ),
)

"""Caching an answer after it is sent, so that a miss does not wait for the cache."""

from perfstudy.listing.contract import CacheLayer
from perfstudy.listing.optimization import Optimization
from perfstudy.model.claim import Claim


class DeferredWrite(CacheLayer):
    """Cache the answer after it is sent; until then other requests wait for it."""

    deferred = True


BEHIND = Optimization(
    name="behind",
    title="Deferred cache write",
    summary="a miss is answered first and cached then, while the lock keeps other requests from computing the same",
    cache=DeferredWrite,
    # Without a lock until the entry is cached, the client's next request might miss again.
    requires=frozenset({"cache", "invalidate", "single_flight"}),
    manual_rollback="cache the answer before it is sent",
    claims=(
        Claim(
            id="behind-cold",
            quote="a miss that is answered before it is kept is faster",
            source="a claim of the study's own: keeping takes a round trip, and a copy of the answer",
            variant="index+related+values+connections+gunicorn+cache+invalidate+single_flight+behind",
            reference="index+related+values+connections+gunicorn+cache+invalidate+single_flight",
            low=1,
        ),
    ),
)

"""Removal of unneeded indexes: each slows every write and the planning of queries."""

from perfstudy.listing.optimization import Optimization
from perfstudy.model.claim import Claim

PRUNE = Optimization(
    name="prune",
    title="Needless indexes dropped",
    summary="eleven indexes are gone: one was double, and another one stands in for each of the rest",
    schema="0018_prune",
    manual_rollback="manage.py unapply 0018_prune",
    claims=(
        Claim(
            id="prune-response",
            quote="with fewer indexes to choose from, a small page is planned faster",
            source="a claim of the study's own: 0.86 ms of planning for 0.16 ms of execution in a prototype",
            variant="index+related+values+connections+prune",
            reference="index+related+values+connections",
            low=1,
            note="what it is for is writes, which benchmarks/indexes.py measures by the number of indexes",
        ),
    ),
)

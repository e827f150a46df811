"""One more composite index, in the order that the listing filters and sorts in."""

from perfstudy.listing.optimization import Optimization
from perfstudy.model.claim import Claim

INDEX = Optimization(
    name="index",
    title="Composite index",
    summary="an index of (username, status, -start_date), which serves the filter and the sort at once",
    schema="0015_programregistry_ads_program_usernam_cb2094_idx",
    manual_rollback="manage.py migrate ads 0014",
    claims=(
        Claim(
            id="index-queries",
            quote="3-5x faster queries with status filtering and date sorting",
            source="Changes implemented, 1: Database indexes",
            variant="index",
            reference="baseline",
            low=3,
            high=5,
            quantity="database",
        ),
        Claim(
            id="index-response",
            quote="+ Database indexes: 5.0s before, 1.5-2.0s after, 60-70% faster",
            source="Performance improvements",
            variant="index",
            reference="baseline",
            low=2.5,
            high=3.34,
        ),
    ),
)

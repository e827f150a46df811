"""The programs in hash partitions by tenant, an eighth of the table each."""

from perfstudy.listing.optimization import Optimization
from perfstudy.model.claim import Claim

PARTITION = Optimization(
    name="partition",
    title="Partitions by tenant",
    summary="the programs lie in eight hash partitions by tenant, each with smaller indexes of its own",
    schema="0022_partition",
    manual_rollback="manage.py unapply 0022_partition",
    claims=(
        Claim(
            id="partition-queries",
            quote="from ten million rows on, queries of one tenant are faster where only its partition is searched",
            source="a claim of the study's own",
            variant="index+related+values+connections+partition",
            reference="index+related+values+connections",
            low=1,
            quantity="database",
            note="stated for ten million rows and more: judge it at --scale large or huge",
        ),
    ),
)

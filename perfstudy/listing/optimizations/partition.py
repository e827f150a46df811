"""The programs in hash partitions by tenant, an eighth of the table each."""

from dataclasses import replace

from perfstudy.listing.contract import Rows
from perfstudy.listing.optimization import Optimization
from perfstudy.model.claim import Claim


def name_tenant(rows: Rows) -> Rows:
    """Fetch rows by their tenant besides their ids.

    Every partition may hold an id, and only one a tenant.
    """
    return replace(rows, by_tenant=True)


PARTITION = Optimization(
    name="partition",
    title="Partitions by tenant",
    summary="the programs lie in eight hash partitions by tenant, each with smaller indexes of its own; rows are "
    "fetched by their tenant besides their ids, so that one partition is searched",
    schema="0022_partition",
    rows=name_tenant,
    manual_rollback="manage.py unapply 0022_partition; the tenant beside the ids may stay",
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

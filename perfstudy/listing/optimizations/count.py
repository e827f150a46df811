"""The exact total, stored by every write rather than counted by every reader."""

from dataclasses import replace

from perfstudy.listing import selection
from perfstudy.listing.contract import Expression, Query, Rows
from perfstudy.listing.optimization import Optimization
from perfstudy.model.claim import Claim

TABLE = "ads_programcount"


def read_totals(rows: Rows) -> Rows:
    """Read the stored total where there is one, in place of counting."""
    return replace(rows, total=total)


def total(query: Query) -> Expression | None:
    """Return the SQL expression of *query*'s total, and its parameters.

    None where the totals cannot tell: those of one business or of a search are few, and are counted faster than
    stored.
    """
    if query.business_id is not None or query.search is not None:
        return None
    where, values = selection.where(selection.filters(query), "stored")
    return f"(SELECT coalesce(sum(stored.total), 0)::bigint FROM {TABLE} stored WHERE {where})", values  # noqa: S608


COUNT = Optimization(
    name="count",
    title="Stored totals",
    summary="triggers store how many programs each tenant has of each status and type, so that no reader counts them",
    schema="0017_count",
    rows=read_totals,
    manual_rollback="count the programs again, restart, then manage.py unapply 0017_count",
    claims=(
        Claim(
            id="count-response",
            quote="a total that is kept makes a page faster than one that is counted",
            source="a claim of the study's own",
            variant="index+related+values+connections+page+count",
            reference="index+related+values+connections+page",
            low=1,
        ),
    ),
)

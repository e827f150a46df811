"""The exact total, kept up to date by every write rather than counted by every reader."""

from typing import Any

from perfstudy.listing.contract import ANY_STATUS, Query
from perfstudy.listing.optimization import Optimization
from perfstudy.model.claim import Claim

TABLE = "ads_programcount"


def total(query: Query) -> tuple[str, list[Any]] | None:
    """Return the SQL expression of *query*'s total, and its parameters.

    None where the totals cannot tell: those of one business are few, and are counted faster than kept.
    """
    if query.business_id is not None:
        return None
    wanted = {
        "username": query.tenant,
        "status": None if query.status == ANY_STATUS else query.status,
        "program_name": query.program_type,
    }
    given = {column: value for column, value in wanted.items() if value is not None}
    where = " AND ".join(f"kept.{column} = %s" for column in given)
    return f"(SELECT coalesce(sum(kept.total), 0)::bigint FROM {TABLE} kept WHERE {where})", list(given.values())  # noqa: S608


COUNT = Optimization(
    name="count",
    title="Kept totals",
    summary="triggers keep how many programs each tenant has of each status and type, so that nobody counts them",
    schema="0017_count",
    settings={"PERFSTUDY_TOTALS": True},
    manual_rollback="set PERFSTUDY_TOTALS to False, restart, then manage.py unapply 0017_count",
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

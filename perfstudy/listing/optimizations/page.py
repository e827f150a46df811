"""The page's rows fetched directly, without a query for their ids before."""

from dataclasses import replace

from perfstudy.listing.contract import Rows
from perfstudy.listing.optimization import Optimization
from perfstudy.model.claim import Claim


def fetch_page_in_one_query(rows: Rows) -> Rows:
    """Ask for the rows of the page in one statement, on all three paths."""
    return replace(rows, at_once=True)


PAGE = Optimization(
    name="page",
    title="The page in one statement",
    summary="the rows of the page in one ordered statement, without the round trip over their ids",
    rows=fetch_page_in_one_query,
    manual_rollback="ask for the ids of the page first, and for the rows by their ids",
    claims=(
        Claim(
            id="page-response",
            quote="one statement in place of two, and no list of ids to carry there and back",
            source="a claim of the study's own",
            variant="index+related+values+connections+page",
            reference="index+related+values+connections",
            low=1,
        ),
    ),
)

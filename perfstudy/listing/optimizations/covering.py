"""An index that answers which programs a page has, and their count, by itself."""

from perfstudy.listing.optimization import Optimization
from perfstudy.model.claim import Claim

COVERING = Optimization(
    name="covering",
    title="Covering index",
    summary="an index of (username, -start_date, program_id) that holds status, type, business and id too",
    schema="0016_covering",
    manual_rollback="manage.py unapply 0016_covering",
    claims=(
        Claim(
            id="covering-queries",
            quote="an index that holds every column of the filters and the ids spares the visits to the table",
            source="a claim of the study's own",
            variant="index+related+values+connections+covering",
            reference="index+related+values+connections",
            low=1,
            quantity="database",
        ),
    ),
)

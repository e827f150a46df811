"""Programs fetched as they come into sight, by the cursors of the service."""

from perfstudy.listing.front_end import OWN, claim_page
from perfstudy.listing.optimization import Optimization

WINDOWED = Optimization(
    name="windowed",
    title="Fetching by window",
    summary="the page fetches 30 programs first, and 500 more by cursor whenever the end of those comes into sight",
    frontend=("windowed",),
    requires=frozenset({"virtual", "keyset"}),
    manual_rollback="fetch all programs at once",
    claims=(
        claim_page(
            "windowed-open",
            "once only the rows in sight are rendered, fetching and parsing the others is what is left to save",
            *("virtual", "windowed"),
            over=("virtual",),
            source=OWN,
            scenarios=("open",),
        ),
    ),
)

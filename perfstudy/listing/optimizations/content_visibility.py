"""Rows out of sight neither laid out nor painted, by one line of CSS."""

from perfstudy.listing.front_end import OWN, claim_page
from perfstudy.listing.optimization import Optimization

CONTENT_VISIBILITY = Optimization(
    name="content_visibility",
    title="Layout of the rows in sight",
    summary="content-visibility: auto, by which the browser neither lays out nor paints a row that is out of sight",
    frontend=("content_visibility",),
    manual_rollback="remove content-visibility from the style sheet",
    claims=(
        claim_page(
            "content-visibility-open",
            "a list is shown sooner if the rows out of sight are not laid out, without any library",
            "content_visibility",
            source=OWN,
            scenarios=("open",),
        ),
    ),
)

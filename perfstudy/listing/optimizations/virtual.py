"""A virtual list: the page holds the rows in sight, and a few more."""

from perfstudy.listing.front_end import SOURCE, claim_page
from perfstudy.listing.optimization import Optimization

VIRTUAL = Optimization(
    name="virtual",
    title="A virtual list",
    summary="the page renders the rows in sight, six above and below, and the one that has the focus",
    frontend=("virtual",),
    manual_rollback="render every row",
    claims=(
        claim_page(
            "virtual-open", "Implement virtualization for large lists", "virtual", source=SOURCE, scenarios=("open",)
        ),
        claim_page(
            "virtual-memory",
            "Implement virtualization for large lists",
            "virtual",
            source=SOURCE,
            scenarios=("open",),
            quantity="memory",
        ),
    ),
)

"""A filter applied once typing has paused, not at each key."""

from perfstudy.listing.front_end import SOURCE, claim_page
from perfstudy.listing.optimization import Optimization

DEBOUNCE = Optimization(
    name="debounce",
    title="Debounced filters",
    summary="the text that is typed is applied once no key has followed for 250 ms",
    frontend=("debounce",),
    manual_rollback="apply the text at each key",
    claims=(
        claim_page(
            "debounce-type", "Add debouncing for filter changes", "debounce", source=SOURCE, scenarios=("keys",)
        ),
        claim_page(
            "debounce-requests",
            "Add debouncing for filter changes",
            "debounce",
            source=SOURCE,
            scenarios=("keys-server",),
            quantity="requests",
        ),
    ),
)

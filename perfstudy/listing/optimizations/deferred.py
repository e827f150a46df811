"""The list rendered after the text box, and given up for the next key."""

from perfstudy.listing.front_end import OWN, claim_page
from perfstudy.listing.optimization import Optimization

DEFERRED = Optimization(
    name="deferred",
    title="A deferred list",
    summary="useDeferredValue: React renders the list after the text box, and a further key interrupts that",
    frontend=("deferred",),
    requires=frozenset({"memo"}),
    manual_rollback="render the list together with the text box",
    claims=(
        claim_page(
            "deferred-type",
            "a key is shown sooner if the list is rendered after it",
            *("memo", "deferred"),
            over=("memo",),
            source=OWN,
            scenarios=("keys",),
        ),
    ),
)

"""What has been fetched is searched at once, whenever the service is asked."""

from perfstudy.listing.front_end import OWN, claim_page
from perfstudy.listing.optimization import Optimization

PREVIEW = Optimization(
    name="preview",
    title="A preview of the answer",
    summary="the page searches what it has fetched at each key, and shows the service's answer once that is there",
    frontend=("preview",),
    requires=frozenset({"debounce"}),
    manual_rollback="show nothing before the service has answered",
    claims=(
        claim_page(
            "preview-type",
            "debouncing saves the same requests without delaying what is shown",
            *("virtual", "debounce", "preview"),
            over=("virtual", "debounce"),
            source=OWN,
            scenarios=("keys",),
        ),
    ),
)

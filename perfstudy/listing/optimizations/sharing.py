"""What an answer repeats unchanged stays the object that it was."""

from perfstudy.listing.front_end import OWN, claim_page
from perfstudy.listing.optimization import Optimization

SHARING = Optimization(
    name="sharing",
    title="Structural sharing",
    summary="a program that a new answer repeats unchanged, by its program_id, remains the same object",
    frontend=("sharing",),
    requires=frozenset({"memo"}),
    manual_rollback="show the objects of the newest answer",
    claims=(
        claim_page(
            "sharing-type",
            "React.memo prevents renderings after a new answer only if unchanged programs remain the same objects",
            *("memo", "sharing"),
            over=("memo",),
            source=OWN,
            scenarios=("keys",),
        ),
    ),
)

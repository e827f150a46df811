"""A card rendered again only if something that it shows has changed."""

from perfstudy.listing.front_end import SOURCE, claim_page
from perfstudy.listing.optimization import Optimization

MEMO = Optimization(
    name="memo",
    title="Memoised cards",
    summary="React.memo around the list, its rows and their cards, which then render only if their properties change",
    frontend=("memo",),
    manual_rollback="render every card with the page",
    claims=(
        claim_page(
            "memo-elsewhere", "Use React.memo for expensive components", "memo", source=SOURCE, scenarios=("elsewhere",)
        ),
        claim_page(
            "memo-renders",
            "Use React.memo for expensive components",
            "memo",
            source=SOURCE,
            scenarios=("elsewhere",),
            quantity="card renders",
        ),
    ),
)

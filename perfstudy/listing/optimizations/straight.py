"""Repeated requests answered by what was remembered of them."""

from perfstudy.listing.optimization import Optimization
from perfstudy.model.claim import Claim

STRAIGHT = Optimization(
    name="straight",
    title="Repeated hits without repeated work",
    summary="a hit's query, headers and labels are remembered, so that a repeated request only checks its version",
    settings={"PERFSTUDY_FRONT": "perfstudy.listing.service.straight_path:StraightPath"},
    requires=frozenset({"cache", "invalidate", "bytes", "near", "bypass"}),
    manual_rollback="serve the application without StraightPath around it",
    claims=(
        Claim(
            id="straight-hit",
            quote="a hit whose query, headers and labels are remembered is faster",
            source="a claim of the study's own: of 0.1 ms in the service a repeated request needs a tenth",
            variant="index+related+values+connections+gunicorn+cache+invalidate+bytes+near+bypass+straight",
            reference="index+related+values+connections+gunicorn+cache+invalidate+bytes+near+bypass",
            low=1,
            temperature="warm",
            reference_temperature="warm",
        ),
    ),
)

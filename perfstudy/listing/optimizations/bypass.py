"""The listing answered in front of Django, which answers everything else."""

from perfstudy.listing.optimization import Optimization
from perfstudy.model.claim import Claim

BYPASS = Optimization(
    name="bypass",
    title="The listing in front of Django",
    summary="a plain WSGI application answers the listing, without Django's request, routing, signals and log",
    application="perfstudy.listing.service.fast_path:FastPath",
    manual_rollback="serve Django's own WSGI application, without FastPath around it",
    claims=(
        Claim(
            id="bypass-hit",
            quote="a hit that Django's request handling does not see is faster",
            source="a claim of the study's own: 0.16 ms of an empty answer's 0.45 ms were Django's",
            variant="index+related+values+connections+gunicorn+cache+bypass",
            reference="index+related+values+connections+gunicorn+cache",
            low=1,
            temperature="warm",
            reference_temperature="warm",
        ),
    ),
)

"""Redis over a socket of each thread, without redis-py's pool."""

from perfstudy.listing.optimization import Optimization
from perfstudy.model.claim import Claim

DIRECT = Optimization(
    name="direct",
    title="Redis over a socket of its own",
    summary="each thread asks Redis over its own socket, and hiredis parses the replies",
    settings={"PERFSTUDY_DIRECT": True},
    requires=frozenset({"cache", "invalidate"}),
    manual_rollback="ask Redis by redis-py's client and its pool of connections again",
    claims=(
        Claim(
            id="direct-hit",
            quote="a hit is faster if Redis is asked without the client's pool and bookkeeping",
            source="a claim of the study's own: a GET took 104 to 146 us by redis-py, 29 to 47 us over a socket",
            variant="index+related+values+connections+gunicorn+cache+invalidate+direct",
            reference="index+related+values+connections+gunicorn+cache+invalidate",
            low=1,
            temperature="warm",
            reference_temperature="warm",
        ),
    ),
)

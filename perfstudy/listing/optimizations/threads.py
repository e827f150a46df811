"""Gunicorn workers with eight threads each, which serve others while one waits."""

from perfstudy.listing.optimization import Optimization
from perfstudy.listing.optimizations.gunicorn import GUNICORN
from perfstudy.model.claim import Claim

assert GUNICORN.server is not None
_BEFORE, _AFTER = (GUNICORN.server.index("--threads") + shift for shift in (1, 2))

THREADS = Optimization(
    name="threads",
    title="Gunicorn with threads",
    summary="two Gunicorn workers with eight threads each, in place of one",
    server=(*GUNICORN.server[:_BEFORE], "8", *GUNICORN.server[_AFTER:]),
    requires=frozenset({"gunicorn"}),
    manual_rollback="start Gunicorn with --threads 1 again",
    claims=(
        Claim(
            id="threads-alone",
            quote="a single client loses nothing to threads that have nothing to do",
            source="a claim of the study's own",
            variant="index+related+values+connections+gunicorn+threads",
            reference="index+related+values+connections+gunicorn",
            low=1,
            high=1.1,  # as fast: a direction alone would be refuted by no difference
            note="throughput by clients is what benchmarks/serving.py measures",
        ),
    ),
)

"""Gunicorn's workers with eight threads each, so that a worker that waits for PostgreSQL or Redis serves others."""

from perfstudy.optimization import Optimization
from perfstudy.optimizations.gunicorn import GUNICORN

assert GUNICORN.server is not None
_BEFORE, _AFTER = (GUNICORN.server.index("--threads") + shift for shift in (1, 2))

THREADS = Optimization(
    name="threads",
    title="Gunicorn with threads",
    summary="two Gunicorn workers with eight threads each, in place of one",
    server=(*GUNICORN.server[:_BEFORE], "8", *GUNICORN.server[_AFTER:]),
    requires=frozenset({"gunicorn"}),
    manual_rollback="start Gunicorn with --threads 1 again",
)

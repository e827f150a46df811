"""A pool of database connections per process, not one connection per thread."""

from perfstudy.listing.optimization import Optimization
from perfstudy.model.claim import Claim

POOL = Optimization(
    name="pool",
    title="Connection pool",
    summary="Django's psycopg pool: 1 to 10 connections a process, checked before use",
    settings={
        "DATABASES": {
            "default": {
                # Django's own backend, with a pool that recovers from an outage.
                "ENGINE": "perfstudy.listing.service.db_pool",
                "CONN_MAX_AGE": 0,  # the pool refuses any other
                "CONN_HEALTH_CHECKS": True,  # a connection that died is replaced before a request meets it
                "OPTIONS": {
                    # A second without a connection is an answer too; and after an outage the pool tries again with
                    # the next request, rather than when a wait has passed that doubled each time.
                    "pool": {"min_size": 1, "max_size": 10, "timeout": 1, "reconnect_timeout": 1},
                    "connect_timeout": 10,
                },
            }
        }
    },
    conflicts=frozenset({"connections"}),
    manual_rollback="set ENGINE back, remove OPTIONS.pool and CONN_HEALTH_CHECKS from DATABASES, then restart",
    claims=(
        Claim(
            id="pool-development",
            quote="a pool keeps under the development server what kept connections lose with each thread",
            source="a claim of the study's own: Django's documentation advises against kept connections there",
            variant="index+related+values+pool",
            reference="index+related+values",
            low=1,
        ),
        Claim(
            id="pool-kept",
            quote="a pool costs a single client nothing that shows against a connection that is kept",
            source="a claim of the study's own: it checks a connection before it lends it",
            variant="index+related+values+gunicorn+pool",
            reference="index+related+values+connections+gunicorn",
            low=1,
            high=1.1,  # as fast: a direction alone would be refuted by no difference
            note="throughput by clients is what benchmarks/serving.py measures",
        ),
    ),
)

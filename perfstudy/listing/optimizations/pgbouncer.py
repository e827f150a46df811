"""A connection pooler in front of PostgreSQL, with a connection per transaction."""

from perfstudy.listing.optimization import Optimization
from perfstudy.model.claim import Claim

PGBOUNCER = Optimization(
    name="pgbouncer",
    title="PgBouncer",
    summary="transaction pooling: 20 connections at the server, for any number of processes and threads",
    settings={
        "DATABASES": {
            "default": {
                # A cursor at the server, like a prepared statement, would outlive the transaction that made it, on a
                # connection that is another client's by then.
                "DISABLE_SERVER_SIDE_CURSORS": True,
                "OPTIONS": {"prepare_threshold": None, "connect_timeout": 10},
            }
        }
    },
    conflicts=frozenset({"pool", "prepared"}),
    needs=frozenset({"pgbouncer"}),
    manual_rollback="point DATABASES at PostgreSQL again and remove DISABLE_SERVER_SIDE_CURSORS, then restart",
    claims=(
        Claim(
            id="pgbouncer-fresh",
            quote="a connection to a pooler is opened faster than one that PostgreSQL starts a process for",
            source="a claim of the study's own",
            variant="index+related+values+pgbouncer",
            reference="index+related+values",
            low=1,
        ),
        Claim(
            id="pgbouncer-kept",
            quote="a pooler in between costs a single client nothing that shows against a connection that is kept",
            source="a claim of the study's own: each statement passes through one more process",
            variant="index+related+values+connections+gunicorn+pgbouncer",
            reference="index+related+values+connections+gunicorn",
            low=1,
            high=1.1,  # as fast: a direction alone would be refuted by no difference
            note="throughput by clients is what benchmarks/serving.py measures",
        ),
    ),
)

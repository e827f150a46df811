"""A pooler between the service and PostgreSQL, which lends a connection for as long as a transaction takes."""

from perfstudy.optimization import Optimization

PGBOUNCER = Optimization(
    name="pgbouncer",
    title="PgBouncer",
    summary="transaction pooling: 20 connections at the server, for any number of processes and threads",
    settings={
        "DATABASES": {
            "default": {
                # A cursor at the server, like a prepared statement, would outlive the transaction that made it, on a
                # connection that is somebody else's by then.
                "DISABLE_SERVER_SIDE_CURSORS": True,
                "OPTIONS": {"prepare_threshold": None, "connect_timeout": 10},
            }
        }
    },
    conflicts=frozenset({"pool", "prepared"}),
    needs=frozenset({"pgbouncer"}),
    manual_rollback="point DATABASES at PostgreSQL again and remove DISABLE_SERVER_SIDE_CURSORS, then restart",
)

"""The servers' settings, each with its reason; recorded with every result."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Setting:
    """One setting of a server; others have the server's default."""

    name: str
    value: str
    reason: str


POSTGRES: tuple[Setting, ...] = (
    Setting("shared_buffers", "512MB", "the working set of a medium scale stays in memory, as in a sized server"),
    Setting("maintenance_work_mem", "256MB", "indexes are built in memory after a load"),
    Setting("max_wal_size", "4GB", "no checkpoint is forced in the middle of a load or of a block"),
    Setting("checkpoint_timeout", "30min", "timed checkpoints do not fall into a measurement"),
    Setting("wal_level", "minimal", "a COPY into a table of its own transaction skips the log; nothing replicates"),
    Setting("max_wal_senders", "0", "wal_level=minimal asks for it"),
    Setting("max_connections", "250", "several processes, each with a service that keeps its connections"),
    Setting("jit", "off", "the embedded build has none; off everywhere keeps plans alike across machines"),
    Setting("track_io_timing", "on", "plans separate reading from waiting"),
    Setting("shared_preload_libraries", "pg_stat_statements,auto_explain", "the evidence of what was executed"),
    Setting("pg_stat_statements.track", "top", "statements as the service sends them, not those inside functions"),
    Setting("timezone", "UTC", "times read alike everywhere"),
    Setting("log_timezone", "UTC", "the log too"),
    Setting("unix_socket_permissions", "0700", "the socket is for its owner alone"),
)

REDIS: tuple[Setting, ...] = (
    Setting("save", "", "a cache is not persisted, so no snapshot's fork falls into a measurement"),
    Setting("appendonly", "no", "for the same reason"),
    Setting("maxmemory", "512mb", "a cache has a bound"),
    Setting("maxmemory-policy", "allkeys-lru", "at the bound a cache forgets what was used longest ago"),
    Setting("protected-mode", "yes", "loopback and a password only"),
)

PGBOUNCER: tuple[Setting, ...] = (
    Setting("pool_mode", "transaction", "a connection serves any client with a transaction to run"),
    Setting("default_pool_size", "20", "as many connections at the server, for any number of clients"),
    Setting("max_client_conn", "1000", "clients wait for a connection rather than being refused"),
    Setting("auth_type", "scram-sha-256", "a client proves itself as it does to PostgreSQL"),
    Setting("unix_socket_dir", "", "loopback and a password only"),
    Setting("server_login_retry", "1", "a server that is up again is found within a second, not fifteen"),
    Setting("query_wait_timeout", "5", "a request does not wait for two minutes where the server is gone"),
    Setting("query_timeout", "30", "nor for a server that is there and silent; as long as both web servers wait"),
    Setting("ignore_startup_parameters", "extra_float_digits,options", "what clients say that a pool cannot keep"),
    Setting("log_connections", "0", "a line for each request would be the larger part of its work"),
    Setting("log_disconnections", "0", "for the same reason"),
)

FILE_COPY_METHOD = "clone"
"""How a working copy's files are copied where the file system can: shared blocks, or a copy inside the kernel.

It is set in each session, because a server that was built without it would refuse to start.
"""


def to_plain(settings: Iterable[Setting]) -> dict[str, str]:
    """Return *settings* as a mapping of names to values."""
    return {setting.name: setting.value for setting in settings}

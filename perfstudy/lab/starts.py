"""When the lab's servers were started, so that one which was started anew in mid-run is noticed."""

from contextlib import suppress
from typing import TYPE_CHECKING

from perfstudy.errors import PerfstudyError

if TYPE_CHECKING:
    from perfstudy.lab.lab import Lab

Starts = dict[str, str]
"""What tells one start of a server from another, by the server's name; without the servers that do not answer."""


def starts(lab: "Lab") -> Starts:
    """Return what tells this start of each of *lab*'s servers from any other."""
    import psycopg
    import redis

    found = {}
    with suppress(PerfstudyError, psycopg.Error), lab.postgres.connect() as connection:
        row = connection.execute("SELECT pg_postmaster_start_time()").fetchone()
        found["PostgreSQL"] = str(row and row[0])
    with suppress(redis.RedisError, OSError), lab.redis.client() as client:
        found["Redis"] = str(client.info("server")["run_id"])
    return found


def restarted(before: Starts, after: Starts) -> list[str]:
    """Return the names of the servers that were stopped or started anew between two readings."""
    return [name for name, start in before.items() if after.get(name) != start]

"""The starts of the lab's servers, to notice a restart during a run."""

from contextlib import suppress
from typing import TYPE_CHECKING

from perfstudy.errors import PerfstudyError

if TYPE_CHECKING:
    from perfstudy.lab.lab import Lab

Starts = dict[str, str]
"""An identity of each server's start, by name; without servers that do not answer."""


def read_starts(lab: "Lab") -> Starts:
    """Return an identity of the current start of each of *lab*'s servers."""
    import psycopg
    import redis

    found = {}
    with suppress(PerfstudyError, psycopg.Error), lab.postgres.connect() as connection:
        row = connection.execute("SELECT pg_postmaster_start_time()").fetchone()
        found["PostgreSQL"] = str(row and row[0])
    with suppress(PerfstudyError, redis.RedisError, OSError), lab.redis.client() as client:
        found["Redis"] = str(client.info("server")["run_id"])
    return found


def find_restarted(before: Starts, after: Starts) -> list[str]:
    """Return the names of servers that stopped or restarted between two readings."""
    return [name for name, start in before.items() if after.get(name) != start]

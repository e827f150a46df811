"""The cache server's own counters over a window of requests."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class Window:
    """Hits and misses that the server counted in the window; complete once closed."""

    hits: int = 0
    misses: int = 0


@contextmanager
def count_window(client: Any) -> Iterator[Window]:
    """Count the server's keyspace hits and misses; *client* is a redis client of it.

    The counters are the whole server's and include other clients' reads.
    """
    counted = Window()
    before = client.info("stats")
    yield counted
    after = client.info("stats")
    counted.hits = after["keyspace_hits"] - before["keyspace_hits"]
    counted.misses = after["keyspace_misses"] - before["keyspace_misses"]

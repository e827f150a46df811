"""Database connections, kept and pooled: throughput, slow answers and connections at the server.

Run with ``python benchmarks/pooling.py --seconds 5``: 2, 20 and 200 clients, each of which asks for a page as soon as
it has the last one, without a cache, of Gunicorn with threads.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks import bearing
from perfstudy.commands import outcome
from perfstudy.lab.binaries import NotInstalledError
from perfstudy.listing.lab import Database, Lab
from perfstudy.listing.variant import Variant, parse

BASE = "index+related+values+gunicorn+threads"
WAYS = ("", "connections", "pool", "pgbouncer", "connections+pgbouncer")
CLIENTS = (2, 20, 200)
SESSIONS = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"


def main() -> None:
    """Print a line for each way and number of clients."""
    chosen = bearing.options(__doc__)
    print(f"{'way':24} {bearing.COLUMNS} {'connections':>11}")
    with Lab.start() as lab, lab.database(chosen.scale) as database:
        database.reconcile(parse(BASE))
        for way in WAYS:
            try:
                variant = parse("+".join(filter(None, (BASE, way))))
                measure(lab, database, variant, way or "one for each request", chosen.seconds)
            except NotInstalledError as error:
                print(f"{way:24} not testable here: {error}")


def measure(lab: Lab, database: Database, variant: Variant, way: str, seconds: float) -> None:
    """Print the lines of one variant."""
    for clients in CLIENTS:
        with lab.serve(variant, database) as service, most(lab, database.name) as seen:
            found = bearing.borne(service, database, clients, seconds)
        print(f"{way:24} {bearing.row(clients, found)} {max(seen, default=0):11}", flush=True)


@contextmanager
def most(lab: Lab, database: str) -> Iterator[list[int]]:
    """Count the connections to *database* ten times a second."""
    seen: list[int] = []
    over = threading.Event()

    def look() -> None:
        with lab.postgres.connect() as connection:
            while not over.wait(0.1):
                seen.extend(count for (count,) in connection.execute(SESSIONS, [database]))

    watching = threading.Thread(target=look)
    watching.start()
    try:
        yield seen
    finally:
        over.set()
        watching.join()


if __name__ == "__main__":
    outcome.run_app(main)

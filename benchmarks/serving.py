"""Web servers side by side: the development server, Gunicorn with sync workers, one thread and eight, and Granian.

Run with ``python benchmarks/serving.py --seconds 5``: 1, 8 and 64 clients, with the cache and without. A sync worker
closes each connection after its answer.
"""

from benchmarks import bearing
from perfstudy.commands import outcome
from perfstudy.listing.lab import Database, Lab
from perfstudy.listing.optimizations.gunicorn import GUNICORN
from perfstudy.listing.variant import Variant, parse

CLIENTS = (1, 8, 64)
STACKS = ("index+related+values+connections", "index+related+values+connections+cache")


def main() -> None:
    """Print a line for each stack, server and number of clients."""
    chosen = bearing.options(__doc__)
    print(f"{'server':16} {bearing.COLUMNS}")
    with Lab.start() as lab, lab.database(chosen.scale) as database:
        database.reconcile(parse(STACKS[0]))
        for stack in STACKS:
            print(stack)
            measure(lab, database, "development", parse(stack), chosen.seconds)
            measure(lab, database, "gunicorn sync", parse(stack), chosen.seconds, sync())
            measure(lab, database, "gunicorn 2 x 1", parse(f"{stack}+gunicorn"), chosen.seconds)
            measure(lab, database, "gunicorn 2 x 8", parse(f"{stack}+gunicorn+threads"), chosen.seconds)
            measure(lab, database, "granian 2 x 1", parse(f"{stack}+gunicorn+granian"), chosen.seconds)


def sync() -> tuple[str, ...]:
    """Return Gunicorn's command with sync workers."""
    assert GUNICORN.server is not None
    return tuple("sync" if part == "gthread" else part for part in GUNICORN.server)


def measure(
    lab: Lab,
    database: Database,
    server: str,
    variant: Variant,
    seconds: float,
    command: tuple[str, ...] = (),
) -> None:
    """Print the lines of one server; *command* is what serves a variant that declares none."""
    for clients in CLIENTS:
        with lab.serve(variant, database, key_prefix=f"{server}-{clients}", command=command) as service:
            found = bearing.borne(service, database, clients, seconds)
        print(f"{server:16} {bearing.row(clients, found)}", flush=True)


if __name__ == "__main__":
    outcome.run_app(main)

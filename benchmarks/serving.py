"""Web servers side by side: the development server, and Gunicorn with sync workers, one thread and eight.

Run with ``python benchmarks/serving.py --seconds 5``: 1, 8 and 64 clients, with the cache and without. A sync worker
closes each connection after its answer.
"""

import argparse

from perfstudy.lab import Database, Lab, web
from perfstudy.load.closed import bear
from perfstudy.load.wire import target
from perfstudy.optimizations.gunicorn import GUNICORN
from perfstudy.variant import Variant, parse

CLIENTS = (1, 8, 64)
STACKS = ("index+related+values+connections", "index+related+values+connections+cache")


def main() -> None:
    """Print a line for each stack, server and number of clients."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--scale", default="small")
    chosen = parser.parse_args()
    print(f"{'server':16} {'clients':>7} {'answers/s':>10} {'p50 ms':>8} {'p99 ms':>8} {'failed':>7}")
    with Lab.start() as lab, lab.database(chosen.scale) as database:
        database.reconcile(parse(STACKS[0]))
        for stack in STACKS:
            print(stack)
            measure(lab, database, "development", parse(stack), chosen.seconds)
            measure(lab, database, "gunicorn sync", parse(stack), chosen.seconds, sync())
            measure(lab, database, "gunicorn 2 x 1", parse(f"{stack}+gunicorn"), chosen.seconds)
            measure(lab, database, "gunicorn 2 x 8", parse(f"{stack}+gunicorn+threads"), chosen.seconds)


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
    command: tuple[str, ...] = web.BASELINE_SERVER,
) -> None:
    """Print the lines of one server; *command* is what serves a variant that declares none."""
    web.BASELINE_SERVER = command
    for clients in CLIENTS:
        with lab.serve(variant, database, key_prefix=f"{server}-{clients}") as service:
            asked = target(service.url, "/api/programs?limit=20", service.token(database.facts.tenant))
            borne = bear(asked, clients, seconds)
        middle, slow = (borne.times.quantile(percent) * 1e3 for percent in (50, 99))
        print(
            f"{server:16} {clients:7} {borne.throughput:10.1f} {middle:8.1f} {slow:8.1f} {borne.failed:7}",
            flush=True,
        )


if __name__ == "__main__":
    main()

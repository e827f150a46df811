"""Servers that die under load: failed requests, and the longest time in which nobody was answered.

Run with ``python benchmarks/faults.py --rate 200 --seconds 12``. For the report's final state, for what is recommended
in the end and for the variant that is best prepared, requests come at a constant rate; after a third of the time Redis,
PostgreSQL or one worker is killed, and the two servers are started again two seconds later. The same without a cache
shows what becomes of misses: with one, nearly all requests are hits, which do not notice that PostgreSQL is away.
"""

import argparse
import threading
from collections.abc import Callable

import psutil

from benchmarks import bearing
from perfstudy.commands import outcome
from perfstudy.drivers.load import Load, Tally, run_open_loop
from perfstudy.lab import RunningService
from perfstudy.lab.server import Server
from perfstudy.listing.fragile import Fragile, fragile, kill, restart
from perfstudy.listing.variant import Variant, parse

VARIANTS = (
    *("all", "best", "index+related+values+gunicorn+cache+invalidate+single_flight+breaker+pool+threads"),
    *("index+related+values+connections+gunicorn", "index+related+values+gunicorn+pool+threads"),
)
OUTAGE = 2.0
"""Seconds for which a killed server stays away."""


def main() -> None:
    """Measure each variant with each fault, and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rate", type=float, default=200.0)
    parser.add_argument("--seconds", type=float, default=12.0)
    parser.add_argument("--scale", default="small")
    chosen = parser.parse_args()
    with fragile() as servers, servers.lab.database(chosen.scale) as database:
        for name in VARIANTS:
            variant = parse(name)
            database.reconcile(variant)
            print(f"\n{variant.short}, {chosen.rate:g} requests a second for {chosen.seconds:g} s")
            for fault, strike in faults(servers, variant).items():
                with servers.lab.serve(variant, database, key_prefix=fault) as service:
                    wanted = load(service, database.facts.tenant, chosen.rate, chosen.seconds)
                    show(fault, struck(wanted, service, strike))


def faults(servers: Fragile, variant: Variant) -> dict[str, Callable[[RunningService], None]]:
    """Return what is done to *variant*, by name."""
    redis = {"redis": lambda service: away(servers.redis)} if variant.caches else {}
    return {
        "nothing": lambda service: None,
        **redis,
        "postgres": lambda service: away(servers.postgres),
        "worker": lambda service: psutil.Process(service.pid).children()[0].kill(),
    }


def away(server: Server) -> None:
    """Kill *server*, and start it again after a while."""
    kill(server)
    threading.Event().wait(OUTAGE)
    restart(server)


def load(service: RunningService, tenant: str, rate: float, seconds: float) -> Load:
    """Return the load: the same page for everybody, so that all but the first request of a minute may hit."""
    asked = bearing.asked(service, tenant)
    return Load(target=asked, rate=rate, duration=seconds, arrivals="constant", connections=50)


def struck(load: Load, service: RunningService, strike: Callable[[RunningService], None]) -> Tally:
    """Generate *load* beside, and strike after a third of its time.

    The striking is done by this thread, for a server ends with the thread that started it.
    """
    tally = load.tally()
    beside = threading.Thread(target=run_open_loop, args=(load, tally))
    beside.start()
    beside.join(load.duration / 3)
    strike(service)
    beside.join()
    return tally


def show(fault: str, tally: Tally) -> None:
    """Print what came of it."""
    outcomes = ", ".join(f"{name}: {count}" for name, count in sorted(tally.outcomes.items()))
    lost = tally.failed + tally.dropped
    print(
        f"  {fault:9} failed {lost:5} of {tally.due}, longest stall {tally.stall:6.2f} s, "
        f"slowest answer {tally.latency.most:6.2f} s  ({outcomes})"
        + (f"; {tally.saturated}" if fault == "nothing" and tally.saturated else ""),
        flush=True,
    )


if __name__ == "__main__":
    outcome.run_app(main)

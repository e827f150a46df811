"""What the clients of a frozen service are told: latencies from the moment at which each request was due.

Run with ``python benchmarks/freeze.py --rate 20``. A real service is asked at a constant rate for ten seconds and is
stopped by the kernel for six of them. A request that is due after x seconds of the freeze waits 6 - x, and four in ten
wait for nothing: so the median is 1 s, and the 99th percentile 5.9 s. A closed loop would report milliseconds.
At a higher rate, working off what has gathered comes on top, and is the service's own.
"""

import argparse
import os
import signal
import threading
from contextlib import suppress

import psutil

from benchmarks import bearing
from perfstudy.commands import outcome
from perfstudy.drivers.load import Load, Tally, run_open_loop
from perfstudy.lab import RunningService
from perfstudy.listing.lab import Lab
from perfstudy.listing.variant import parse

DURATION, BEFORE, FROZEN = 10.0, 2.0, 6.0
"""Seconds of the load, of it until the freeze, and of the freeze."""
VARIANT = "index+related+values+connections+gunicorn+cache+threads"


def main() -> None:
    """Freeze a service under load, and print the quantiles."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rate", type=float, default=20.0, help="requests a second")
    parser.add_argument("--scale", default="tiny")
    chosen = parser.parse_args()
    variant = parse(VARIANT)
    with Lab.start() as lab, lab.database(chosen.scale) as database:
        database.reconcile(variant)
        with lab.serve(variant, database, key_prefix="freeze") as service:
            show(frozen(service, load(service, database.facts.tenant, chosen.rate)))


def load(service: RunningService, tenant: str, rate: float) -> Load:
    """Return the load; each request that waits has a connection of its own."""
    asked = bearing.asked(service, tenant)
    connections = int(rate * DURATION)
    return Load(target=asked, rate=rate, duration=DURATION, arrivals="constant", connections=connections)


def frozen(service: RunningService, load: Load) -> Tally:
    """Generate *load* beside, and let no process of *service* run for six seconds of it."""
    tally = load.tally()
    beside = threading.Thread(target=run_open_loop, args=(load, tally))
    first = psutil.Process(service.pid)
    family = [first, *first.children(recursive=True)]
    beside.start()
    beside.join(BEFORE)
    try:
        for process in family:
            process.send_signal(signal.SIGSTOP)
        beside.join(FROZEN)
    finally:
        for process in family:
            with suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGCONT)
    beside.join()
    return tally


def show(tally: Tally) -> None:
    """Print what the requests waited, beside what arithmetic says."""
    outcomes = ", ".join(f"{name}: {count}" for name, count in sorted(tally.outcomes.items()))
    print(f"{tally.due} requests due in {DURATION:g} s, {FROZEN:g} s of them frozen ({outcomes})")
    for percent, expected in ((50, 1.0), (99, 5.9)):
        print(f"p{percent}: {tally.latency.quantile(percent):.2f} s, expected about {expected} s")


if __name__ == "__main__":
    outcome.run_app(main)

"""What clients notice when a loaded service's servers die or processes freeze.

``python benchmarks/faults.py --rate 200 --seconds 12`` prints failed requests and the longest time in which no request
was answered. For the source report's final state, for what is recommended in the end and for the variant that is best
prepared, requests arrive at a constant rate; after a third of the time Redis, PostgreSQL or one worker is killed, and
the two servers are started again two seconds later. The same without a cache shows what becomes of misses: with one,
nearly all requests are hits, which do not notice that PostgreSQL is away.

``python benchmarks/faults.py --freeze --rate 20 --scale tiny`` prints latencies from the moment at which each request
was due. The kernel stops the service for six of ten seconds. A request that is due after x seconds of the freeze waits
6 - x, and four in ten wait for nothing: so the median is 1 s, and the 99th percentile 5.9 s. A closed loop would report
milliseconds. At a higher rate, the time to work off the backlog is added, and is the service's own.
"""

import argparse
import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress

import psutil

from benchmarks.common import make_parser, make_target, run_with_fault
from perfstudy.commands import outcome
from perfstudy.drivers.load import Load, Tally
from perfstudy.formatting import clock, duration
from perfstudy.lab import RunningService
from perfstudy.lab.server import Server
from perfstudy.listing.fragile import Fragile, kill, restart, start_fragile_lab
from perfstudy.listing.lab import Lab
from perfstudy.listing.variant import Variant, parse

VARIANTS = (
    *("all", "best", "index+related+values+gunicorn+cache+invalidate+single_flight+breaker+pool+threads"),
    *("index+related+values+connections+gunicorn", "index+related+values+gunicorn+pool+threads"),
)
OUTAGE = 2.0
"""Seconds for which a killed server is down."""
DURATION, BEFORE, FROZEN = 10.0, 2.0, 6.0
"""Seconds of the whole load, of the part before the freeze, and of the freeze."""
FREEZING = parse("index+related+values+connections+gunicorn+cache+threads")
"""The variant that is frozen."""


def main() -> None:
    """Measure each variant with each fault, or one variant that is frozen."""
    parser = make_parser(__doc__, rate=200.0, seconds=12.0, scale="small")
    parser.add_argument("--freeze", action="store_true", help=f"stop the processes for {FROZEN:g} s instead")
    options = parser.parse_args()
    freeze(options) if options.freeze else kill_servers(options)


def kill_servers(options: argparse.Namespace) -> None:
    """Print a line for each variant and fault."""
    with start_fragile_lab() as servers, servers.lab.database(options.scale) as database:
        for name in VARIANTS:
            variant = parse(name)
            database.reconcile(variant)
            print(f"\n{variant.short}, {options.rate:g} requests a second for {options.seconds:g} s")
            for fault, strike in list_faults(servers, variant).items():
                with servers.lab.serve(variant, database, key_prefix=fault) as service:
                    load = make_load(service, database.facts.tenant, options.rate, options.seconds, connections=50)
                    show(fault, strike_midway(load, service, strike))


def list_faults(servers: Fragile, variant: Variant) -> dict[str, Callable[[RunningService], None]]:
    """Return the faults of *variant*, by name."""
    redis = {"redis": lambda service: interrupt(servers.redis)} if variant.caches else {}
    return {
        "nothing": lambda service: None,
        **redis,
        "postgres": lambda service: interrupt(servers.postgres),
        "worker": lambda service: psutil.Process(service.pid).children()[0].kill(),
    }


def interrupt(server: Server) -> None:
    """Kill *server*, and start it again after a while."""
    kill(server)
    threading.Event().wait(OUTAGE)
    restart(server)


def make_load(service: RunningService, tenant: str, rate: float, seconds: float, connections: int) -> Load:
    """Return a load that requests one page.

    So all but the first request of a minute may hit.
    """
    target = make_target(service, tenant)
    return Load(target=target, rate=rate, duration=seconds, arrivals="constant", connections=connections)


def strike_midway(load: Load, service: RunningService, strike: Callable[[RunningService], None]) -> Tally:
    """Generate *load*, and strike after a third of its time."""
    return run_with_fault(load, load.duration / 3, lambda _: strike(service))


def show(fault: str, tally: Tally) -> None:
    """Print the result of a fault."""
    outcomes = ", ".join(f"{name}: {count}" for name, count in sorted(tally.outcomes.items()))
    lost = tally.failed + tally.dropped
    print(
        f"  {fault:9} failed {lost:5} of {tally.due}, longest stall {duration(tally.stall):>7}, "
        f"slowest answer {duration(tally.latency.most):>7}  ({outcomes})"
        + (f"; {tally.saturated}" if fault == "nothing" and tally.saturated else ""),
        flush=True,
    )


def freeze(options: argparse.Namespace) -> None:
    """Print the waits of the requests, and those expected by arithmetic."""
    with Lab.start() as lab, lab.database(options.scale) as database:
        database.reconcile(FREEZING)
        with lab.serve(FREEZING, database, key_prefix="freeze") as service:
            connections = int(options.rate * DURATION)  # one for each request that waits
            load = make_load(service, database.facts.tenant, options.rate, DURATION, connections)
            tally = run_with_fault(load, BEFORE, lambda generator: stop_processes(service, generator))
    outcomes = ", ".join(f"{name}: {count}" for name, count in sorted(tally.outcomes.items()))
    print(f"{tally.due} requests due in {DURATION:g} s, {FROZEN:g} s of them frozen ({outcomes})")
    for percent, expected in ((50, 1.0), (99, 5.9)):
        print(f"p{percent}: {duration(tally.latency.quantile(percent))}, expected about {clock(expected)}")


def stop_processes(service: RunningService, generator: threading.Thread) -> None:
    """Stop all processes of *service* for a while, or until *generator* ends."""
    first = psutil.Process(service.pid)
    family = [first, *first.children(recursive=True)]
    try:
        for process in family:
            process.send_signal(signal.SIGSTOP)
        generator.join(FROZEN)
    finally:
        for process in family:
            with suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGCONT)


if __name__ == "__main__":
    outcome.run_app(main)

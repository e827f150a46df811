"""The parts that benchmarks share: options, rounds with ratios, load clients."""

import argparse
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from random import Random
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from perfstudy.analysis.effect import student_interval
from perfstudy.analysis.interval import Interval
from perfstudy.drivers.load import Load, Tally, run_open_loop
from perfstudy.drivers.load.closed_loop import ClosedLoopResult, run_closed_loop
from perfstudy.drivers.load.connection import Target, parse_target
from perfstudy.formatting import duration
from perfstudy.lab import RunningService
from perfstudy.listing.dataset.scales import SCALES
from perfstudy.listing.lab import Database, Lab
from perfstudy.listing.variant import Variant
from perfstudy.measure.cluster import RESOURCES

if TYPE_CHECKING:
    from distributed import Client

One = TypeVar("One")

PAGE = "/api/programs?limit=20"
COLUMNS = f"{'clients':>7} {'answers/s':>10} {'p50':>8} {'p99':>8} {'failed':>7}"
OPTIONS: dict[str, dict[str, Any]] = {
    "scale": {"choices": SCALES, "help": "how many rows"},
    "rounds": {"type": int, "help": "repetitions, each in an order of its own"},
    "seconds": {"type": float, "help": "how long each line is measured"},
    "rate": {"type": float, "help": "requests a second"},
    "seed": {"type": int, "help": "draws the orders"},
}
"""The options that have one meaning in every benchmark; a benchmark names those that it needs."""


def make_parser(text: str | None, **defaults: Any) -> argparse.ArgumentParser:
    """Return a parser with the named ``OPTIONS`` and their defaults.

    Its description is the first line of *text*, a docstring.
    """
    parser = argparse.ArgumentParser(description=(text or "").splitlines()[0])
    for name, default in defaults.items():
        option = OPTIONS[name]
        parser.add_argument(
            f"--{name}", **option | {"default": default, "help": f"{option['help']} (default: {default})"}
        )
    return parser


@contextmanager
def open_labs(number: int) -> Iterator["Client"]:
    """Give the client of a Dask cluster of so many labs on this machine."""
    from distributed import Client, LocalCluster

    started = {"n_workers": number, "threads_per_worker": 1, "memory_limit": 0, "resources": RESOURCES}
    with LocalCluster(**started, dashboard_address=None) as cluster, Client(cluster) as client:
        yield client


@contextmanager
def open_databases(scale: str, variants: dict[str, Variant]) -> Iterator[tuple[Lab, dict[str, Database]]]:
    """Open a lab with a database for each of *variants*.

    So no index is built during the measurement.
    """
    with Lab.start() as lab, ExitStack() as stack:
        databases = {name: stack.enter_context(lab.database(scale)) for name in variants}
        for name, variant in variants.items():
            databases[name].reconcile(variant)
        yield lab, databases


def shuffle(things: Iterable[One], seed: int, number: int) -> list[One]:
    """Return *things* in the order of round *number*.

    The order differs between rounds, so that none is always first.
    """
    found = list(things)
    Random(f"{seed}:{number}").shuffle(found)
    return found


def compute_ratio(mine: Sequence[float], theirs: Sequence[float]) -> Interval:
    """Return *mine* over *theirs* as a geometric mean over rounds.

    It has Student's interval over the rounds.
    """
    return student_interval(np.log(np.array(mine) / np.array(theirs))).exp()


def geometric_mean(values: Sequence[float]) -> float:
    """Return the geometric mean over rounds."""
    return float(np.exp(np.mean(np.log(values))))


def make_target(service: RunningService, tenant: str, path: str = PAGE) -> Target:
    """Return the target of requests to *service* for *path* as *tenant*."""
    return parse_target(service.url, path, service.token(tenant), acknowledge_at_once=service.acknowledge_at_once)


def run_clients(service: RunningService, database: Database, clients: int, seconds: float) -> ClosedLoopResult:
    """Let each of *clients* request a page as soon as it has the last one."""
    return run_closed_loop(make_target(service, database.facts.tenant), clients, seconds)


def format_row(clients: int, found: ClosedLoopResult) -> str:
    """Return the columns of ``COLUMNS``."""
    middle, slow = (duration(found.times.quantile(percent)) for percent in (50, 99))
    return f"{clients:7} {found.throughput:10.1f} {middle:>8} {slow:>8} {found.failed:7}"


def run_with_fault(load: Load, delay: float, strike: Callable[[threading.Thread], None]) -> Tally:
    """Generate *load* in a thread, and call *strike* after *delay* seconds.

    *strike* is called with that thread.

    It is called in the calling thread, because a server ends with the thread that started it.
    """
    tally = load.tally()
    generator = threading.Thread(target=run_open_loop, args=(load, tally))
    generator.start()
    generator.join(delay)
    strike(generator)
    generator.join()
    return tally

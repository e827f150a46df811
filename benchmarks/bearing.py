"""What so many clients at once get from a variant: the lines of the benchmarks of pooling and of serving."""

import argparse

from perfstudy.drivers.load.closed_loop import ClosedLoopResult, run_closed_loop
from perfstudy.drivers.load.connection import Target, parse_target
from perfstudy.lab import RunningService
from perfstudy.listing.lab import Database

COLUMNS = f"{'clients':>7} {'answers/s':>10} {'p50 ms':>8} {'p99 ms':>8} {'failed':>7}"


def options(description: str | None) -> argparse.Namespace:
    """Read how long each line is measured, and at which scale."""
    parser = argparse.ArgumentParser(description=description.splitlines()[0] if description else None)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--scale", default="small")
    return parser.parse_args()


def borne(service: RunningService, database: Database, clients: int, seconds: float) -> ClosedLoopResult:
    """Let *clients* ask for a page, each as soon as it has the last one."""
    return run_closed_loop(asked(service, database.facts.tenant), clients, seconds)


def asked(service: RunningService, tenant: str, path: str = "/api/programs?limit=20") -> Target:
    """Return what asks *service* for *path* as *tenant*."""
    return parse_target(service.url, path, service.token(tenant), acknowledge_at_once=service.acknowledge_at_once)


def row(clients: int, found: ClosedLoopResult) -> str:
    """Return the columns of ``COLUMNS``."""
    middle, slow = (found.times.quantile(percent) * 1e3 for percent in (50, 99))
    return f"{clients:7} {found.throughput:10.1f} {middle:8.1f} {slow:8.1f} {found.failed:7}"

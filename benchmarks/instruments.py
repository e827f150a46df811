"""One service measured by wrk, h2load and `perfstudy load`, at the same load.

Run with ``python -m benchmarks.instruments --rounds 5 --seconds 5`` on a quiet machine. Two loads ask for the first
page with a filled cache: *closed*, one connection that asks again as soon as it is answered, and *constant*, 200
requests a second over eight connections. h2load paces each of its connections by itself, so they are opened 5 ms
apart, and requests are due one by one, not eight at once; wrk has no rates. Two labs of a Dask cluster share that load,
and their histograms are merged. Instruments and variants take turns over the rounds.

What should agree: median and p99 of one variant at one load lie within 20% of each other by any instrument, and all
instruments show the same order of the variants. A ratio beyond that says that an instrument, or the
service towards it, does something that the others do not see. wrk and h2load measure from the moment of sending,
`perfstudy load` from that at which a request was due.
"""

import re
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks import common
from perfstudy.analysis.quantile import empirical_quantile
from perfstudy.commands import outcome
from perfstudy.drivers.load import Load, run_open_loop
from perfstudy.drivers.load.closed_loop import run_closed_loop
from perfstudy.drivers.load.connection import Target
from perfstudy.drivers.load.spread import spread_load
from perfstudy.drivers.load.tally import Tally
from perfstudy.errors import PerfstudyError
from perfstudy.formatting import duration, factor
from perfstudy.lab import RunningService
from perfstudy.listing.variant import BEST, SOURCE_FINAL
from perfstudy.measure.cluster import list_labs

VARIANTS = {"best": BEST, "all": SOURCE_FINAL}
PAGE = "/api/programs?limit=20"
RATE, CONNECTIONS = 200, 8
OWN = "perfstudy load"
LABS = "on two labs"
UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0}


@dataclass(frozen=True)
class Times:
    """The times of one load by one instrument, in seconds."""

    median: float
    p99: float


@dataclass(frozen=True)
class Request:
    """A service and the request to send to it."""

    url: str
    token: str
    target: Target
    seconds: float


def measure_by_wrk(request: Request) -> Times:
    """Measure with wrk, one connection."""
    bearer = f"Authorization: Bearer {request.token}"
    said = run("wrk", "-t1", "-c1", f"-d{request.seconds:g}s", "--latency", "-H", bearer, request.url + PAGE)
    if found := re.search(r"Non-2xx.*|Socket errors.*", said):
        raise PerfstudyError(f"wrk was not answered: {found[0]}")
    return Times(*(read_percentile(said, percent) for percent in (50, 99)))


def read_percentile(said: str, percent: int) -> float:
    """Return one line of wrk's distribution of latencies, in seconds."""
    found = re.search(rf"^\s+{percent}%\s+([\d.]+)(us|ms|s)$", said, re.MULTILINE)
    if found is None:
        raise PerfstudyError(f"wrk printed no {percent}th percentile: {said.strip()[-200:]!r}")
    return float(found[1]) * UNITS[found[2]]


def measure_by_h2load_closed(request: Request) -> Times:
    """Measure with h2load, one connection."""
    return measure_by_h2load(request, "-c1", f"-D{request.seconds:g}s")


def measure_by_h2load_constant(request: Request) -> Times:
    """Measure with h2load at a constant rate, starting its connections in turn."""
    spread = (f"-c{CONNECTIONS}", "-r1", f"--rate-period={1000 // RATE}ms", f"--rps={RATE / CONNECTIONS:g}")
    return measure_by_h2load(request, *spread, f"-n{max(round(RATE * request.seconds / CONNECTIONS), 1) * CONNECTIONS}")


def measure_by_h2load(request: Request, *options: str) -> Times:
    """Measure with h2load.

    Its log has a line for each request: start, status and microseconds.
    """
    with TemporaryDirectory() as folder:
        log = Path(folder) / "requests"
        bearer = f"authorization: Bearer {request.token}"
        run("h2load", "--h1", "-t1", f"--log-file={log}", "-H", bearer, *options, request.url + PAGE)
        rows = np.loadtxt(log, dtype=np.int64, ndmin=2, usecols=(0, 1, 2))
    if not len(rows) or (rows[:, 1] != 200).any():
        raise PerfstudyError(f"h2load was not answered 200: {sorted(set(rows[:, 1].tolist()))}")
    taken = rows[:, 2] / 1e6
    return Times(float(empirical_quantile(taken, 0.5)), float(empirical_quantile(taken, 0.99)))


def run(*command: str) -> str:
    """Run *command*, and return what it prints."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PerfstudyError(f"{command[0]} ended with exit code {done.returncode}: {done.stderr.strip()[-200:]}")
    return done.stdout


def measure_closed(request: Request) -> Times:
    """Measure with the closed loop, one client."""
    result = run_closed_loop(request.target, 1, request.seconds)
    return Times(result.times.quantile(50), result.times.quantile(99))


def measure_constant(request: Request) -> Times:
    """Measure with the open loop."""
    return read_tally(run_open_loop(make_load(request)))


def measure_on_labs(request: Request) -> Times:
    """Measure with the open loops of two labs at once."""
    with common.open_labs(2) as client:
        return read_tally(spread_load(client, list_labs(client), make_load(request)))


def make_load(request: Request) -> Load:
    """Return the load at a constant rate."""
    return Load(
        target=request.target, rate=RATE, duration=request.seconds, arrivals="constant", connections=CONNECTIONS
    )


def read_tally(tally: Tally) -> Times:
    """Return the times of *tally*, counted from when a request was due."""
    return Times(tally.latency.quantile(50), tally.latency.quantile(99))


LOADS: dict[str, dict[str, Callable[[Request], Times]]] = {
    "closed": {OWN: measure_closed, "wrk": measure_by_wrk, "h2load": measure_by_h2load_closed},
    "constant": {OWN: measure_constant, LABS: measure_on_labs, "h2load": measure_by_h2load_constant},
}
Found = dict[tuple[str, str, str], list[Times]]


def main() -> None:
    """Print a line for each load, variant and instrument."""
    options = common.make_parser(__doc__, rounds=5, seconds=5.0, scale="small", seed=1).parse_args()
    found: Found = defaultdict(list)
    with common.open_databases(options.scale, VARIANTS) as (lab, databases):
        for number in range(options.rounds):
            for name in common.shuffle(VARIANTS, options.seed, number):
                prefix = f"instruments-{name}"
                with lab.serve(VARIANTS[name], databases[name], key_prefix=prefix) as service:
                    measure(service, databases[name].facts.tenant, name, options.seconds, (options.seed, number), found)
            print(f"round {number + 1} of {options.rounds} is done", flush=True)
    show(found)


def measure(
    service: RunningService, tenant: str, name: str, seconds: float, order: tuple[int, int], found: Found
) -> None:
    """Measure *service* once with every installed instrument, at each load."""
    request = Request(service.url, service.token(tenant), common.make_target(service, tenant), seconds)
    run_closed_loop(request.target, 2, 0.3)
    for load, instruments in LOADS.items():
        for instrument in common.shuffle(filter(is_installed, instruments), *order):
            found[load, name, instrument].append(instruments[instrument](request))


def is_installed(instrument: str) -> bool:
    """Return whether *instrument* can be used here."""
    return instrument in {OWN, LABS} or shutil.which(instrument) is not None


def show(found: Found) -> None:
    """Print geometric means over rounds, and the ratios of the others to our own."""
    print(f"{'load':9} {'variant':8} {'instrument':15} {'p50':>8} {'p99':>8} {'p50 to own':>24} {'p99 to own':>24}")
    for load, instruments in LOADS.items():
        for name in VARIANTS:
            for instrument in instruments:
                line = f"{load:9} {name:8} {instrument:15}"
                mine, own = found.get((load, name, instrument)), found[load, name, OWN]
                print(f"{line} {format_figures(mine, own, instrument == OWN) if mine else 'not installed'}")


def format_figures(mine: list[Times], own: list[Times], itself: bool) -> str:
    """Return the figures of one line."""
    columns = [([t.median for t in mine], [t.median for t in own]), ([t.p99 for t in mine], [t.p99 for t in own])]
    line = " ".join(f"{duration(common.geometric_mean(values)):>8}" for values, _ in columns)
    if itself:
        return line
    if len(mine) == 1:
        return line + "".join(f" {factor(values[0] / theirs[0]):>24}" for values, theirs in columns)
    return line + "".join(f" {common.compute_ratio(values, theirs)!s:>24}" for values, theirs in columns)


if __name__ == "__main__":
    outcome.run_app(main)

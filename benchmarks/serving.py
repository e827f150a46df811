"""Throughput and response times by clients, of variants, servers or connections.

``python benchmarks/serving.py variants``: the baseline, the source report's final state, and what is recommended in the
end, with filled caches. Variants and numbers of clients take turns over several rounds; ratios are to the source
report's final state with as many clients, with an interval over the rounds. Clients and service share the processors.

``python benchmarks/serving.py servers``: the development server, Gunicorn with sync workers, one thread and eight, and
Granian, with the cache and without. A sync worker closes each connection after its answer.

``python benchmarks/serving.py connections``: database connections opened for each request, reused and pooled, and how
many the server had at most; without a cache, of Gunicorn with threads.

Each client asks for the first page as soon as it has the last one.
"""

import argparse
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic

from benchmarks import common
from perfstudy.commands import outcome
from perfstudy.drivers.load.closed_loop import ClosedLoopResult
from perfstudy.errors import NotInstalledError
from perfstudy.formatting import duration
from perfstudy.lab import RunningService
from perfstudy.listing.lab import Database, Lab
from perfstudy.listing.optimizations.gunicorn import GUNICORN
from perfstudy.listing.variant import BASELINE, BEST, SOURCE_FINAL, Variant, parse

assert GUNICORN.server is not None
VARIANTS = {"baseline": BASELINE, "all": SOURCE_FINAL, "best": BEST}
CLIENTS = (1, 2, 4, 8, 16, 32, 64)
WARMING = 0.3
"""Seconds that are not counted, in which workers connect and the cache is filled."""
SYNC = tuple("sync" if part == "gthread" else part for part in GUNICORN.server)
"""Gunicorn's command with sync workers."""
STACKS = ("index+related+values+connections", "index+related+values+connections+cache")
BASE = "index+related+values+gunicorn+threads"
SESSIONS = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"

Found = dict[tuple[str, int], list[ClosedLoopResult]]


@dataclass(frozen=True)
class Line:
    """A variant under a title, with the command of a variant that declares none."""

    title: str
    variant: str
    command: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """Lines of one kind, each for several numbers of clients in a fresh service."""

    what: str
    schema: str
    clients: tuple[int, ...]
    lines: tuple[Line, ...]


TABLES = {
    "servers": Table(
        what="server",
        schema=STACKS[0],
        clients=(1, 8, 64),
        lines=tuple(
            Line(f"{title}, {'cached' if 'cache' in stack.split('+') else 'uncached'}", stack + more, command)
            for stack in STACKS
            for title, more, command in (
                ("development", "", ()),
                ("gunicorn sync", "", SYNC),
                ("gunicorn 2 x 1", "+gunicorn", ()),
                ("gunicorn 2 x 8", "+gunicorn+threads", ()),
                ("granian 2 x 1", "+gunicorn+granian", ()),
            )
        ),
    ),
    "connections": Table(
        what="way",
        schema=BASE,
        clients=(2, 20, 200),
        lines=(
            Line("one for each request", BASE),
            *(Line(way, f"{BASE}+{way}") for way in ("connections", "pool", "pgbouncer", "connections+pgbouncer")),
        ),
    ),
}


def main() -> None:
    """Print a line for each thing that is compared and number of clients."""
    parser = common.make_parser(__doc__, rounds=5, scale="small", seed=1)
    parser.add_argument("table", choices=("variants", *TABLES), help="what is compared")
    parser.add_argument("--seconds", type=float, help="how long each line is measured (default: 1 or 5)")
    options = parser.parse_args()
    if options.table == "variants":
        options.seconds = options.seconds or 1.0
        compare_variants(options)
    else:
        print_table(TABLES[options.table], options.scale, options.seconds or 5.0)


def print_table(table: Table, scale: str, seconds: float) -> None:
    """Measure the lines of *table* in turn, and name those that are not installed."""
    print(f"{table.what:24} {common.COLUMNS} {'connections':>11}")
    with Lab.start() as lab, lab.database(scale) as database:
        database.reconcile(parse(table.schema))
        for line in table.lines:
            try:
                print_line(lab, database, line, table.clients, seconds)
            except NotInstalledError as error:
                print(f"{line.title:24} not testable here: {error}")


def print_line(lab: Lab, database: Database, line: Line, numbers: tuple[int, ...], seconds: float) -> None:
    """Print the figures of *line* for each number of clients."""
    variant = parse(line.variant)
    for clients in numbers:
        prefix = f"serving-{line.title}-{clients}"
        with (
            lab.serve(variant, database, key_prefix=prefix, command=line.command) as service,
            watch_sessions(lab, database.name) as seen,
        ):
            found = common.run_clients(service, database, clients, seconds)
        print(f"{line.title:24} {common.format_row(clients, found)} {max(seen, default=0):11}", flush=True)


@contextmanager
def watch_sessions(lab: Lab, database: str) -> Iterator[list[int]]:
    """Count the connections to *database* ten times a second."""
    seen: list[int] = []
    over = threading.Event()

    def count() -> None:
        with lab.postgres.connect() as connection:
            while not over.wait(0.1):
                seen.extend(number for (number,) in connection.execute(SESSIONS, [database]))

    watching = threading.Thread(target=count)
    watching.start()
    try:
        yield seen
    finally:
        over.set()
        watching.join()


def compare_variants(options: argparse.Namespace) -> None:
    """Measure variants by number of clients in rounds; print means and ratios."""
    found: Found = defaultdict(list)
    with common.open_databases(options.scale, VARIANTS) as (lab, databases):
        for number in range(options.rounds):
            for name in common.shuffle(VARIANTS, options.seed, number):
                order = common.shuffle(CLIENTS, options.seed, number)
                for clients, result in measure(lab, databases[name], VARIANTS[name], order, options.seconds):
                    found[name, clients].append(result)
            print(f"round {number + 1} of {options.rounds} is done", flush=True)
    show(found)


def measure(
    lab: Lab, database: Database, variant: Variant, order: list[int], seconds: float
) -> list[tuple[int, ClosedLoopResult]]:
    """Serve *variant* once, and return the result of each number of clients."""
    with lab.serve(variant, database, key_prefix=f"serving-{variant.name}") as service:
        common.run_clients(service, database, 2, WARMING)
        return [(clients, run_to_the_end(service, database, clients, seconds)) for clients in order]


def run_to_the_end(service: RunningService, database: Database, clients: int, seconds: float) -> ClosedLoopResult:
    """Return the result of *clients* once the last of them has its answer.

    A slow service gives it after the end of the load.
    """
    start = monotonic()
    found = common.run_clients(service, database, clients, seconds)
    found.seconds = monotonic() - start
    return found


def show(found: Found) -> None:
    """Print geometric means over rounds, and ratios to the report's final state."""
    print(f"{'variant':9} {common.COLUMNS} {'answers/s, ratio [95%]':>26} {'p50, ratio [95%]':>26}")
    for name in VARIANTS:
        for clients in CLIENTS:
            mine, theirs = found[name, clients], found["all", clients]
            line = f"{name:9} {clients:7} {common.geometric_mean(list_throughputs(mine)):10.1f}"
            line += "".join(f" {duration(common.geometric_mean(list_times(mine, percent))):>8}" for percent in (50, 99))
            line += f" {sum(one.failed for one in mine):7}"
            if name != "all":
                line += f" {common.compute_ratio(list_throughputs(mine), list_throughputs(theirs))!s:>26}"
                line += f" {common.compute_ratio(list_times(mine, 50), list_times(theirs, 50))!s:>26}"
            print(line)


def list_throughputs(found: list[ClosedLoopResult]) -> list[float]:
    """Return the answers a second of each round, with at least one answer a round."""
    return [max(one.answered, 1) / one.seconds for one in found]


def list_times(found: list[ClosedLoopResult], percent: float) -> list[float]:
    """Return a percentile of each round, in seconds.

    Where no client was answered in time, it is the round's length.
    """
    return [one.times.quantile(percent) or one.seconds for one in found]


if __name__ == "__main__":
    outcome.run_app(main)

"""What a write costs, and what a whole list costs after it, by variants.

``python benchmarks/writes.py --scale medium`` serves each variant from a database of its own and compares it with the
first. Each round, in an order of its own, asks every one for three times:

- *quiet*: a PATCH of a program of a tenant that nobody reads;
- *read*: a PATCH after 25 reads of its tenant's first page, when a process may hold a lease;
- *all*: all programs of the tenant, after that write.

A bare WSGI application that asks one query, without a cache, is the lower bound of *all*; it takes no writes.
"""

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count

from benchmarks.common import PAGE, compute_ratio, geometric_mean, make_parser, open_databases, shuffle
from benchmarks.limits import LOWER_BOUNDS
from perfstudy.commands import outcome
from perfstudy.drivers.http import Client, Exchange
from perfstudy.errors import PerfstudyError
from perfstudy.formatting import duration
from perfstudy.listing.requests import listing
from perfstudy.listing.variant import Variant, parse

VARIANTS = ("best", "best+lease", "best+delta", "best+lines", "fastest")
FLOOR = next(arm for arm in LOWER_BOUNDS if arm.name == "wsgi-postgres")
WHOLE = listing(all="true", program_status="ALL")
READS = 25
PAUSE = 0.1
"""Seconds after which no process holds a lease any more."""
Times = dict[tuple[str, str], list[float]]


def main() -> None:
    """Print a line for each variant."""
    options = read_options()
    variants = {name: parse(name) for name in options.variant or VARIANTS}
    with open_clients(options.scale, variants) as clients:
        show(list(clients), measure(clients, options))


def read_options() -> argparse.Namespace:
    """Return what is measured, and how often."""
    parser = make_parser(__doc__, scale="tiny", rounds=30, seed=1)
    parser.add_argument("--variant", action="append", default=[], help="measure this one; may be repeated")
    options = parser.parse_args()
    if options.rounds < 2:
        parser.error("--rounds takes a whole number from 2 on, since an interval needs two")
    return options


@contextmanager
def open_clients(scale: str, variants: dict[str, Variant]) -> Iterator[dict[str, Client]]:
    """Serve each variant and the lower bound; yield a client of each."""
    with open_databases(scale, variants) as (lab, databases), ExitStack() as stack:
        first = next(iter(databases.values()))
        served = {name: (variant, databases[name]) for name, variant in variants.items()} | {FLOOR.name: (FLOOR, first)}
        clients = {}
        for name, (arm, database) in served.items():
            service = stack.enter_context(lab.serve(arm, database, key_prefix=f"writes:{name}"))
            clients[name] = stack.enter_context(Client(service.url, service.token(database.facts.tenant)))
        yield clients


def measure(clients: dict[str, Client], options: argparse.Namespace) -> Times:
    """Return the seconds of each variant and each kind of request, one for each round."""
    times: Times = defaultdict(list)
    serial = count()
    programs = {name: find_program(client) for name, client in clients.items()}
    for number in range(options.rounds + 1):
        for name in shuffle(clients, options.seed, number):
            client = clients[name]
            found = {"all": ask(client, WHOLE)} if name == FLOOR.name else write(client, programs[name], serial)
            for kind, seconds in found.items() if number else ():  # the first round fills what processes hold
                times[name, kind].append(seconds)
    return times


def write(client: Client, program: str, serial: Iterator[int]) -> dict[str, float]:
    """Return the seconds of two writes, and of all programs after them."""
    time.sleep(PAUSE)
    quiet = patch(client, program, next(serial))
    for _ in range(READS):
        ask(client, PAGE)
    read = patch(client, program, next(serial))
    return {"quiet": quiet, "read": read, "all": ask(client, WHOLE)}


def find_program(client: Client) -> str:
    """Return a program of the tenant."""
    answer = check(client.get(listing(limit=1, program_status="ALL")))
    return str(json.loads(answer.body)["programs"][0]["program_id"])


def patch(client: Client, program: str, number: int) -> float:
    """Return the seconds of a write."""
    body = json.dumps({"custom_name": f"write {number}"}).encode()
    return check(client.send("PATCH", f"/api/programs/{program}", body)).nanoseconds / 1e9


def ask(client: Client, target: str) -> float:
    """Return the seconds of an answer."""
    return check(client.get(target)).nanoseconds / 1e9


def check(answer: Exchange) -> Exchange:
    """Return *answer*.

    Raises:
        PerfstudyError: its status is not 200.
    """
    if answer.status != 200:
        raise PerfstudyError(f"a request was answered {answer.status}: {answer.body[:200]!r}")
    return answer


def show(names: list[str], times: Times) -> None:
    """Print the table; ratios are to the first variant, those of ``all`` to the lower bound."""
    for name in names:
        print(name)
        for kind in ("quiet", "read", "all"):
            if found := times.get((name, kind)):
                other = FLOOR.name if kind == "all" else names[0]
                ratio = compute_ratio(found, times[other, kind]) if name != other else "1"
                print(f"  {kind:6} {duration(geometric_mean(found)):>10}  x{ratio} of {other}")


if __name__ == "__main__":
    outcome.run_app(main)

r"""Stale answers when reads and writes are concurrent.

A stale answer is older than a write that was acknowledged before the request.

Run with ``python benchmarks/staleness.py --operations 100000 --clients 16``. Every write puts a higher version into a
program's name. A reader notes the highest acknowledged version of each program before its request; an answer with an
older one is stale. Readers send the entity tags that they have stored, so that a wrong 304 is noticed too. The last
line is about the report's own cache, which nothing invalidates: it checks that a stale answer would be noticed.
"""

import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import count
from random import Random
from threading import Lock

from benchmarks.common import make_parser
from perfstudy.commands import outcome
from perfstudy.drivers.http import Client, Exchange
from perfstudy.lab.services import RunningService
from perfstudy.listing.lab import Lab
from perfstudy.listing.requests import listing
from perfstudy.listing.variant import Variant, parse

GUARDED = "index+related+values+connections+gunicorn+cache+invalidate+single_flight+ttl+warm+breaker+etag"
BEST = "best+ttl+warm+etag"
UNGUARDED = "index+related+values+connections+gunicorn+cache"
TENANTS, PROGRAMS = 3, 6
READS = (
    listing(),
    listing(all="true", program_status="ALL"),
    listing(business_id="b", limit=50),
    listing(program_type="CPC", program_status="ALL", limit=50),
)


class World:
    """The programs of a few tenants, their acknowledged versions, and counted events."""

    def __init__(self, prefix: str) -> None:
        self.tenants = [f"{prefix}-{number}" for number in range(TENANTS)]
        self.programs = [f"p{number}" for number in range(PROGRAMS)]
        self.acknowledged = {tenant: dict.fromkeys(self.programs, 0) for tenant in self.tenants}
        # One writer at a time for a program, so that the last version sent is the last one written.
        self.writing = {(tenant, program): Lock() for tenant in self.tenants for program in self.programs}
        self.versions = count(1)
        self.seen: Counter[str] = Counter()
        self._guard = Lock()

    def record(self, *events: str) -> None:
        """Count *events*."""
        with self._guard:
            self.seen.update(events)


def make_line(program: str, version: int) -> bytes:
    """Return the line of a sync that gives *program* this *version*."""
    document = {
        "program_id": program,
        "program_type": "CPC",
        "yelp_business_id": "b",
        "status": "CURRENT",
        "custom_name": str(version),
        "start_date": "2026-01-01",
    }
    return json.dumps(document).encode() + b"\n"


def run_mixed(service: RunningService, world: World, operations: int, clients: int, seed: int = 1) -> Counter[str]:
    """Let *clients* share *operations*, mostly reads; return the counts of events."""
    for tenant in world.tenants:
        with Client(service.url, service.token(tenant)) as client:
            client.send("POST", "/api/sync", b"".join(make_line(program, 0) for program in world.programs))
    with ThreadPoolExecutor(clients) as pool:
        shares = [operations // clients + (number < operations % clients) for number in range(clients)]
        done = [pool.submit(work, service, world, share, Random(seed * 1000 + n)) for n, share in enumerate(shares)]
        for one in done:
            one.result()
    return world.seen


LastAnswers = dict[tuple[str, str], Exchange]
"""The last answer with an entity tag, by tenant and target."""


def work(service: RunningService, world: World, operations: int, random: Random) -> None:
    """Do *operations* one after the other, as one client of all tenants."""
    last: LastAnswers = {}
    with ExitStack() as stack:
        clients = {t: stack.enter_context(Client(service.url, service.token(t))) for t in world.tenants}
        for _ in range(operations):
            tenant = random.choice(world.tenants)
            kind = random.choices((read, update, sync), (80, 16, 4))[0]
            kind(clients[tenant], world, tenant, random, last)


def read(client: Client, world: World, tenant: str, random: Random, last: LastAnswers) -> None:
    """Read, and compare with the versions acknowledged before."""
    target = random.choice(READS)
    before = dict(world.acknowledged[tenant])
    known = last.get((tenant, target)) if random.random() < 0.5 else None
    answer = client.get(target, **({"If-None-Match": known.headers["etag"]} if known else {}))
    if answer.status == 304 and known:
        world.record("reads", "unchanged")
        answer = known
    elif answer.status == 200:
        world.record("reads", (answer.cache or "no cache").lower())
        if "etag" in answer.headers:
            last[tenant, target] = answer
    else:
        world.record(f"failed {answer.status}")
        return
    found = {row["program_id"]: int(row["custom_name"]) for row in json.loads(answer.body)["programs"]}
    if any(found.get(program, -1) < version for program, version in before.items()):
        world.record("stale")


def update(client: Client, world: World, tenant: str, random: Random, last: LastAnswers) -> None:
    """Give one program a new version."""
    with reserve(world, tenant, random, 1) as programs:
        for program in programs:
            version = next(world.versions)
            body = json.dumps({"custom_name": str(version)}).encode()
            answer = client.send("PATCH", f"/api/programs/{program}", body)
            written = answer.status == 200 and json.loads(answer.body)["custom_name"] == str(version)
            if written:
                world.acknowledged[tenant][program] = version
            world.record("updates" if written else f"failed {answer.status}")


def sync(client: Client, world: World, tenant: str, random: Random, last: LastAnswers) -> None:
    """Give two programs new versions at once."""
    with reserve(world, tenant, random, 2) as programs:
        versions = {program: next(world.versions) for program in programs}
        answer = client.send("POST", "/api/sync", b"".join(make_line(*pair) for pair in versions.items()))
        if answer.status == 200:
            world.acknowledged[tenant].update(versions)
        world.record("syncs" if answer.status == 200 else f"failed {answer.status}")


@contextmanager
def reserve(world: World, tenant: str, random: Random, number: int) -> Iterator[list[str]]:
    """Reserve up to *number* programs that no other client is writing."""
    with ExitStack() as stack:
        programs = []
        for program in random.sample(world.programs, number):
            lock = world.writing[tenant, program]
            if lock.acquire(blocking=False):
                stack.callback(lock.release)
                programs.append(program)
        yield programs


def main() -> None:
    """Print what happened, variant by variant."""
    parser = make_parser(__doc__)
    parser.add_argument("--operations", type=int, default=100_000)
    parser.add_argument("--clients", type=int, default=16)
    options = parser.parse_args()
    with Lab.start() as lab:
        few = min(options.operations, 2_000)
        for name, operations in ((BEST, options.operations), (GUARDED, options.operations), (UNGUARDED, few)):
            variant = parse(name)
            seen = serve_and_run(lab, variant, operations, options.clients)
            events = ", ".join(f"{number:,} {event}" for event, number in sorted(seen.items()) if event != "stale")
            print(f"{variant.short}\n  {operations:,} operations, {options.clients} clients: {events}", flush=True)
            print(f"  stale reads: {seen['stale']:,}", flush=True)


def serve_and_run(lab: Lab, variant: Variant, operations: int, clients: int) -> Counter[str]:
    """Serve *variant* on a working copy of its own, and return what happened."""
    with lab.database("tiny") as database:
        database.reconcile(variant)
        with lab.serve(variant, database, key_prefix="staleness") as service:
            return run_mixed(service, World("staleness"), operations, clients)


if __name__ == "__main__":
    outcome.run_app(main)

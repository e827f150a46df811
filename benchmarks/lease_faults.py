r"""Stale answers of two service processes that take leases, while workers and Redis fail.

Run with ``python benchmarks/lease_faults.py --operations 100000 --clients 2``. The clients share a few tenants and ask
both services. Between two parts of the operations something fails: a worker is killed, or Redis is emptied, paused or
restarted. A request may fail then, but no answer may be older than a write that was acknowledged before. With the
writers' wait taken out of ``VersionedCache``, it must find stale reads.
"""

import os
import signal
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import count, cycle
from pathlib import Path
from random import Random
from threading import Event, Thread

import psutil

from benchmarks.common import make_parser
from benchmarks.staleness import World, make_line, read, update
from perfstudy.commands import outcome
from perfstudy.drivers.http import Client
from perfstudy.errors import PerfstudyError
from perfstudy.lab.access import Redis
from perfstudy.lab.redis import RedisServer
from perfstudy.lab.services import RunningService
from perfstudy.listing.lab import Lab
from perfstudy.listing.variant import parse

VARIANT = "fastest"
TENANTS = 1
"""Tenants that the clients share: few, so that each is read often enough for leases."""
PAUSED = 0.3
"""Seconds for which Redis is paused."""

Services = list[RunningService]


def kill_worker(services: Services, redis: RedisServer) -> None:
    """Kill a worker of the first service."""
    for worker in psutil.Process(services[0].pid).children()[-1:]:
        worker.kill()


def flush(services: Services, redis: RedisServer) -> None:
    """Empty Redis."""
    with Redis.embedded(redis.address()).client() as admin:
        admin.flushall()


def pause(services: Services, redis: RedisServer) -> None:
    """Stop Redis for a moment."""
    assert redis.process
    os.kill(redis.process.pid, signal.SIGSTOP)
    try:
        Event().wait(PAUSED)
    finally:
        os.kill(redis.process.pid, signal.SIGCONT)


def restart(services: Services, redis: RedisServer) -> None:
    """End Redis, and start it again."""
    redis.stop()
    redis.start([redis.port])


FAULTS: tuple[Callable[[Services, RedisServer], None], ...] = (kill_worker, flush, pause, restart)


def run_with_faults(
    services: Services, redis: RedisServer, operations: int, clients: int, faults: int = len(FAULTS)
) -> Counter[str]:
    """Let *clients* share *operations* while *faults* happen; return the counts of events."""
    world = World("lease-faults")
    world.tenants = world.tenants[:TENANTS]
    for tenant in world.tenants:
        with Client(services[0].url, services[0].token(tenant)) as client:
            client.send("POST", "/api/sync", b"".join(make_line(program, 0) for program in world.programs))
    ended = Event()
    breaking = Thread(target=_break, args=(services, redis, world, operations / (faults + 1), faults, ended))
    breaking.start()
    try:
        with ThreadPoolExecutor(clients) as pool:
            share = operations // clients
            done = [pool.submit(_work, services, world, share, Random(n), breaking.is_alive) for n in range(clients)]
            for one in done:
                one.result()
    finally:
        ended.set()
        breaking.join()
    return world.seen


def _break(services: Services, redis: RedisServer, world: World, every: float, faults: int, ended: Event) -> None:
    """Let the next thing fail after *every* so many operations."""
    for number, fault in zip(range(1, faults + 1), cycle(FAULTS), strict=False):
        while world.seen["operations"] < number * every:
            if ended.wait(0.005):
                return
        fault(services, redis)
        world.record(fault.__name__)


def _work(services: Services, world: World, operations: int, random: Random, is_breaking: Callable[[], bool]) -> None:
    """Do *operations*, and more until everything has failed that is to fail."""
    with ExitStack() as stack:
        clients = {
            (number, tenant): stack.enter_context(Client(service.url, service.token(tenant)))
            for number, service in enumerate(services)
            for tenant in world.tenants
        }
        for number in count():
            if number >= operations and not is_breaking():
                return
            tenant = random.choice(world.tenants)
            client = clients[random.randrange(len(services)), tenant]
            kind = read if random.random() < 0.95 else update
            try:
                kind(client, world, tenant, random, {})
            except PerfstudyError:
                world.record("failed without an answer")
            world.record("operations")


def serve_and_run(lab: Lab, folder: Path, operations: int, clients: int, faults: int) -> Counter[str]:
    """Serve two processes over one database and one Redis, and return what happened."""
    variant = parse(VARIANT)
    redis = RedisServer(folder, folder)
    redis.start()
    try:
        with lab.database("tiny") as database, ExitStack() as stack:
            database.reconcile(variant)
            access = Redis.embedded(redis.address())
            services = [
                stack.enter_context(lab.serve(variant, database, key_prefix="lease-faults", redis=access))
                for _ in range(2)
            ]
            return run_with_faults(services, redis, operations, clients, faults)
    finally:
        redis.stop()


def main() -> None:
    """Print what happened."""
    import tempfile

    parser = make_parser(__doc__)
    parser.add_argument("--operations", type=int, default=100_000)
    parser.add_argument("--clients", type=int, default=2)
    parser.add_argument("--faults", type=int, default=40)
    options = parser.parse_args()
    with Lab.start() as lab, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        seen = serve_and_run(lab, folder, options.operations, options.clients, options.faults)
        print(", ".join(f"{number:,} {event}" for event, number in sorted(seen.items()) if event != "stale"))
        print(f"stale reads: {seen['stale']:,}")


if __name__ == "__main__":
    outcome.run_app(main)

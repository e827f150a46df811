r"""A cold key and many clients at once: computations of the answer, and waits.

Run with ``python benchmarks/stampede.py --clients 200 --scale tiny``. All clients are connected, and then
request the first page of a tenant at the same moment. Statements are counted in the service's statement log.
"""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.common import make_parser
from perfstudy.commands import outcome
from perfstudy.drivers.http import Client, Exchange
from perfstudy.formatting import duration
from perfstudy.lab.services import RunningService
from perfstudy.listing.lab import Database, Lab
from perfstudy.listing.requests import listing
from perfstudy.listing.variant import parse

DEVELOPMENT = "index+related+values+connections+cache+invalidate"
SERVERS = {"development server": DEVELOPMENT, "gunicorn": f"{DEVELOPMENT}+gunicorn"}
TARGET = listing(program_status="ALL")


def main() -> None:
    """Print statements and waits, with one computation for each miss and without."""
    parser = make_parser(__doc__, scale="tiny")
    parser.add_argument("--clients", type=int, default=200)
    options = parser.parse_args()
    print(f"{options.clients} clients, scale {options.scale}, cold key")
    with Lab.start() as lab, lab.database(options.scale) as database, TemporaryDirectory() as folder:
        database.reconcile(parse(DEVELOPMENT))
        for server, name in SERVERS.items():
            for variant in (name, f"{name}+single_flight"):
                log = Path(folder) / variant
                answers = run_stampede(lab, database, variant, log, options.clients)
                print(f"  {server}, {'with' if variant != name else 'without'} single_flight: {describe(answers, log)}")


def run_stampede(lab: Lab, database: Database, variant: str, log: Path, clients: int) -> list[Exchange]:
    """Serve *variant* with an empty cache; return the answers to *clients* at once."""
    with lab.serve(parse(variant), database, statement_log=log, key_prefix="stampede") as service:
        answers = ask_at_once(service, database.facts.tenant, clients)
    lab.clear_cache("stampede")
    return answers


def ask_at_once(service: RunningService, tenant: str, clients: int) -> list[Exchange]:
    """Let all *clients* send a request at the same moment."""
    barrier = threading.Barrier(clients)

    def ask(client: Client) -> Exchange:
        barrier.wait()
        return client.get(TARGET)

    with ExitStack() as stack, ThreadPoolExecutor(clients) as pool:
        connected = [stack.enter_context(Client(service.url, service.token(tenant))) for _ in range(clients)]
        for client in connected:  # one after the other: the development server queues no more than ten
            client.get("/api/noop")
        return list(pool.map(ask, connected))


def describe(answers: list[Exchange], log: Path) -> str:
    """Return the counts and the waits in words."""
    waits = sorted(answer.nanoseconds / 1e9 for answer in answers)
    misses = sum(answer.cache == "MISS" for answer in answers)
    failed = sum(answer.status != 200 for answer in answers)
    statements = len(log.read_text(encoding="utf-8").splitlines())
    return (
        f"{statements} statements for {misses} misses, {failed} failed, "
        f"longest wait {duration(waits[-1])}, median {duration(waits[len(waits) // 2])}"
    )


if __name__ == "__main__":
    outcome.run_app(main)

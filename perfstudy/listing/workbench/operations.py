"""Notebook queries on operation: counters, rollback, and outages of servers."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING

from perfstudy.drivers.http import Client
from perfstudy.errors import PerfstudyError
from perfstudy.evidence import equivalence
from perfstudy.listing import migrations
from perfstudy.listing.gate import identify_exactly
from perfstudy.listing.requests import listing
from perfstudy.listing.variant import BASELINE, parse
from perfstudy.model.table import Table

if TYPE_CHECKING:
    from perfstudy.lab import RunningService
    from perfstudy.lab.server import Server
    from perfstudy.listing.lab import Lab
    from perfstudy.listing.workbench.bench import Bench

TARGETS = (
    listing(limit=20),
    listing(all="true", program_status="ALL"),
    listing(program_type="CPC", program_status="ALL"),
    listing(program_status="LOST"),
)
"""A page, everything, a filter and an error: what answers are compared by."""


class OperationsBench:
    """The part of a bench that operates a service; ``Bench.operations`` is one."""

    def __init__(self, bench: "Bench", lab: "Lab") -> None:
        self._bench, self._lab = bench, lab

    def by_hand(self, variant: str = "all") -> Table:
        """Return how each optimization of *variant* is reverted without this project."""
        return Table([{"optimization": o.name, "by hand": o.manual_rollback} for o in parse(variant)])

    def same(self, *variants: str) -> Table:
        """Return whether each of *variants* answers with the baseline's bytes."""
        expected = self._answers(self._bench.serve(BASELINE))
        rows: list[dict[str, object]] = []
        for variant in variants:
            found = self._answers(self._bench.serve(variant))
            alike = sum(found[target] == expected[target] for target in TARGETS)
            rows.append({"variant": parse(variant).short, "answers as the baseline": f"{alike} of {len(TARGETS)}"})
        return Table(rows)

    def counters(self, variant: str = "all", requests: int = 20) -> Table:
        """Request a page repeatedly from a new service; return its ``/metrics`` counters."""
        chosen = parse(variant)
        database = self._bench.database(chosen)
        with (
            self._lab.serve(chosen, database, key_prefix=f"counters-{chosen.name}") as service,
            service.client(self._bench.tenant) as client,
        ):
            for _ in range(requests):
                client.get(TARGETS[0])
            text = client.get("/metrics").body.decode()
        return Table(list(parse_counters(text)))

    def rollback(self, variant: str, *names: str) -> Table:
        """Revert the optimizations *names* of *variant* in turn, under requests.

        Each step is a row: what is served then, how many requests failed, and whether answers and schema are the
        baseline's.
        """
        from perfstudy.listing.stack import Stack

        rows: list[dict[str, object]] = []
        with self._lab.database(self._bench.scale) as database, Stack(self._lab, database, BASELINE) as stack:
            before, expected = migrations.read_catalogue(database.url), self._answers(stack.service)
            stack.switch(parse(variant))
            for name in names:
                with ask_repeatedly(stack.service, self._bench.tenant) as said:
                    stack.switch(stack.variant - name)
                rows.append(
                    {
                        "taken back": name,
                        "then served": stack.variant.name,
                        "failed requests": said["failed"],
                        "the baseline's answers": self._answers(stack.service) == expected,
                        "the baseline's schema": migrations.read_catalogue(database.url) == before,
                    }
                )
        return Table(rows)

    def outages(self, *variants: str) -> Table:
        """Stop Redis, then PostgreSQL, under each variant; return the answers.

        They are those to a page, during the outage and after it.
        """
        from perfstudy.listing.fragile import start_fragile_lab

        with start_fragile_lab() as servers, servers.lab.database(self._bench.scale) as database:
            rows: list[dict[str, object]] = []
            for variant in map(parse, variants):
                database.reconcile(variant)
                for name, server in (("Redis", servers.redis), ("PostgreSQL", servers.postgres)):
                    servers.lab.clear_cache()
                    with servers.lab.serve(variant, database) as service:
                        rows.append(self._outage(service, name, server))
        return Table(rows)

    def _outage(self, service: "RunningService", name: str, server: "Server") -> dict[str, object]:
        from perfstudy.listing.fragile import restart

        cached, fresh = listing(limit=20), listing(limit=19)
        with service.client(self._bench.tenant) as client:
            client.get(cached)
            server.stop()
            known, unknown = (_describe_answer(client, target) for target in (cached, fresh))
            restart(server)
            after = [_describe_answer(client, fresh) for _ in range(10)]
        return {
            "variant": parse(service.arm.name).short,
            "without": name,
            "a page asked before": known,
            "another page": unknown,
            "well again": OK in after,
        }

    def _answers(self, service: "RunningService") -> dict[str, str]:
        with service.client(self._bench.tenant) as client:
            return equivalence.collect_fingerprints(client, TARGETS, identify_exactly)


OK = "200"
PACE = 0.02
"""Seconds between two requests of the client that keeps sending them."""


def _describe_answer(client: Client, target: str) -> str:
    exchange = client.get(target)
    wait = exchange.headers.get("retry-after")
    return f"{exchange.status}, Retry-After {wait}" if wait else str(exchange.status)


def parse_counters(text: str) -> Iterator[dict[str, object]]:
    """Yield a row for each kind of request in *text*, the service's metrics.

    Columns: path, status, cache, tenants, requests.
    """
    from prometheus_client.openmetrics.parser import text_string_to_metric_families

    for family in text_string_to_metric_families(text):  # type: ignore[no-untyped-call]
        for sample in family.samples if family.name == "perfstudy_requests" else ():
            if sample.name.endswith("_total") and sample.labels["path"] == "all":
                labels = {name: sample.labels[name] or "-" for name in ("path", "status", "cache", "tenant_class")}
                yield {**labels, "requests": int(sample.value)}


@contextmanager
def ask_repeatedly(service: "RunningService", tenant: str) -> Iterator[Counter[str]]:
    """Request the first page without a pause and count failures.

    Each request has a new connection.
    """
    said: Counter[str] = Counter(failed=0)
    done = Event()
    url, token = service.url, service.token(tenant)

    def ask() -> None:
        while not done.is_set():
            done.wait(PACE)
            try:
                with Client(url, token, timeout=30) as client:
                    said["answered" if client.get(TARGETS[0]).status == 200 else "failed"] += 1
            except PerfstudyError:
                said["failed"] += 1

    thread = Thread(target=ask, daemon=True)
    thread.start()
    try:
        yield said
    finally:
        done.set()
        thread.join()

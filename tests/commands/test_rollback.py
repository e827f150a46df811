"""``perfstudy rollback``: every optimization goes in and out again while clients ask, and none of them notices."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from threading import Event, Thread
from typing import Any

import psycopg
import pytest

from perfstudy.client import listing
from perfstudy.evidence.equivalence import fingerprint
from perfstudy.lab import Database, Lab, processes
from perfstudy.lab.stack import Stack
from perfstudy.optimization import Optimization
from perfstudy.optimizations import ALL
from perfstudy.tokens import issue
from perfstudy.variant import BASELINE, least

Answers = dict[str, str]


def schema(url: str) -> list[Any]:
    """All that the catalogue says of the schema, and which migrations are recorded."""
    queries = (
        "SELECT table_name, column_name, ordinal_position, data_type, is_nullable, column_default, is_identity"
        " FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 3",
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace"
        " ORDER BY 1",
        "SELECT indexdef, indisvalid FROM pg_indexes JOIN pg_index ON indexrelid = indexname::regclass"
        " WHERE schemaname = 'public' ORDER BY 1",
        "SELECT name FROM django_migrations WHERE app = 'ads' ORDER BY 1",
    )
    with psycopg.connect(url) as connection:
        return [connection.execute(query.encode()).fetchall() for query in queries]


class Asking(Thread):
    """A client that asks all the time, on a new connection each time or on one that it keeps open."""

    def __init__(self, stack: Stack, targets: list[str], bearer: str, *, keeps: bool) -> None:
        super().__init__(daemon=True)
        self.port = int(stack.service.url.rpartition(":")[2])
        self.targets, self.keeps = targets, keeps
        self.headers = {"Authorization": f"Bearer {bearer}", **({} if keeps else {"Connection": "close"})}
        self.answers: list[tuple[str, str]] = []
        self.failures: list[str] = []
        self.over = Event()

    def run(self) -> None:
        connection = self._connection()
        while not self.over.is_set():
            target = self.targets[len(self.answers) % len(self.targets)]
            try:
                answer = self._asked(connection, target)
            except (OSError, HTTPException) as error:
                # A server may close a connection that it merely keeps open, and the client then asks again on a new one
                # (RFC 9112, section 9.3.1). On a new connection, no answer is a failure.
                connection.close()
                try:
                    assert self.keeps
                    answer = self._asked(connection, target)
                except (OSError, HTTPException, AssertionError):
                    self.failures.append(f"{target}: {error!r}")
                    continue
            self.answers.append((target, answer))
            if not self.keeps:
                connection.close()

    def _connection(self) -> HTTPConnection:
        return HTTPConnection("127.0.0.1", self.port, timeout=30)

    def _asked(self, connection: HTTPConnection, target: str) -> str:
        connection.request("GET", target, headers=self.headers)
        response = connection.getresponse()
        return fingerprint(response.status, response.read())


@pytest.fixture(scope="module")
def database(lab: Lab) -> Iterator[Database]:
    with lab.database("tiny") as database:
        yield database


@pytest.fixture(scope="module")
def stack(lab: Lab, database: Database) -> Iterator[Stack]:
    with Stack(lab, database, BASELINE) as stack:
        yield stack


@pytest.fixture(scope="module")
def before(lab: Lab, stack: Stack, database: Database) -> tuple[list[Any], Answers]:
    """The schema, and the identity of each answer, before any optimization."""
    targets = [
        listing(limit=20),
        listing(limit=5, program_status="ALL", offset=40),
        listing(limit=5, business_id=database.facts.businesses[0]),
        listing(limit=5, program_type="CPC"),
        listing(business_id="no such business"),
    ]
    asking = Asking(stack, targets, issue(database.facts.tenant, lab.secret), keeps=True)
    connection = asking._connection()
    return schema(database.url), {target: asking._asked(connection, target) for target in targets}


@contextmanager
def asked(stack: Stack, answers: Answers, bearer: str) -> Iterator[list[Asking]]:
    """Let clients ask *stack* while the block runs."""
    clients = [Asking(stack, list(answers), bearer, keeps=keeps) for keeps in (False, True)]
    for client in clients:
        client.start()
    try:
        yield clients
    finally:
        for client in clients:
            client.over.set()
        for client in clients:
            client.join(60)


@pytest.mark.parametrize("optimization", [*ALL, None], ids=lambda o: o.name if o else "none")
def test_no_request_fails_while_it_comes_and_the_one_before_it_goes(
    lab: Lab, stack: Stack, database: Database, before: tuple[list[Any], Answers], optimization: Optimization | None
) -> None:
    """One after the other, so that each is applied, and rolled back in favour of the next."""
    catalogue, answers = before
    with asked(stack, answers, issue(database.facts.tenant, lab.secret)) as clients:
        stack.switch(least(optimization) if optimization else BASELINE)
        counts = [len(client.answers) for client in clients]
        assert processes.wait_until(
            lambda: all(len(c.answers) > n + 4 for c, n in zip(clients, counts, strict=True)), 30
        )
    changes_schema = optimization is not None and "schema" in optimization.seams
    assert (schema(database.url) == catalogue) != changes_schema
    for client in clients:
        assert client.failures == []
        assert {answer for answer in client.answers} <= set(answers.items())
        assert len({target for target, _ in client.answers}) == len(answers)

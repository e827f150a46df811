"""``perfstudy rollback``: every optimization goes in and out again while clients ask, and none of them notices."""

import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Event, Thread
from typing import Any

import psycopg
import pytest

from perfstudy.lab import processes
from perfstudy.listing.compiling import arm
from perfstudy.listing.gate import identify_exactly
from perfstudy.listing.lab import Database, Lab
from perfstudy.listing.optimization import Optimization
from perfstudy.listing.optimizations import ALL, BY_NAME
from perfstudy.listing.requests import listing
from perfstudy.listing.schema import list_applied, list_wanted
from perfstudy.listing.stack import Stack
from perfstudy.listing.tokens import issue
from perfstudy.listing.variant import BASELINE, smallest_variant
from tests.commands.test_commands import here

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
        return identify_exactly(response.status, response.read())


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
        stack.switch(smallest_variant(optimization) if optimization else BASELINE)
        counts = [len(client.answers) for client in clients]
        assert processes.wait_until(
            lambda: all(len(c.answers) > n + 4 for c, n in zip(clients, counts, strict=True)), 30
        )
    changes_schema = optimization is not None and "schema" in optimization.seams
    assert (schema(database.url) == catalogue) != changes_schema
    for client in clients:
        assert client.failures == []
        assert set(client.answers) <= set(answers.items())
        assert len({target for target, _ in client.answers}) == len(answers)


def test_no_request_fails_between_two_that_want_different_schemas(
    lab: Lab, stack: Stack, database: Database, before: tuple[list[Any], Answers]
) -> None:
    """What the one reads must stay until it has ended, and what the other reads must be there when it begins."""
    catalogue, answers = before
    with asked(stack, answers, issue(database.facts.tenant, lab.secret)) as clients:
        for name in ("count", "covering", "baseline"):
            variant = smallest_variant(BY_NAME[name]) if name in BY_NAME else BASELINE
            stack.switch(variant)
            with psycopg.connect(database.url) as connection:
                assert list_applied(connection) == list_wanted(arm(variant).schema)
    assert schema(database.url) == catalogue
    for client in clients:
        assert client.failures == []
        assert set(client.answers) <= set(answers.items())


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Callable[[str], tuple[str, Callable[..., subprocess.CompletedProcess[str]]]]]:
    """A function that serves a variant in another process, and returns its URL and the command line of its home."""
    with ExitStack() as stack:
        # A home of its own: which variant is meant must be clear.
        own = {"PERFSTUDY_HOME": str(tmp_path), "COLUMNS": "200"}

        def serve(variant: str) -> tuple[str, Callable[..., subprocess.CompletedProcess[str]]]:
            command = [sys.executable, "-m", "perfstudy", "serve", "--scale", "tiny", "--variant", variant]
            process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=os.environ | own
            )
            stack.callback(process.wait)
            stack.callback(process.terminate)
            assert process.stdout is not None
            url = next(line for line in process.stdout if line.startswith("url")).split()[1]
            assert any(line.startswith("curl") for line in process.stdout)
            return url, run

        def run(*arguments: str) -> subprocess.CompletedProcess[str]:
            command = [sys.executable, "-m", "perfstudy", *arguments]
            return subprocess.run(command, capture_output=True, text=True, env=os.environ | own, timeout=120)

        yield serve


def variant_at(url: str) -> str:
    with urllib.request.urlopen(f"{url}/metrics") as answer:
        (found,) = re.findall(r'perfstudy_variant_info\{.*variant="([^"]*)"', answer.read().decode())
    return str(found)


def test_what_another_process_serves_is_rolled_back(
    lab: Lab, served: Callable[[str], tuple[str, Callable[..., subprocess.CompletedProcess[str]]]], monkeypatch: Any
) -> None:
    # The servers are the tests' own, so that only the home is new.
    monkeypatch.setenv("PERFSTUDY_DATABASE_URL", lab.postgres.url())
    monkeypatch.setenv("PERFSTUDY_REDIS_URL", lab.redis.url)
    url, run = served("index+gunicorn+cache+invalidate")
    dry = run("rollback", "cache", "--dry-run")
    assert dry.returncode == 0, dry.stderr
    assert "by hand  cache: remove the CACHES block" in dry.stdout
    assert "by hand  invalidate: " in dry.stdout
    assert f"would    serve index+gunicorn at {url} instead of index+gunicorn+cache+invalidate" in dry.stdout
    assert variant_at(url) == "index+gunicorn+cache+invalidate"
    done = run("rollback", "cache")
    assert f"serving  index+gunicorn at {url}" in done.stdout, done.stderr
    assert variant_at(url) == "index+gunicorn"
    again = run("rollback", "cache")
    assert (again.returncode, "nothing to take back" in again.stdout) == (0, True)
    assert "serving  baseline" in run("rollback", "all").stdout
    assert variant_at(url) == "baseline"


def test_a_database_is_rolled_back(lab: Lab) -> None:
    with lab.database("tiny") as database:
        database.reconcile(BASELINE)
        before = schema(database.url)
        database.reconcile(smallest_variant(BY_NAME["index"]))
        indexed = schema(database.url)
        dry = here("rollback", "index", "--dry-run", "--database", database.url)
        assert "manage.py migrate ads 0014" in dry.stdout
        assert "would    take back 0015" in dry.stdout
        assert schema(database.url) == indexed != before
        done = here("rollback", "index", "--database", database.url)
        assert done.returncode == 0, done.stderr
        assert schema(database.url) == before
        assert "nothing to take back" in here("rollback", "all", "--database", database.url).stdout


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (("rollback", "idnex"), 2, "unknown optimization 'idnex': did you mean index"),
        (("rollback", "index", "--database", "nonsense"), 2, "--database is no URL"),
        (("rollback", "index", "--database", "postgresql://u:sesame@127.0.0.1:1/x"), 1, "cannot be reached"),
    ],
)
def test_bad_input_is_named(arguments: tuple[str, ...], status: int, message: str) -> None:
    found = here(*arguments)
    assert (found.returncode, message in found.stderr) == (status, True), found.stderr
    assert "sesame" not in found.stderr + found.stdout
    assert "Traceback" not in found.stderr

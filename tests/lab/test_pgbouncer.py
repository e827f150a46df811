"""PgBouncer: in front of a service, by itself, and where it is not installed."""

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from perfstudy.drivers.http import Client
from perfstudy.errors import NotInstalledError
from perfstudy.lab import binaries, processes
from perfstudy.lab.pgbouncer import ADMIN, PROGRAM, PgBouncerServer
from perfstudy.listing.compiling import arms
from perfstudy.listing.lab import Database, Lab
from perfstudy.listing.requests import listing
from perfstudy.listing.studies import declare
from perfstudy.listing.variant import BASELINE, parse
from perfstudy.measure.runner import Runner
from perfstudy.results import Store


def missing() -> str:
    """Why it cannot be tested here; empty where it can."""
    try:
        binaries.find_installed(PROGRAM)
    except NotInstalledError as error:
        return str(error)
    return ""


here = pytest.mark.skipif(bool(missing()), reason=missing())


@pytest.fixture
def server(tiny: Database, tmp_path: Path) -> Iterator[PgBouncerServer]:
    server = PgBouncerServer(tiny.url, tmp_path / "pgbouncer.log", tmp_path)
    yield server
    server.stop()


@here
def test_many_clients_share_few_connections(server: PgBouncerServer) -> None:
    server.start()

    def backends(number: int) -> set[int]:
        with psycopg.connect(server.url(), autocommit=True) as connection:
            return {connection.execute("SELECT pg_backend_pid()").fetchone()[0] for _ in range(5)}

    with ThreadPoolExecutor(60) as pool:
        found = set().union(*pool.map(backends, range(60)))
    assert 1 <= len(found) <= 20


@here
def test_nobody_gets_in_without_the_password(server: PgBouncerServer) -> None:
    server.start()
    url = server.url().replace("perfstudy:", "perfstudy:not", 1)
    with pytest.raises(psycopg.OperationalError, match="authentication failed"):
        psycopg.connect(url)


@here
def test_its_files_are_for_their_owner_alone(server: PgBouncerServer, tmp_path: Path) -> None:
    server.start()
    assert {path.stat().st_mode & 0o077 for path in tmp_path.glob("pgbouncer.[iu]*")} == {0}


@here
def test_a_service_reaches_its_database_through_it(lab: Lab, tiny: Database) -> None:
    tiny.reconcile(BASELINE)
    with lab.serve(parse("pgbouncer"), tiny) as service:
        pooler = service.pooler
        assert isinstance(pooler, PgBouncerServer)
        with Client(service.url, service.token(tiny.facts.tenant)) as client:
            for path in (listing(limit=20), listing(all="true", program_status="ALL")):
                assert client.get(path).status == 200
        with psycopg.connect(pooler.url(ADMIN), autocommit=True, cursor_factory=psycopg.ClientCursor) as admin:
            pools = admin.execute("SHOW DATABASES").fetchall()
        assert tiny.name in {row[0] for row in pools}
        pid, birth = pooler.process.pid, processes.read_start_time(pooler.process.pid)
    assert not processes.is_alive(pid, birth)


def test_where_it_is_not_installed_the_message_says_how_to_get_it(
    lab: Lab, tiny: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda *arguments, **options: None)
    with pytest.raises(NotInstalledError, match="`apt-get install pgbouncer`"):
        lab.serve(parse("pgbouncer"), tiny)


def test_a_study_says_of_it_that_it_is_not_testable_here(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(binaries.shutil, "which", lambda *arguments, **options: None)
    study = declare(
        "without",
        "What cannot be served",
        arms=arms([parse("pgbouncer")], control=False),
        scenarios=("page",),
        scales=("tiny",),
        blocks=1,
        requests=5,
        costs=None,
    )
    with Store.open(tmp_path / "results.sqlite") as store:
        runner = Runner(lab, store)
        run = runner.start(study, seed=1)
        runner.fill(run)
        found = store.run(run)
    assert found.samples.empty
    (reason,) = found.excluded.values()
    assert reason.startswith("not testable here: pgbouncer is not installed")

"""When servers die: PostgreSQL stopped, restarted, frozen and full, and workers killed, under real requests.

The servers are this file's own.
"""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress

import psutil
import psycopg
import pytest

from perfstudy.drivers.http import Client, Exchange
from perfstudy.errors import NotInstalledError, PerfstudyError
from perfstudy.lab import RunningService, configuration, postgres
from perfstudy.lab.configuration import Setting
from perfstudy.lab.processes import wait_until
from perfstudy.listing.fragile import Fragile, freeze, kill, restart, start_fragile_lab
from perfstudy.listing.lab import Database
from perfstudy.listing.requests import listing
from perfstudy.listing.variant import BASELINE, parse

HIT, MISS = listing(limit=20), listing(limit=21)
CONNECTIONS = 30
"""As many as the server allows here, so that a test can take them all."""
PATIENCE = 20.0


@pytest.fixture(scope="module")
def servers() -> Iterator[Fragile]:
    few = tuple(s for s in configuration.POSTGRES if s.name not in ("max_connections", "shared_buffers"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(postgres, "POSTGRES", (*few, Setting("max_connections", str(CONNECTIONS), "soon taken")))
        with start_fragile_lab() as servers:
            yield servers


@pytest.fixture(scope="module")
def database(servers: Fragile) -> Iterator[Database]:
    with servers.lab.database("tiny") as database:
        database.reconcile(BASELINE)
        yield database


@pytest.fixture(scope="module")
def serve(servers: Fragile, database: Database) -> Iterator[Callable[[str], RunningService]]:
    """A function that serves a variant, from a process that lives as long as the module's tests."""
    with ExitStack() as stack:
        started: dict[str, RunningService] = {}

        def service(name: str) -> RunningService:
            if name not in started:
                started[name] = stack.enter_context(servers.lab.serve(parse(name), database, key_prefix=name))
            return started[name]

        yield service


@pytest.fixture(autouse=True)
def _healed(servers: Fragile) -> Iterator[None]:
    yield
    if servers.postgres.has_ended():
        restart(servers.postgres)


def asked(service: RunningService, database: Database, target: str = MISS) -> Exchange:
    """The answer to one request, on a connection of its own."""
    with Client(service.url, service.token(database.facts.tenant), timeout=PATIENCE) as client:
        return client.get(target)


def refused(exchange: Exchange) -> bool:
    """Whether an answer is the 503 that a client can act on."""
    return (exchange.status, exchange.headers.get("retry-after")) == (503, "1") and json.loads(exchange.body)[
        "server"
    ] == "PostgreSQL"


def healed(service: RunningService, database: Database) -> bool:
    """Wait until both workers answer, as far as a dozen answers in a row can tell."""
    return wait_until(lambda: all(asked(service, database).status == 200 for _ in range(12)), PATIENCE)


@contextmanager
def locked(database: Database) -> Iterator[psycopg.Connection]:
    """Whoever reads or writes programs waits in here."""
    with psycopg.connect(database.url) as connection:
        connection.execute("LOCK TABLE ads_programregistry IN ACCESS EXCLUSIVE MODE")
        yield connection


def waiting(servers: Fragile, database: Database) -> list[int]:
    """The ports of the clients that wait for a lock."""
    sql = "SELECT client_port FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock'"
    with servers.lab.postgres.connect() as connection:
        return [port for (port,) in connection.execute(sql, [database.name])]


def workers(service: RunningService) -> list[psutil.Process]:
    return psutil.Process(service.pid).children()


def test_hits_go_on_without_postgresql_and_misses_say_when_to_come_again(
    servers: Fragile, database: Database, serve: Callable[[str], RunningService]
) -> None:
    service = serve("gunicorn+cache+pool")
    assert asked(service, database, HIT).cache == "MISS"
    servers.postgres.stop()
    assert refused(asked(service, database))
    for _ in range(5):
        hit = asked(service, database, HIT)
        assert (hit.status, hit.cache) == (200, "HIT")
    assert asked(service, database, "/api/health").status == 503


@pytest.mark.parametrize("end", [lambda server: server.stop(), kill], ids=["stopped", "killed"])
def test_a_pool_heals_by_itself(
    servers: Fragile, database: Database, serve: Callable[[str], RunningService], end: Callable[..., None]
) -> None:
    service = serve("gunicorn+pool+threads")
    assert healed(service, database)
    with ThreadPoolExecutor(16) as beside:
        # Several connections in each worker, all of which will be dead.
        assert {asking.result(PATIENCE).status for asking in at_once(beside, service, database)} == {200}
        end(servers.postgres)
        restart(servers.postgres)  # before anybody asked: the pool does not know
        assert {asking.result(PATIENCE).status for asking in at_once(beside, service, database)} == {200}


def at_once(beside: ThreadPoolExecutor, service: RunningService, database: Database) -> list[Future[Exchange]]:
    """Ask for many different pages at the same time."""
    return [beside.submit(asked, service, database, listing(limit=20 + number)) for number in range(48)]


def test_a_server_that_stays_away_is_left_alone_and_found_again(
    servers: Fragile, database: Database, serve: Callable[[str], RunningService]
) -> None:
    service = serve("gunicorn+pool")
    assert healed(service, database)
    servers.postgres.stop()
    assert all(refused(asked(service, database)) for _ in range(8))
    assert "PostgreSQL failed and is left alone" in service.log.read_text()
    restart(servers.postgres)
    assert healed(service, database)
    assert wait_until(lambda: "PostgreSQL answers again" in service.log.read_text(), PATIENCE)


def test_a_kept_connection_costs_one_request_after_a_restart(
    servers: Fragile, database: Database, serve: Callable[[str], RunningService]
) -> None:
    """It is not looked at before use: each of the two workers finds out with a request."""
    service = serve("gunicorn+connections")
    assert healed(service, database)
    servers.postgres.stop()
    restart(servers.postgres)
    found = [asked(service, database) for _ in range(30)]
    failed = [answer for answer in found if answer.status != 200]
    assert 1 <= len(failed) <= 2
    assert all(refused(answer) for answer in failed)
    assert found[-1].status == 200


def test_a_server_stopped_in_the_middle_of_a_request_is_a_503(
    servers: Fragile, database: Database, serve: Callable[[str], RunningService]
) -> None:
    service = serve("gunicorn+pool")
    assert healed(service, database)
    with ThreadPoolExecutor(1) as beside:
        with suppress(psycopg.OperationalError), locked(database):  # the lock's own transaction is cut off, too
            under_way = beside.submit(asked, service, database)
            assert wait_until(lambda: bool(waiting(servers, database)), PATIENCE)
            servers.postgres.stop()
        assert refused(under_way.result(PATIENCE))
    restart(servers.postgres)
    assert healed(service, database)


def test_a_write_that_a_restart_cuts_off_leaves_nothing(
    servers: Fragile, database: Database, serve: Callable[[str], RunningService]
) -> None:
    service, tenant = serve("gunicorn+pool"), database.facts.tenant
    assert healed(service, database)
    page = json.loads(asked(service, database, listing(limit=1)).body)
    program = page["programs"][0]["program_id"]

    def write() -> Exchange:
        with Client(service.url, service.token(tenant), timeout=PATIENCE) as client:
            return client.send("PATCH", f"/api/programs/{program}", b'{"custom_name": "half"}')

    with ThreadPoolExecutor(1) as beside:
        with suppress(psycopg.OperationalError), psycopg.connect(database.url) as lock:
            lock.execute("SELECT 1 FROM ads_programregistry WHERE program_id = %s FOR UPDATE", [program])
            under_way = beside.submit(write)
            assert wait_until(lambda: bool(waiting(servers, database)), PATIENCE)
            servers.postgres.stop()
        assert refused(under_way.result(PATIENCE))
    restart(servers.postgres)
    assert healed(service, database)
    assert json.loads(asked(service, database, listing(limit=1)).body) == page
    assert wait_until(lambda: write().status == 200, PATIENCE)


@pytest.mark.parametrize("name", ["gunicorn", "gunicorn+pool"])
def test_a_server_without_a_connection_to_spare_is_a_503(
    database: Database, serve: Callable[[str], RunningService], name: str
) -> None:
    service = serve(name)
    with ExitStack() as taken:
        with suppress(psycopg.OperationalError):  # too many clients
            while True:
                taken.enter_context(psycopg.connect(database.url))
        found = {asked(service, database).status for _ in range(3)}
        # The pool has its connection since before.
        assert found <= ({503} if name == "gunicorn" else {200, 503})
    assert healed(service, database)


def test_a_frozen_server_keeps_misses_waiting_and_threads_serve_hits_meanwhile(
    servers: Fragile, database: Database, serve: Callable[[str], RunningService]
) -> None:
    service = serve("gunicorn+cache+pool+threads")
    assert asked(service, database, HIT).status == 200
    with ThreadPoolExecutor(4) as beside, servers.lab.redis.client() as redis:
        with freeze(servers.postgres):
            misses = [beside.submit(asked, service, database, listing(limit=30 + n)) for n in range(4)]
            hits = [asked(service, database, HIT) for _ in range(5)]
            assert asked(service, database, "/api/health").status == 503
            assert redis.ping()
        assert [(hit.status, hit.cache) for hit in hits] == [(200, "HIT")] * 5
        # It thawed, so that they are answered, late.
        assert {miss.result(PATIENCE).status for miss in misses} <= {200, 503}
    assert healed(service, database)


def test_pgbouncer_gives_up_a_frozen_server(
    servers: Fragile, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    from perfstudy.lab import binaries, pgbouncer

    try:
        binaries.find_installed(pgbouncer.PROGRAM)
    except NotInstalledError as error:
        pytest.skip(str(error))
    brief = {"query_timeout", "query_wait_timeout"}
    settings = tuple(s for s in configuration.PGBOUNCER if s.name not in brief)
    monkeypatch.setattr(pgbouncer, "PGBOUNCER", (*settings, *(Setting(name, "1", "soon over") for name in brief)))
    with servers.lab.serve(parse("gunicorn+connections+pgbouncer"), database) as service:
        assert asked(service, database).status == 200
        with freeze(servers.postgres):
            assert refused(asked(service, database))
        assert wait_until(lambda: asked(service, database).status == 200, PATIENCE)
        restart_of(servers)
        assert wait_until(lambda: asked(service, database).status == 200, PATIENCE)


def restart_of(servers: Fragile) -> None:
    servers.postgres.stop()
    restart(servers.postgres)


def test_a_worker_killed_in_the_middle_of_a_request_costs_that_request(
    servers: Fragile, database: Database, serve: Callable[[str], RunningService]
) -> None:
    service = serve("gunicorn+pool")
    assert healed(service, database)
    before = {worker.pid for worker in workers(service)}
    with ThreadPoolExecutor(1) as beside, locked(database) as lock:
        under_way = beside.submit(asked, service, database)
        assert wait_until(lambda: bool(waiting(servers, database)), PATIENCE)
        (port,) = waiting(servers, database)
        (killed,) = [one for one in workers(service) if any(c.laddr.port == port for c in one.net_connections())]
        killed.kill()
        with pytest.raises(PerfstudyError, match="did not answer"):
            under_way.result(PATIENCE)
        lock.rollback()
    assert healed(service, database)
    assert wait_until(lambda: len({worker.pid for worker in workers(service)} - {killed.pid}) == 2, PATIENCE)
    assert {worker.pid for worker in workers(service)} != before

"""The supervisor and its clients, in the face of kill -9, Ctrl-C and one another."""

import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import redis

from perfstudy.errors import PerfstudyError
from perfstudy.lab import down, lease, processes, status, up
from perfstudy.lab.state import State
from perfstudy.listing.lab import Lab
from perfstudy.listing.variant import BASELINE

from .clients import SERVE, Client, descendants, gone, left

Start = Callable[..., Client]


def recorded(home: Path, name: str) -> tuple[int, float]:
    pid, birth = State(home / "lab").record()["processes"][name]
    return pid, birth


def answers(said: dict[str, str]) -> bool:
    with psycopg.connect(said["postgres"]) as connection, redis.Redis.from_url(said["redis"]) as client:
        return connection.execute("SELECT 1").fetchone() == (1,) and bool(client.ping())


def test_kill_of_the_client_leaves_nothing_but_what_the_next_start_drops(client: Start, home: Path) -> None:
    one = client(SERVE)
    said = one.ready()
    assert answers(said)
    found = descendants(one.process.pid)
    assert len(found) > 10  # supervisor, PostgreSQL and its children, Redis, two services
    scratch = Path(State().record()["scratch"])
    short = next((home / "lab" / "sessions").glob("*/scratch")).readlink()
    assert short.exists()
    one.process.kill()
    assert gone(found), left(found)
    assert not State().is_supervised()
    assert status() is None
    assert not scratch.exists()
    assert not short.exists()
    assert not list((home / "lab" / "sessions").iterdir())
    with Lab.start() as lab, lab.postgres.connect() as connection:
        names = {name for (name,) in connection.execute("SELECT datname FROM pg_database")}
    assert said["database"] not in names
    assert any(name.startswith("perfstudy_template_tiny_") for name in names)


def test_interrupt_ends_the_client_and_its_services_alone(client: Start, home: Path) -> None:
    other, one = client(), client(SERVE)
    said, interrupted = other.ready(), one.ready()
    server = recorded(home, "postgres")
    services = {pid: birth for pid, birth in descendants(one.process.pid).items() if pid != one.process.pid}
    services = {
        pid: birth for pid, birth in services.items() if pid not in descendants(recorded(home, "supervisor")[0])
    }
    os.killpg(one.process.pid, signal.SIGINT)  # as a terminal does
    one.process.wait(30)
    assert services
    assert gone(services), left(services)
    for url in interrupted["services"]:
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", urlsplit(url).port)) != 0
    assert answers(said)
    assert recorded(home, "postgres") == server


def test_a_second_process_shares_the_servers_and_either_may_leave_first(client: Start, home: Path) -> None:
    first = client()
    second = client()  # at the same time: one of them starts the supervisor
    assert first.ready() == (said := second.ready())
    assert status().leases == 2
    found = descendants(recorded(home, "supervisor")[0])
    first.leave()
    assert answers(said)
    assert status().leases == 1
    second.leave()
    assert not left(found)  # the last to leave waits for the stop


def test_kill_of_the_supervisor_stops_the_servers_and_the_next_client_starts_anew(client: Start, home: Path) -> None:
    one = client()
    said = one.ready()
    with psycopg.connect(said["postgres"]) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    pid, _ = recorded(home, "supervisor")
    scratch = Path(State().record()["scratch"])
    found = descendants(pid)
    os.kill(pid, signal.SIGKILL)
    with Lab.start() as lab, lab.postgres.connect() as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
        assert gone(found), left(found)
        assert not scratch.exists()


def test_a_service_is_not_waited_for_once_the_supervisor_has_ended(home: Path) -> None:
    """Its servers are gone as well, and the message blames the supervisor, not the service."""
    with Lab.start() as lab, lab.database("tiny") as database:
        assert not lab.is_lost()
        os.kill(recorded(home, "supervisor")[0], signal.SIGKILL)
        assert processes.wait_until(lab.is_lost, 30)
        with pytest.raises(PerfstudyError, match="the lab's supervisor has ended"):
            lab.serve(BASELINE, database)


@pytest.mark.parametrize("name", ["postgres", "redis"])
def test_a_killed_server_is_started_again_where_its_clients_expect_it(home: Path, name: str) -> None:
    with Lab.start() as lab:
        said = {"postgres": lab.postgres.url(), "redis": lab.redis.url}
        assert answers(said)
        before = recorded(home, name)
        os.kill(before[0], signal.SIGKILL)
        assert processes.wait_until(lambda: recorded(home, name) != before, 30)
        assert answers(said)
        assert lab.clear_cache() == 0


def test_up_stays_when_everybody_has_left_until_down(client: Start, home: Path) -> None:
    assert status() is None
    said = up()
    assert said.pinned
    one = client()
    one.ready()
    one.leave()
    now = status()
    assert now == up()
    assert (now.pid, now.leases) == (said.pid, 0)
    assert answers({"postgres": now.postgres_url, "redis": now.redis_url})
    assert str(home) in str(now)
    found = descendants(now.pid)
    assert down()
    assert not left(found)
    assert status() is None
    assert not down()


def test_down_ends_a_frozen_supervisor_too(client: Start, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "ANSWERING", 0.3)
    client().ready()
    pid, _ = recorded(home, "supervisor")
    found = descendants(pid)
    os.kill(pid, signal.SIGSTOP)
    with pytest.raises(PerfstudyError, match="perfstudy lab down"):
        status()
    assert down()
    assert not left(found)


def test_down_cleans_up_after_a_dead_supervisor(client: Start, home: Path) -> None:
    client().ready()
    pid, _ = recorded(home, "supervisor")
    found = descendants(pid)
    os.kill(pid, signal.SIGKILL)
    down()
    assert gone(found), left(found)
    assert State().record() is None


def test_nothing_is_readable_by_others(home: Path) -> None:
    with Lab.start() as lab:
        assert (home / "lab").stat().st_mode & 0o077 == 0
        assert Path(State().record()["scratch"]).stat().st_mode & 0o077 == 0
        assert (home / "lab" / "secret").stat().st_mode & 0o777 == 0o600
        password = urlsplit(lab.postgres.url()).password
        wrong = lab.postgres.url().replace(password, "wrong")
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(wrong)
        for process in State().record()["processes"].values():
            assert password not in Path(f"/proc/{process[0]}/cmdline").read_text()

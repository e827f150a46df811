"""Servers that already run: used, not owned. They are played by the lab of the session, in another home."""

import secrets
from collections.abc import Callable
from pathlib import Path

import pytest

from perfstudy.errors import PerfstudyError, UsageError
from perfstudy.lab import down, processes, status, up
from perfstudy.lab.access import Postgres, Redis
from perfstudy.lab.server import free_ports
from perfstudy.listing.lab import Database, Lab
from perfstudy.listing.variant import BASELINE

from .clients import SERVE, Client, environment


@pytest.fixture
def elsewhere(lab: Lab, tiny: Database, home: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """The session's lab, at whose servers the variables point."""
    monkeypatch.setenv("PERFSTUDY_DATABASE_URL", lab.postgres.url())
    monkeypatch.setenv("PERFSTUDY_REDIS_URL", lab.redis.url)
    return lab


def databases(lab: Lab) -> set[str]:
    with lab.postgres.connect() as connection:
        return {name for (name,) in connection.execute("SELECT datname FROM pg_database")}


def test_what_is_not_ours_is_left_alone(elsewhere: Lab, tiny: Database) -> None:
    name, key = f"foreign_{secrets.token_hex(4)}", f"perfstudy:{secrets.token_hex(4)}:key"
    with elsewhere.postgres.connect() as connection, elsewhere.redis.client() as client:
        connection.execute(f"CREATE DATABASE {name}")
        client.set(key, "stays", ex=60)
        try:
            with Lab.start() as ours, ours.database("tiny") as database:
                assert status() is None  # no supervisor, no server of our own
                assert ours.settings == {"postgres": {}, "redis": {}}
                assert database.facts == tiny.facts
                assert database.name in databases(elsewhere)
                with ours.serve(BASELINE, database) as service:
                    assert service.running
                assert ours.clear_cache() == 0
            assert database.name not in databases(elsewhere)
            assert {name, tiny.name} <= databases(elsewhere)
            assert client.get(key) == b"stays"
        finally:
            connection.execute(f"DROP DATABASE {name}")
            client.delete(key)


def test_an_orphaned_copy_is_dropped_by_whoever_comes_next(
    elsewhere: Lab, home: Path, client: Callable[..., Client]
) -> None:
    urls = {"PERFSTUDY_DATABASE_URL": elsewhere.postgres.url(), "PERFSTUDY_REDIS_URL": elsewhere.redis.url}
    one = client(SERVE, env=environment(home, **urls))
    orphan = one.ready()["database"]
    assert orphan in databases(elsewhere)
    one.end()

    def swept() -> bool:
        with Lab.start():
            return orphan not in databases(elsewhere)

    assert processes.wait_until(swept, 30)  # the server notices at its own pace that the owner is gone


def test_one_server_of_each_kind(elsewhere: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PERFSTUDY_REDIS_URL")
    with Lab.start() as ours:
        now = status()
        assert now.postgres_url is None
        assert now.redis_url == ours.redis.url != elsewhere.redis.url
        assert ours.postgres.url() == elsewhere.postgres.url()
        assert ours.settings["postgres"] == {}
        assert ours.settings["redis"]["maxmemory"] == "512mb"


def test_down_does_not_reach_them(elsewhere: Lab) -> None:
    with Lab.start():
        assert not down()
    with elsewhere.postgres.connect() as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_up_starts_no_server_that_nobody_would_use(elsewhere: Lab) -> None:
    with pytest.raises(UsageError, match="PERFSTUDY_DATABASE_URL"):
        up()


def test_a_server_that_is_not_there_is_named_without_its_password(
    home: Path, monkeypatch: pytest.MonkeyPatch, elsewhere: Lab
) -> None:
    port = next(free_ports())
    monkeypatch.setenv("PERFSTUDY_DATABASE_URL", f"postgresql://me:hidden@127.0.0.1:{port}/mine")
    with pytest.raises(PerfstudyError, match=f"me@127.0.0.1:{port}/mine") as raised:
        Lab.start()
    assert "hidden" not in str(raised.value)
    monkeypatch.setenv("PERFSTUDY_REDIS_URL", f"redis://:hidden@127.0.0.1:{port}/0")
    with pytest.raises(PerfstudyError, match=f"no Redis at redis://@127.0.0.1:{port}/0") as raised:
        Lab.start()
    assert "hidden" not in str(raised.value)


@pytest.mark.parametrize(
    ("url", "name", "expected"),
    [
        ("postgres://u:p@h:1/db", "x y", "postgresql://u:p@h:1/x%20y"),
        ("postgresql+psycopg://u:p%40@h/db?sslmode=require", "x", "postgresql://u:p%40@h/x?sslmode=require"),
        ("postgresql://u@/db?host=/run/pg", "x", "postgresql://u@/x?host=/run/pg"),
        ("postgresql:///db?host=/run/pg", "", "postgresql:///db?host=/run/pg"),
        ("postgresql://h", "", "postgresql://h/postgres"),
    ],
)
def test_a_url_keeps_all_but_the_database(url: str, name: str, expected: str) -> None:
    assert Postgres.external(url).url(name) == expected
    assert Postgres.external(url).socket_url(name) == expected


@pytest.mark.parametrize("url", ["mysql://u:hidden@h/db", "hidden", ""])
def test_a_url_of_another_kind_is_refused(url: str) -> None:
    for access in (Postgres, Redis):
        with pytest.raises(UsageError, match=r"is no URL (postgresql|redis)://"):
            access.external(url)

"""The embedded PostgreSQL by itself: ports that are taken, and data folders as crashes and users leave them."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from perfstudy.errors import PerfstudyError
from perfstudy.lab import processes
from perfstudy.lab.access import Postgres
from perfstudy.lab.configuration import POSTGRES
from perfstudy.lab.postgres import PostgresServer, read_pid_file


def connect(server: PostgresServer) -> "psycopg.Connection":
    return Postgres.embedded(server.address()).connect()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder whose data folder holds a table, and whose server has stopped."""
    state = tmp_path_factory.mktemp("made")
    scratch = Path(tempfile.mkdtemp())
    server = PostgresServer(state, scratch)
    server.start()
    with connect(server) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    server.stop()
    shutil.rmtree(scratch)
    return state


@pytest.fixture
def server(made: Path) -> Iterator[PostgresServer]:
    scratch = Path(tempfile.mkdtemp())
    server = PostgresServer(made, scratch)
    yield server
    server.stop()
    shutil.rmtree(scratch)


def kept(server: PostgresServer) -> bool:
    with connect(server) as connection:
        return connection.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_the_declared_settings_are_in_force(server: PostgresServer) -> None:
    server.start()
    with connect(server) as connection:
        for setting in POSTGRES:
            found = connection.execute(
                "SELECT current_setting(name), setting FROM pg_settings WHERE lower(name) = lower(%s)",
                (setting.name,),
            ).fetchone()
            assert found is not None, setting.name
            assert setting.value in found, setting.name
        assert connection.execute("SHOW listen_addresses").fetchone() == ("127.0.0.1",)
        assert connection.execute("SELECT datlocprovider, datlocale FROM pg_database LIMIT 1").fetchone() == (
            "b",
            "C.UTF-8",
        )
        assert connection.execute("SHOW data_checksums").fetchone() == ("on",)


def test_both_ways_to_connect(server: PostgresServer) -> None:
    server.start()
    access = Postgres.embedded(server.address())
    for url in (access.url(), access.socket_url()):
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
    with psycopg.connect(access.socket_url()) as connection:
        assert connection.info.host == str(server.scratch)


def leave_pid_of_the_dead(data: Path) -> None:
    data.joinpath("postmaster.pid").write_text("4194303\n/nowhere\n1\n5432\n\n127.0.0.1\n\nready\n")


def leave_pid_of_another(data: Path) -> None:
    data.joinpath("postmaster.pid").write_text(f"{os.getppid()}\n{data}\n1\n5432\n\n127.0.0.1\n\nready\n")


def leave_half_a_new_one(data: Path) -> None:
    data.with_suffix(".new").mkdir()
    data.with_suffix(".new").joinpath("PG_VERSION").touch()


def leave_open_to_all(data: Path) -> None:
    data.chmod(0o777)


@pytest.mark.parametrize("leave", [leave_pid_of_the_dead, leave_pid_of_another, leave_half_a_new_one])
def test_what_a_crash_leaves_behind_heals(server: PostgresServer, leave: Callable[[Path], None]) -> None:
    leave(server.data)
    server.start()
    assert kept(server)


def test_a_server_that_was_left_behind_is_ended_first(server: PostgresServer) -> None:
    server.start()
    orphan = server.process
    successor = PostgresServer(server.data.parent, server.scratch)
    try:
        successor.start()
        assert orphan.wait(30) == 0
        assert read_pid_file(successor.data)[0] == str(successor.process.pid)
        assert kept(successor)
    finally:
        successor.stop()


@pytest.mark.parametrize("missing", ["everything", "PG_VERSION", "perfstudy-password"])
def test_half_a_data_folder_is_made_again(tmp_path: Path, missing: str) -> None:
    scratch = Path(tempfile.mkdtemp(dir=tmp_path))
    server = PostgresServer(tmp_path, Path(tempfile.mkdtemp()))
    server.data.mkdir()
    for name in {"PG_VERSION", "perfstudy-password", "base"} - {missing}:
        if missing != "everything":
            server.data.joinpath(name).write_text("18")
    try:
        server.start()
        with connect(server) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        server.stop()
        shutil.rmtree(server.scratch)
        shutil.rmtree(scratch)


def test_a_data_folder_of_another_version_is_left_alone(server: PostgresServer) -> None:
    version = server.data / "PG_VERSION"
    now = version.read_text()
    version.write_text("9.6\n")
    try:
        with pytest.raises(PerfstudyError, match=r"belongs to PostgreSQL 9\.6, and this is 18: move"):
            server.start()
        assert server.process is None
    finally:
        version.write_text(now)


def test_settings_that_the_server_refuses_are_quoted_from_its_log(
    server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("perfstudy.lab.postgres.POSTGRES", (*POSTGRES[1:], type(POSTGRES[0])("work_mem", "much", "")))
    with pytest.raises(PerfstudyError, match='invalid value for parameter "work_mem": "much"'):
        server.start()


def test_stop_is_quick_and_leaves_no_process(server: PostgresServer) -> None:
    server.start()
    pid = server.process.pid
    birth = processes.read_start_time(pid)
    with connect(server) as connection:
        server.stop()
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    assert not processes.is_alive(pid, birth)
    assert not (server.data / "postmaster.pid").exists()

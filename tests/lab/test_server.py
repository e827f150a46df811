"""What the lab's own servers have in common, each of them by itself."""

import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from perfstudy.errors import NotInstalledError, PerfstudyError
from perfstudy.lab import binaries
from perfstudy.lab.access import Postgres, Redis
from perfstudy.lab.pgbouncer import PROGRAM, PgBouncerServer
from perfstudy.lab.postgres import PostgresServer
from perfstudy.lab.redis import RedisServer
from perfstudy.lab.server import Server, free_ports
from perfstudy.listing.lab import Database


@pytest.fixture
def server(kind: type[Server], tmp_path: Path, tiny: Database) -> Iterator[Server]:
    if kind is PgBouncerServer:
        try:
            binaries.find_installed(PROGRAM)
        except NotInstalledError as error:
            pytest.skip(str(error))
    # The path of a socket has room for a hundred letters.
    scratch = Path(tempfile.mkdtemp())
    made: dict[type[Server], Server] = {
        PostgresServer: PostgresServer(tmp_path, scratch),
        RedisServer: RedisServer(tmp_path, scratch),
        PgBouncerServer: PgBouncerServer(tiny.url, tmp_path / "pgbouncer.log", scratch),
    }
    yield made[kind]
    made[kind].stop()
    shutil.rmtree(scratch)


def asked(server: Server) -> object:
    """What it answers to something harmless."""
    if isinstance(server, RedisServer):
        with Redis.embedded(server.address()).client() as client:
            return client.ping()
    url = server.url() if isinstance(server, PgBouncerServer) else Postgres.embedded(server.address()).url()
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT true").fetchone()[0]


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        pytest.param(PostgresServer, "could not bind", id="postgres"),
        pytest.param(RedisServer, "in use", id="redis"),
        pytest.param(PgBouncerServer, "PgBouncer did not start", id="pgbouncer"),
    ],
)
def test_a_taken_port_gives_way_to_the_next(server: Server, said: str) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken, free = other.getsockname()[1], next(free_ports())
        server.start([taken, free])
        assert server.port == free
        assert asked(server) is True
        server.stop()
        with pytest.raises(PerfstudyError, match=said):
            server.start([taken])

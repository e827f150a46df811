"""Redis without a pool: the same replies and errors as redis-py, whatever becomes of the connection."""

import os
import signal
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as BrokenConnection
from redis.exceptions import NoScriptError, RedisError, ResponseError
from redis.exceptions import TimeoutError as LateReply
from redis.retry import Retry

from perfstudy.lab.access import Redis as Access
from perfstudy.lab.redis import RedisServer
from perfstudy.lab.server import free_ports
from perfstudy.listing.direct_redis import DirectRedis, connect

ONCE: dict[str, Any] = {"retry": Retry(NoBackoff(), 0), "socket_timeout": 5, "socket_connect_timeout": 5}
BINARY = bytes(range(256)) * 300


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    folder = tmp_path_factory.mktemp("redis")
    folder.chmod(0o777)
    started = RedisServer(folder, Path("/tmp"))
    started.start()
    yield started
    started.stop()


@pytest.fixture
def url(server: RedisServer) -> Iterator[str]:
    url = Access.embedded(server.address()).url
    yield url
    with Redis.from_url(url) as admin:
        admin.flushall()


def replies(client: Redis) -> list[Any]:
    pipeline = client.pipeline(transaction=False)
    pipeline.set("b", BINARY, px=60_000)
    pipeline.set("b", "again", nx=True)
    pipeline.mget("a", "b")
    return [
        client.get("a"),
        client.set("a", "one", ex=60),
        client.set("a", "two", nx=True),
        client.eval("return {redis.call('get', KEYS[1]), false, 1}", 1, "a"),
        pipeline.execute(),
        client.pipeline(transaction=False).execute(),
        client.get("b"),
    ]


def test_it_replies_as_redis_py_does(url: str) -> None:
    with Redis.from_url(url) as plain:
        expected = replies(plain)
        plain.flushall()
    direct = connect(url, **ONCE)
    assert isinstance(direct, DirectRedis)
    assert replies(direct) == expected
    assert [type(reply) for reply in expected[4]] == [bool, type(None), list]


def test_an_error_of_the_server_is_redis_py_s(url: str) -> None:
    direct = connect(url, **ONCE)
    with pytest.raises(NoScriptError):
        direct.evalsha("0" * 40, 0)
    pipeline = direct.pipeline(transaction=False)
    pipeline.lpush("list", "x")
    pipeline.get("list")
    pipeline.set("a", "after")
    with pytest.raises(ResponseError, match="WRONGTYPE"):
        pipeline.execute()
    assert direct.get("a") == b"after"


@pytest.mark.parametrize("given", ["rediss://h:1/0", "unix:///tmp/none", "redis://h:1/0?health_check_interval=3"])
def test_what_it_does_not_know_is_left_to_redis_py(given: str) -> None:
    assert type(connect(given, **ONCE)) is Redis


def test_it_signs_in_and_selects_its_database(server: RedisServer, url: str) -> None:
    with Redis.from_url(url) as admin:
        admin.execute_command("ACL", "SETUSER", "someone", "on", ">secret", "~*", "+@all")
        try:
            place = f"127.0.0.1:{server.port}"
            connect(f"redis://someone:secret@{place}/3", **ONCE).set("a", "in three")
            with pytest.raises(RedisError, match="WRONGPASS"):
                connect(f"redis://someone:wrong@{place}/3", **ONCE).get("a")
            assert admin.get("a") is None
            admin.select(3)
            assert admin.get("a") == b"in three"
        finally:
            admin.select(0)
            admin.execute_command("ACL", "DELUSER", "someone")


def test_each_thread_has_a_connection_and_only_one(url: str) -> None:
    direct = connect(url, **ONCE)
    barrier = threading.Barrier(4)

    def ask(number: int) -> list[Any]:
        barrier.wait(60)
        return [
            (direct.set(f"k{number}", str(n)), direct.get(f"k{number}"), direct.execute_command("CLIENT", "ID"))[1:]
            for n in range(50)
        ]

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(ask, range(4)))
    assert [[value for value, _ in asked] for asked in found] == [[str(n).encode() for n in range(50)]] * 4
    assert [len({connection for _, connection in asked}) for asked in found] == [1] * 4
    assert len({connection for asked in found for _, connection in asked}) == 4


def test_a_child_process_does_not_share_its_parent_s(url: str) -> None:
    direct = connect(url, **ONCE)
    own = direct.execute_command("CLIENT", "ID")
    reading, writing = os.pipe()
    if not (child := os.fork()):
        os.write(writing, str(direct.execute_command("CLIENT", "ID")).encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert int(os.read(reading, 99)) != own == direct.execute_command("CLIENT", "ID")
    os.close(reading)
    os.close(writing)


def test_a_connection_that_the_server_closed_is_replaced_unnoticed(url: str) -> None:
    direct = connect(url, **ONCE)
    with Redis.from_url(url) as admin:
        assert admin.client_kill_filter(_id=str(direct.execute_command("CLIENT", "ID"))) == 1
    assert direct.set("a", "one")


def test_a_late_reply_is_never_taken_for_the_next_one(server: RedisServer, url: str) -> None:
    direct = connect(url, **(ONCE | {"socket_timeout": 0.05}))
    direct.set("a", "one")
    assert server.process
    os.kill(server.process.pid, signal.SIGSTOP)
    try:
        with pytest.raises(LateReply):
            direct.get("a")
    finally:
        os.kill(server.process.pid, signal.SIGCONT)
    assert connect(url, **ONCE).get("b") is None
    patient = direct.connection_pool.connection_kwargs
    patient["socket_timeout"] = 5
    assert direct.get("b") is None


def test_a_command_is_sent_once_though_its_connection_breaks() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        direct = connect(f"redis://127.0.0.1:{listener.getsockname()[1]}/0", **ONCE)
        accepted: list[bytes] = []

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                accepted.append(connection.recv(999))

        thread = threading.Thread(target=serve)
        thread.start()
        with pytest.raises(BrokenConnection):
            direct.get("a")
        thread.join(60)
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()
    assert accepted == [b"*2\r\n$3\r\nGET\r\n$1\r\na\r\n"]


def test_without_a_server_it_cannot_be_reached() -> None:
    with pytest.raises(BrokenConnection, match="cannot be reached"):
        connect(f"redis://127.0.0.1:{next(free_ports())}/0", **ONCE).get("a")

"""The embedded server of Redis's protocol by itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from perfstudy.lab.access import Redis
from perfstudy.lab.configuration import REDIS
from perfstudy.lab.redis import RedisServer


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path, tmp_path)
    yield server
    server.stop()


def test_the_declared_settings_are_in_force(server: RedisServer) -> None:
    server.start()
    with Redis.embedded(server.address()).client() as client:
        found = {setting.name: client.config_get(setting.name)[setting.name] for setting in REDIS}
    assert found.pop("maxmemory") == str(512 * 1024**2)
    assert found == {setting.name: setting.value for setting in REDIS if setting.name != "maxmemory"}


def test_nobody_gets_in_without_the_password(server: RedisServer) -> None:
    server.start()
    with redis.Redis(port=server.port, retry=None) as client, pytest.raises(redis.AuthenticationError):
        client.ping()


def test_it_keeps_no_file_but_its_log(server: RedisServer, tmp_path: Path) -> None:
    server.start()
    with Redis.embedded(server.address()).client() as client:
        client.set("key", "value")
    server.stop()
    assert [path.name for path in tmp_path.iterdir()] == ["redis.log"]

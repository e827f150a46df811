"""A cache that is killed, frozen, full, emptied or poisoned: with the breaker nobody notices but by the clock."""

import json
import os
import signal
from pathlib import Path

import pytest
import redis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perfstudy.drivers.http import Client
from perfstudy.lab import processes
from perfstudy.lab.access import Redis
from perfstudy.lab.redis import RedisServer
from perfstudy.listing.requests import listing
from perfstudy.listing.variant import parse

from . import programs

BREAKER = "index+related+values+connections+gunicorn+cache+invalidate+single_flight+ttl+warm+breaker+etag"
WITHOUT = BREAKER.replace("breaker+", "")
TARGET = listing(all="true", program_status="ALL")
HANGING = 60
"""Seconds that only a request which waits for Redis without bound would take."""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A Redis server of our own."""
    folder = tmp_path_factory.mktemp("redis")
    folder.chmod(0o777)
    started = RedisServer(folder, Path("/tmp"))
    started.start()
    yield started
    started.stop()


@pytest.fixture(autouse=True)
def healthy(server):
    """Each test finds the server up, awake, empty and with room."""
    if server.process is None:
        server.start([server.port])
    access = place(server)
    with access.client() as admin:
        admin.config_set("maxmemory-policy", "allkeys-lru")
        admin.config_set("maxmemory", "64mb")
        admin.flushall()
    return access


def place(server):
    return Redis.embedded(server.address())


@pytest.fixture(scope="module")
def outside_of(lab, databases, server):
    """A function that serves a variant that keeps its answers in our server."""
    from contextlib import ExitStack

    with ExitStack() as stack:
        started = {}

        def serve(name):
            if name not in started:
                # The server keeps its password and its port whenever it is started again.
                started[name] = stack.enter_context(lab.serve(parse(name), databases[True], redis=place(server)))
            return started[name]

        yield serve


@pytest.fixture
def asked(outside_of, request):
    """A client of the service with the breaker, or of the variant that a test names; its answer is cached."""
    service = outside_of(getattr(request, "param", BREAKER))
    with Client(service.url, service.token(programs.TENANT), timeout=HANGING) as client:
        assert processes.wait_until(lambda: client.get(TARGET).cache == "HIT", 60, 0.05)
        yield client


def told(answer):
    """What the answer says, but for where it comes from."""
    assert answer.status == 200
    return json.loads(answer.body) | {"from_cache": None}


def killed(server):
    server.stop()


def frozen(server):
    os.kill(server.process.pid, signal.SIGSTOP)


def thawed(server):
    os.kill(server.process.pid, signal.SIGCONT)


def again(server):
    server.start([server.port])


faults = pytest.mark.parametrize(("fault", "cure"), [(killed, again), (frozen, thawed)], ids=["killed", "frozen"])


@faults
def test_with_the_breaker_no_request_fails_and_recovery_is_noticed(server, asked, fault, cure):
    before = told(asked.get(TARGET))
    fault(server)
    try:
        during = [asked.get(TARGET) for _ in range(30)]
        write = asked.send("PATCH", "/api/programs/nobody's", b'{"budget": 1}')
    finally:
        cure(server)
    assert [told(answer) for answer in during] == [before] * 30
    assert {answer.cache for answer in during} == {"MISS"}
    assert write.status == 404
    assert processes.wait_until(lambda: asked.get(TARGET).cache == "HIT", HANGING, 0.02)


@faults
def test_while_redis_is_down_nothing_is_written(server, asked, fault, cure):
    name = told(asked.get(TARGET))["programs"][0]["program_id"]
    address = f"/api/programs/{name}".replace("é", "%C3%A9")
    before = told(asked.get(TARGET))
    fault(server)
    try:
        answer = asked.send("PATCH", address, b'{"custom_name": "while down"}')
        during = told(asked.get(TARGET))
    finally:
        cure(server)
    assert (answer.status, answer.headers["retry-after"]) == (503, "1")
    assert during == before


@faults
@pytest.mark.parametrize("asked", [WITHOUT], indirect=True, ids=["without"])
def test_without_the_breaker_it_is_a_503(server, asked, fault, cure):
    fault(server)
    try:
        answers = [asked.get(TARGET) for _ in range(2)]
    finally:
        cure(server)
    for answer in answers:
        assert (answer.status, answer.headers["retry-after"]) == (503, "1")
        assert json.loads(answer.body)["server"] == "Redis"
    assert processes.wait_until(lambda: asked.get(TARGET).status == 200, HANGING, 0.02)


def test_a_full_redis_is_as_good_as_none(asked, healthy):
    before = told(asked.get(TARGET))
    with healthy.client() as admin:
        admin.flushall()
        admin.config_set("maxmemory-policy", "noeviction")
        admin.config_set("maxmemory", "1mb")
        for number in range(64):
            try:
                admin.set(f"ballast:{number}", b"x" * 65_536)
            except redis.exceptions.OutOfMemoryError:
                break
        else:
            pytest.fail("the server has no bound")
        during = [asked.get(listing(all="true", program_status="ALL")) for _ in range(20)]
        assert [told(answer) for answer in during] == [before] * 20
        admin.flushall()
        admin.config_set("maxmemory", "64mb")
    assert processes.wait_until(lambda: asked.get(TARGET).cache == "HIT", HANGING, 0.02)


def test_a_redis_that_comes_back_empty_is_filled_again(server, asked):
    before = told(asked.get(TARGET))
    server.stop()
    server.start([server.port])
    answers = [asked.get(TARGET) for _ in range(5)]
    assert [told(answer) for answer in answers] == [before] * 5
    assert processes.wait_until(lambda: asked.get(TARGET).cache == "HIT", HANGING, 0.02)


def keys(admin, kind):
    return list(admin.scan_iter(match=f"*:{kind}:*"))


@settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_poisoned_or_truncated_entry_is_a_miss(asked, healthy, data):
    before = told(asked.get(TARGET))
    with healthy.client() as admin:
        assert processes.wait_until(lambda: asked.get(TARGET).cache == "HIT" and bool(keys(admin, "entry")), 60)
        for key in keys(admin, "entry"):
            entry = admin.get(key)
            cut = data.draw(st.integers(0, len(entry) - 1))
            head = entry[: entry.index(b"\n") + 1]
            poison = data.draw(
                st.sampled_from(
                    [
                        entry[:cut],
                        entry[:cut] + b"\xff" + entry[cut + 1 :],
                        head + b'{"programs":' * 40_000,
                        head + b'{"programs":["\\ud800"],"total_count":0,"offset":0,"limit":1,"from_cache":true}',
                        head + b"cos\nsystem\n(S'exit 1'\ntR.",
                    ]
                )
                | st.binary(max_size=60)
            )
            admin.set(key, poison)
        answer = asked.get(TARGET)
        assert (answer.cache, told(answer)) == ("MISS", before)


@settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))
@given(poison=st.binary(max_size=30) | st.sampled_from([b"closed", b"a\r\nSet-Cookie: b", b'"' * 16, b"\xff" * 16]))
def test_a_poisoned_mark_is_no_error(asked, healthy, poison):
    with healthy.client() as admin:
        for key in keys(admin, "version"):
            admin.set(key, poison)
        before = told(asked.get(listing(limit=5)))
        answer = asked.get(listing(limit=5), **{"If-None-Match": 'W/"x"'})
        assert told(answer) == before
        assert "set-cookie" not in answer.headers
        admin.flushall()

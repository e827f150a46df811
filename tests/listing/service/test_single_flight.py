"""One computation for any number of readers that miss, and none that waits for an entry's expiry or a dead holder."""

import json
import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from http.client import HTTPException
from pathlib import Path
from time import time

import psutil
import pytest

from perfstudy.drivers.http import Client
from perfstudy.evidence.statements import read_statements
from perfstudy.lab import processes
from perfstudy.listing.contract import Query
from perfstudy.listing.optimizations.cache import key
from perfstudy.listing.requests import listing
from perfstudy.listing.variant import parse
from perfstudy.listing.versioned_cache import VersionedCache

from . import programs

GUARDED = "index+related+values+connections+cache+invalidate+single_flight"
TARGET = listing(all="true", program_status="ALL")
QUERY = Query(tenant=programs.TENANT, status="ALL", everything=True)


@pytest.fixture(
    params=["", "+gunicorn", "+gunicorn+granian", "+gunicorn+one_trip"],
    ids=["development", "gunicorn", "granian", "one_trip"],
)
def served(request, lab, databases, tmp_path):
    """A service with a cold cache of its own, and its statement log."""
    with lab.serve(
        parse(GUARDED + request.param), databases[True], statement_log=tmp_path / "log", key_prefix="flight"
    ) as service:
        yield service, tmp_path / "log"
    lab.clear_cache("flight")


def at_once(service, clients, target=TARGET):
    """Let *clients* ask at the same moment, and return their answers."""
    barrier = threading.Barrier(clients)

    def ask(number, client):
        barrier.wait(60)
        return client.get(target, **{"X-Request-Id": f"r{number}"})

    with ExitStack() as stack, ThreadPoolExecutor(clients) as pool:
        connected = [stack.enter_context(Client(service.url, service.token(programs.TENANT))) for _ in range(clients)]
        for client in connected:  # one after the other: the development server queues no more than ten
            assert client.get("/api/noop").status == 200
        return list(pool.map(ask, range(clients), connected))


def computations(log: Path, clients: int) -> int:
    """How many of the requests sent a statement."""
    return sum(bool(read_statements(log, f"r{number}")) for number in range(clients)) if log.exists() else 0


def test_two_hundred_readers_of_a_cold_key_make_one_computation(served):
    service, log = served
    answers = at_once(service, 200)
    assert {answer.status for answer in answers} == {200}
    assert sum(not json.loads(answer.body)["from_cache"] for answer in answers) == 1
    assert [answer.cache for answer in answers].count("MISS") == 1
    assert computations(log, 200) == 1


def versioned(lab, redis):
    return VersionedCache(redis, f"{lab.key_prefix}:flight:yelp_ads:", lab.secret.encode())


def test_a_holder_that_died_holds_no_request_up_for_longer_than_its_lease(served, lab):
    service, log = served
    with lab.redis.client() as redis:
        shared = versioned(lab, redis)
        version = shared.get(programs.TENANT, key(QUERY)).version
        # A process took the lock, and was killed before the entry was cached.
        assert shared.lock(programs.TENANT, version, key(QUERY), 0.5)[0]
    answers = at_once(service, 12)
    assert {answer.status for answer in answers} == {200}
    assert computations(log, 12) == 1


@pytest.mark.parametrize("server", ["+gunicorn", "+gunicorn+granian"])
def test_a_worker_that_is_killed_in_the_middle_leaves_the_others_to_compute(lab, databases, tmp_path, server):
    import psycopg

    with (
        lab.serve(parse(GUARDED + server), databases[True], key_prefix="flight") as service,
        psycopg.connect(databases[True].url) as blocker,
        ThreadPoolExecutor(4) as pool,
    ):
        blocker.execute("LOCK TABLE ads_programregistry IN ACCESS EXCLUSIVE MODE")
        asked = pool.submit(fetched, service)
        with lab.redis.client() as redis:
            taken = f"{lab.key_prefix}:flight:yelp_ads:lock:*"
            assert processes.wait_until(lambda: any(redis.scan_iter(match=taken)), 60)
        # The one that holds the lock waits for PostgreSQL; both workers are killed, whichever it is.
        for worker in psutil.Process(service.pid).children():
            os.kill(worker.pid, signal.SIGKILL)
        assert asked.result() is None
        blocker.rollback()
        assert processes.wait_until(lambda: fetched(service) == 200, 60)
    lab.clear_cache("flight")


def fetched(service):
    """The status of one request, None where the connection broke."""
    from perfstudy.errors import PerfstudyError

    try:
        with Client(service.url, service.token(programs.TENANT), timeout=30) as client:
            return client.get(TARGET).status
    except (PerfstudyError, OSError, HTTPException):
        return None


def test_an_entry_near_its_expiry_is_served_and_refreshed_beside(served, lab, monkeypatch):
    service, log = served
    first = at_once(service, 1)[0]
    with lab.redis.client() as redis:
        shared = versioned(lab, redis)
        entry = shared.get(programs.TENANT, key(QUERY))
        assert entry.payload
        assert entry.version
        monkeypatch.setattr("perfstudy.listing.versioned_cache.REFRESH_FACTOR", 2)  # at once
        shared.put(entry.version, key(QUERY), entry.payload, 60)
        log.unlink()
        answers = at_once(service, 30)
        assert {answer.cache for answer in answers} == {"HIT"}
        assert {json.loads(a.body)["total_count"] for a in answers} == {json.loads(first.body)["total_count"]}
        # None of them waited for PostgreSQL; a thread of its own refreshed the entry.
        assert computations(log, 30) == 0
        assert processes.wait_until(lambda: shared.get(programs.TENANT, key(QUERY)).refresh_at > time(), 60)


def test_while_a_tenant_is_written_no_request_waits(served, lab):
    service, log = served
    with lab.redis.client() as redis, versioned(lab, redis).writing(programs.TENANT):
        answers = at_once(service, 8)
    assert [answer.cache for answer in answers] == ["MISS"] * 8
    assert computations(log, 8) == 8

"""Servers that are down, or that accept and then say nothing: 503 with a problem, soon, and never a 500."""

import json
import socket
import subprocess
import sys
from http.client import HTTPException
from signal import SIGTERM

import pytest

from perfstudy.lab import processes
from perfstudy.lab.server import free_ports
from perfstudy.listing.requests import LISTING, listing
from perfstudy.listing.variant import BASELINE

from .outside import Outside


@pytest.fixture(scope="module")
def closed():
    """A port that nobody listens on."""
    return next(free_ports())


@pytest.fixture(scope="module")
def silent():
    """A port whose listener accepts and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=50) as listener:
        yield listener.getsockname()[1]


def postgres(port):
    return {"PERFSTUDY_SERVICE_DATABASE": f"postgresql://u:p@127.0.0.1:{port}/n"}


def redis(port):
    return {"PERFSTUDY_SERVICE_REDIS": f"redis://127.0.0.1:{port}/0"}


def refused(answer, **members):
    """Check that *answer* is a 503 whose problem has *members*."""
    body = json.loads(answer.body)
    assert (answer.status, body["status"]) == (503, 503), body
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["retry-after"] == "1"
    assert {name: body[name] for name in members} == members


@pytest.mark.parametrize("variant", ["baseline", "related+values", "connections", "cache"])
def test_a_listing_needs_postgresql(lab, inside, closed, variant):
    lab.clear_cache()
    refused(inside(variant, **postgres(closed)).get(LISTING), server="PostgreSQL")


@pytest.mark.parametrize("port", ["closed", "silent"])
def test_a_cached_listing_needs_redis(inside, request, port):
    refused(inside("cache", **redis(request.getfixturevalue(port))).get(LISTING), server="Redis")


def test_without_the_cache_redis_is_not_needed(inside, closed):
    assert inside("baseline", **redis(closed)).get(LISTING).status == 200


@pytest.mark.parametrize("port", ["closed", "silent"])
@pytest.mark.parametrize(
    ("down", "states"),
    [
        ((postgres,), {"database": "down", "cache": "ok"}),
        ((redis,), {"database": "ok", "cache": "down"}),
        ((postgres, redis), {"database": "down", "cache": "down"}),
    ],
    ids=["database", "cache", "both"],
)
def test_the_health_check_says_which_server_is_down(inside, request, port, down, states):
    changed = {}
    for server in down:
        changed |= server(request.getfixturevalue(port))
    refused(inside("baseline", **changed).get("/api/health", tenant=None), **states)


@pytest.mark.parametrize("address", ["/api/noop", "/api/openapi.json"])
def test_what_needs_no_server_answers_without_one(inside, closed, address):
    assert inside("all", **postgres(closed), **redis(closed)).get(address).status == 200


@pytest.mark.parametrize("variant", ["baseline", "bypass"])
def test_a_database_without_tables_answers_and_is_a_failure(inside, lab, variant):
    answer = inside(variant, PERFSTUDY_SERVICE_DATABASE=lab.postgres.url("postgres")).get(LISTING)
    assert (answer.status, json.loads(answer.body)["status"]) == (500, 500)
    assert "retry-after" not in answer.headers


def test_a_connection_that_broke_heals_with_the_next_request(inside, databases):
    import psycopg

    service = inside("connections", PERFSTUDY_SERVICE_DATABASE=databases[False].url + "?application_name=to-be-broken")
    assert service.get(LISTING).status == 200
    with psycopg.connect(databases[False].url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'to-be-broken'"
        )
    refused(service.get(listing(limit=1)), server="PostgreSQL")
    assert service.get(listing(limit=1)).status == 200


def test_the_service_starts_before_its_servers(lab, closed, tmp_path):
    port = next(free_ports())
    command = [sys.executable, "-m", "perfstudy.listing.service", "runserver", f"127.0.0.1:{port}", "--noreload"]
    settings = lab.build_environment("", BASELINE) | postgres(closed) | redis(closed)
    process = processes.spawn(
        command,
        death=SIGTERM,
        env=processes.build_environment(**settings),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    service = Outside(f"http://127.0.0.1:{port}", lab.secret)

    def answers():
        try:
            return service.get("/api/noop").status == 200
        except (OSError, HTTPException):
            return False

    try:
        assert processes.wait_until(answers, 60, 0.02)
        refused(service.get(LISTING), server="PostgreSQL")
        refused(service.get("/api/health"), database="down", cache="down")
    finally:
        processes.end_group(process)

"""The HTTP contract, over HTTP: as the plainest variant and as the fullest one."""

import json
import socket
import time
from contextlib import ExitStack
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from perfstudy.listing.requests import LISTING
from perfstudy.listing.service.body_drain import BOUND
from perfstudy.listing.tokens import issue

from . import programs

PLAIN, FULL = "baseline", "index+related+values+connections+gunicorn+cache"
ADDRESSES = (LISTING, "/api/noop", "/api/health", "/api/openapi.json")


@pytest.fixture(scope="module", params=[PLAIN, FULL, f"{FULL}+granian"])
def service(request, outside):
    return outside(request.param)


def problem(answer, status):
    """The body of *answer*, which is a problem with *status*."""
    assert answer.status == status
    assert answer.headers["content-type"] == "application/problem+json"
    body = json.loads(answer.body)
    assert body["status"] == status
    assert body.keys() >= {"type", "title", "status", "detail"}
    return body


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Basic YWdlbmN5OnNlc2FtZQ==",
        "Bearer x",
        "Bearer a:b:c",
        "Bearer \xff\xfe",
        f"Bearer {issue(programs.TENANT, 'another secret')}",
        f"Bearer {issue(programs.TENANT, 'another secret').split(':')[0]}:",
    ],
)
def test_only_a_signed_token_gets_in(service, header):
    given = {} if header is None else {"Authorization": header}
    answer = service.get(LISTING, tenant=None, **given)
    problem(answer, 401)
    assert answer.headers["www-authenticate"].startswith('Bearer realm="perfstudy"')


def test_a_token_with_another_tenant_under_the_same_signature_does_not_get_in(service):
    mine, theirs = (issue(tenant, service.secret) for tenant in (programs.TENANT, programs.OTHER))
    forged = f"{theirs.split(':')[0]}:{mine.split(':')[1]}"
    answer = service.get(LISTING, tenant=None, Authorization=f"Bearer {forged}")
    problem(answer, 401)
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


def test_the_scheme_is_read_in_any_case(service):
    assert service.get(LISTING, tenant=None, Authorization=f"bEARER {issue('t', service.secret)}").status == 200


@pytest.mark.parametrize(
    "address", ["/assets/", "/api", "/api/programs/", "/api/programs/1/2", "/admin", "/%ff", "/api/%00"]
)
def test_elsewhere_there_is_nothing(service, address):
    assert "/api/openapi.json" in problem(service.get(address), 404)["detail"]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_other_methods_are_refused(service, address, method):
    answer = service.get(address, method=method)
    assert method in problem(answer, 405)["detail"]
    assert answer.headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize("target", [*ADDRESSES, f"{LISTING}?limit=0", "/nowhere"])
def test_head_is_get_without_the_body(service, target):
    get, head = (service.get(target, method=method, X_Request_Id="same") for method in ("GET", "HEAD"))
    assert head.status == get.status
    assert head.body == b""
    passing = ("date", "server-timing", "x-cache", "content-length")
    assert {k: v for k, v in head.headers.items() if k not in passing} == {
        k: v for k, v in get.headers.items() if k not in passing
    }
    # A hit says "true" where the miss before it said "false", one byte more.
    assert abs(int(head.headers["content-length"]) - len(get.body)) <= ("x-cache" in get.headers)


@pytest.mark.parametrize("target", [*ADDRESSES, "/nowhere", f"{LISTING}?x=1"])
def test_every_answer_has_the_common_headers(service, target):
    answer = service.get(target)
    assert int(answer.headers["content-length"]) == len(answer.body)
    assert answer.headers["cache-control"] == "private"
    assert list(answer.server_timing) == ["connect", "db", "serialize", "total"]
    timing = answer.server_timing
    assert timing["total"] >= timing["connect"] + timing["db"] + timing["serialize"]


def test_a_listing_spends_time_on_all_of_it(service):
    timing = service.get(f"{LISTING}?program_status=ALL&limit=9").server_timing
    assert timing["db"] > 0
    assert timing["serialize"] > 0


@pytest.mark.parametrize("given", ["a", "x" * 64, "0-_Z"])
def test_a_sane_request_id_is_echoed(service, given):
    assert service.get("/api/noop", X_Request_Id=given).headers["x-request-id"] == given


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", "a;b", "é", 'a"'])
def test_any_other_request_id_is_replaced(service, given):
    one, other = (service.get("/api/noop", X_Request_Id=given).headers["x-request-id"] for _ in range(2))
    assert len(one) == 32
    assert given not in (one, other)
    assert one != other


def test_the_noop_answers_with_nothing(service):
    answer = service.get("/api/noop", tenant=None)
    assert (answer.status, answer.body) == (200, b"{}")


def test_the_health_check_looks_at_both_servers(service):
    answer = service.get("/api/health", tenant=None)
    assert (answer.status, json.loads(answer.body)) == (200, {"status": "ok", "database": "ok", "cache": "ok"})


def test_a_bad_parameter_is_a_problem_over_http_too(service):
    body = problem(service.get(f"{LISTING}?limit=%00%F0%9F%8E%AF"), 400)
    assert (body["parameter"], body["value"]) == ("limit", "\0\U0001f3af")


def test_authentication_comes_before_the_parameters(service):
    problem(service.get(f"{LISTING}?limit=x", tenant=None), 401)


def asked(connection, method, body=b"", **headers):
    """What *connection* answers where the body comes in a second write, as most clients send it."""
    connection.putrequest(method, "/api/noop")
    for name, value in {**headers, **({"Content-Length": str(len(body))} if body else {})}.items():
        connection.putheader(name.replace("_", "-"), value)
    connection.endheaders()
    if body:
        time.sleep(0.005)  # so that the head is there alone, as it is where a client reads its body from a file
        connection.send(body)
    response = connection.getresponse()
    return response, response.read()


@pytest.fixture
def kept(service):
    parts = urlsplit(service.url)
    connection = HTTPConnection(parts.hostname, parts.port, timeout=60)
    connection.connect()
    yield connection
    connection.close()


@pytest.mark.parametrize("size", [1, 1000, 8000, BOUND])
def test_a_kept_connection_survives_refused_bodies_and_heads(kept, size):
    own = kept.sock
    for _ in range(10):
        for method, body, status in (("POST", b"x" * size, 405), ("HEAD", b"", 200), ("GET", b"", 200)):
            response, found = asked(kept, method, body)
            assert (response.status, found[:2]) == (status, {"POST": b'{"', "HEAD": b""}.get(method, b"{}"))
            assert response.headers.get("Connection", "keep-alive").lower() != "close"
    assert kept.sock is own


@pytest.mark.parametrize("size", [BOUND + 1, 200_000])
def test_a_connection_that_a_body_ends_is_told_so(service, size):
    parts = urlsplit(service.url)
    for _ in range(5):
        connection = HTTPConnection(parts.hostname, parts.port, timeout=60)
        try:
            response, found = asked(connection, "POST", b"x" * size)
            assert (response.status, found[:2]) == (405, b'{"')
            assert response.headers["Connection"].lower() == "close"
        finally:
            connection.close()


def test_no_header_moves_the_path(kept):
    for name in ("SCRIPT_NAME", "PATH_INFO", "Script-Name"):
        for value in ("/api", "/elsewhere", "/api/noop"):
            kept.putrequest("GET", "/api/noop")
            kept.putheader(name, value)
            kept.endheaders()
            response = kept.getresponse()
            assert (response.status, response.read()) == (200, b"{}")


@pytest.mark.parametrize("name", ["gunicorn+granian"])
def test_heads_that_never_end_hold_nobody_up(outside, name):
    service = outside(name)
    parts = urlsplit(service.url)
    with ExitStack() as stack:
        for _ in range(10):
            stalled = stack.enter_context(socket.create_connection((parts.hostname, parts.port), timeout=60))
            stalled.sendall(b"GET /api/noop HTTP/1.1\r\nHost: a\r\nX-Slow: ")
        for _ in range(6):  # a connection each, so that both workers get some
            assert service.get("/api/noop", tenant=None).status == 200
        while stalled.recv(1000):  # until the deadline closes it
            pass


@pytest.mark.parametrize("name", ["gunicorn+granian", "gunicorn+threads"])
@pytest.mark.parametrize("sent", [b"", b"x"], ids=["nothing", "a part"])
def test_bodies_that_never_end_leave_threads_for_others(outside, name, sent):
    service = outside(name)
    parts = urlsplit(service.url)
    with ExitStack() as stack:
        for _ in range(20):
            stalled = stack.enter_context(socket.create_connection((parts.hostname, parts.port), timeout=60))
            stalled.sendall(b"POST /api/noop HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n" + sent)
        for _ in range(12):  # a connection each, so that both workers get some
            assert service.get("/api/noop", tenant=None).status == 200
            assert service.get(LISTING).status == 200


def test_a_header_of_any_size_is_not_taken(service):
    assert service.get(LISTING, tenant=None, Authorization=f"Bearer {'a' * 380_000}").status in (400, 431)


def test_the_same_request_gets_the_same_bytes(service):
    service.get(f"{LISTING}?program_status=ALL")
    one, other = (service.get(f"{LISTING}?program_status=ALL").body for _ in range(2))
    assert one == other

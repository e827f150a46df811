"""A reference that answers errors, or a login page, is no reference."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from perfstudy.drivers.http import Client, Exchange
from perfstudy.errors import PerfstudyError, UsageError
from perfstudy.evidence.reference_answers import check_reference

JSON = {"Content-Type": "application/json; charset=utf-8"}
HTML = {"Content-Type": "text/html"}
ANSWERS = {
    "/one": (200, JSON, b"[1]"),
    "/two": (200, {"Content-Type": "application/hal+json"}, b"{}"),
    "/page": (200, HTML, b"<!-- busy -->\n<!DOCTYPE html><p>Sorry"),
    "/text": (200, {"Content-Type": "text/plain"}, b"<p>"),
    "/broken": (500, {}, b""),
    "/gone": (404, JSON, b"{}"),
    "/forbidden": (403, JSON, b"{}"),
    "/unauthorized": (401, {}, b""),
    "/mine": (302, {"Location": "/accounts/login/?next=/mine&state=secret"}, b""),
    "/hosted": (307, {"Location": "https://me:pass@auth.example.com/start?token=secret"}, b""),
    "/slash": (301, {"Location": "/slash/"}, b""),
    "/authors": (302, {"Location": "/blog-insights/authors/"}, b""),
}


class Handler(BaseHTTPRequestHandler):
    """Answers as :data:`ANSWERS` says."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer."""
        status, headers, body = ANSWERS[self.path]
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """Return a client of a service that answers as :data:`ANSWERS` says."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        with Client(f"http://127.0.0.1:{server.server_port}") as client:
            yield client
        server.shutdown()


def ask(client: Client, *targets: str) -> dict[str, Exchange]:
    """Return the answers to *targets*."""
    return {f"GET {target}": client.get(target) for target in targets}


@pytest.mark.parametrize(
    ("target", "error", "said"),
    [
        ("/broken", PerfstudyError, "GET /broken is answered 500 by the reference: a broken reference proves nothing"),
        ("/gone", PerfstudyError, "GET /gone is answered 404 by the reference: a broken reference proves nothing"),
        ("/forbidden", UsageError, "GET /forbidden is answered 403 by the reference: it needs a login"),
        ("/unauthorized", UsageError, "GET /unauthorized is answered 401 by the reference: it needs a login"),
        ("/mine", UsageError, "GET /mine is sent to the login page /accounts/login/ by the reference (302)"),
        ("/hosted", UsageError, "GET /hosted is sent to the login page https://auth.example.com/start by the"),
    ],
)
def test_a_request_that_proves_nothing_is_named(
    client: Client, target: str, error: type[PerfstudyError], said: str
) -> None:
    with pytest.raises(PerfstudyError) as raised:
        check_reference(ask(client, "/one", target))
    assert type(raised.value) is error
    assert str(raised.value).startswith(said)
    assert "secret" not in str(raised.value)


def test_a_drawn_request_may_be_refused_and_never_broken(client: Client) -> None:
    answers = ask(client, "/gone", "/broken", "/forbidden")
    assert check_reference({"GET /gone": answers["GET /gone"]}, may_refuse=answers) == []
    for request in ("GET /broken", "GET /forbidden"):
        with pytest.raises(PerfstudyError):
            check_reference({request: answers[request]}, may_refuse=answers)


def test_a_page_among_documents_and_a_redirect_are_warned_of(client: Client) -> None:
    assert check_reference(ask(client, "/one", "/two", "/page")) == [
        "GET /page is answered 200 with an HTML page, and 2 of 3 answers are JSON: is it an error page?"
    ]
    assert check_reference(ask(client, "/one", "/page", "/text")) == []
    assert check_reference(ask(client, "/slash", "/authors")) == [
        "GET /slash is sent to /slash/ (301): what is measured is the redirect",
        "GET /authors is sent to /blog-insights/authors/ (302): what is measured is the redirect",
    ]

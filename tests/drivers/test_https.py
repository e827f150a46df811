"""A service over TLS: asked like any other, where its certificate can be verified."""

import ssl
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import trustme

from perfstudy.drivers.http import Client
from perfstudy.errors import PerfstudyError


class Answering(BaseHTTPRequestHandler):
    """Answers with the method, the path and the body."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        said = f"{self.command} {self.path} ".encode() + body
        self.send_response(200)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    do_GET = do_POST  # noqa: N815 - as http.server calls it

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def url(authority: trustme.CA) -> Iterator[str]:
    """The URL of a server whose certificate *authority* has signed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield f"https://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join(20)


def test_a_verified_service_is_asked_on_one_connection(
    url: str, authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(trusted))
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    with Client(f"{url}/api") as client:
        assert client.get("/orders?page=2").body == b"GET /api/orders?page=2 "
        assert client.send("POST", "/orders", b"one").body == b"POST /api/orders one"


def test_a_service_that_cannot_be_verified_is_not_asked(url: str) -> None:
    with Client(url) as client, pytest.raises(PerfstudyError) as raised:
        client.get("/")
    assert "CERTIFICATE_VERIFY_FAILED" in str(raised.value)
    assert "\n" not in str(raised.value)

"""The client sees what an ordinary one sees: one write for a request, and acknowledgements as the kernel likes."""

import re
import socket
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Queue
from threading import Thread

import pytest

from perfstudy.drivers.http import Client
from perfstudy.errors import PerfstudyError, UsageError
from perfstudy.listing.definition import DEVELOPMENT_SERVER, SERVICE
from perfstudy.listing.lab import Database, Lab
from perfstudy.listing.optimizations import ALL
from perfstudy.listing.variant import BASELINE, parse

DATA_SEGMENTS_IN = 152
"""Where tcp_info of linux/tcp.h keeps the number of segments with data that came in."""
linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells how its TCP went")


@contextmanager
def serving() -> Iterator[tuple[str, "Queue[tuple[bytes, int]]"]]:
    """Serve one connection: its URL, and of each request the bytes and the segments that came till then."""
    seen: Queue[tuple[bytes, int]] = Queue()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=answer, args=(listener, seen), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", seen
    thread.join(60)


def answer(listener: socket.socket, seen: "Queue[tuple[bytes, int]]") -> None:
    """Answer every request of one connection."""
    connection, _ = listener.accept()
    with connection:
        while request := whole(connection):
            info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
            seen.put((request, struct.unpack_from("I", info, DATA_SEGMENTS_IN)[0]))
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


def whole(connection: socket.socket) -> bytes:
    """Read a request with its body, empty where none comes any more."""
    request = b""
    while b"\r\n\r\n" not in request:
        if not (piece := connection.recv(1 << 16)):
            return b""
        request += piece
    head, _, body = request.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.split(b"\r\n") if line.startswith(b"Content-Length:")), 0)
    while len(body) < length:
        body += connection.recv(1 << 16)
    return head + b"\r\n\r\n" + body


@linux
def test_a_request_is_one_write_whatever_its_body() -> None:
    with serving() as (url, seen), Client(url, "token") as client:
        before = 0
        for method, body in (("GET", None), ("POST", b""), ("POST", b"a"), ("PUT", b"b" * 1000), ("GET", None)):
            assert client.send(method, "/", body).body == b"ok"
            request, segments = seen.get(timeout=60)
            assert request.startswith(method.encode() + b" / HTTP/1.1\r\n")
            assert request.endswith(b"\r\n\r\n" + (body or b""))
            assert b"Authorization: Bearer token\r\n" in request
            assert segments == before + 1, f"{method} with {body!r:.20} came in {segments - before} segments"
            before = segments


@linux
def test_an_ordinary_client_lets_the_kernel_delay_its_acknowledgements() -> None:
    """The kernel's own state says so, once it has seen that requests follow answers."""
    with serving() as (url, _), Client(url) as client:
        assert any(exchanged(client) == 0 for _ in range(200))
    with serving() as (url, _), Client(url, acknowledge_at_once=True) as client:
        assert all(exchanged(client) == 1 for _ in range(200))


def exchanged(client: Client) -> int:
    """Ask once, and return whether the kernel is then about to acknowledge at once."""
    client.get("/")
    return client._connection.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK)


def test_only_the_development_server_is_acknowledged_at_once() -> None:
    assert SERVICE.two_writes == (SERVICE.command,) == (DEVELOPMENT_SERVER,)
    served = [optimization for optimization in ALL if optimization.server]
    assert served
    assert not {optimization.server for optimization in served} & set(SERVICE.two_writes)


def test_a_service_hands_that_to_its_clients(lab: Lab, tiny: Database) -> None:
    for variant in (BASELINE, parse("gunicorn")):
        with lab.serve(variant, tiny) as service, service.client(tiny.facts.tenant) as client:
            assert client.get("/api/noop").status == 200
            assert client.acknowledges_at_once == service.acknowledge_at_once == (variant == BASELINE)


def test_a_connection_that_broke_is_made_anew() -> None:
    with serving() as (url, seen), Client(url) as client:
        client.get("/")
        seen.get(timeout=60)
        client._connection.sock.shutdown(socket.SHUT_RDWR)
        with pytest.raises(PerfstudyError, match="did not answer /again"):
            client.get("/again")


@pytest.mark.parametrize("url", ["https://", "https://h:abc", "https://a b/"])
def test_a_secure_url_that_is_none_is_named_as_it_was_given(url: str) -> None:
    with pytest.raises(UsageError, match=f"^{re.escape(repr(url))} is not .* https://HOST:PORT$"):
        Client(url)

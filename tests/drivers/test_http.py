"""The client sees what an ordinary one sees: one write for a request, and acknowledgements as the kernel likes."""

import re
import socket
import struct
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from queue import Queue
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Event, Thread

import pytest

from perfstudy.drivers.http import Client, parse_address
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


OK = b"HTTP/1.1 200 OK\r\n"
KEPT = (
    OK + b"Content-Length: 2\r\nX-A: \t b: c \r\nx-a: last\r\n\r\nok",
    OK + b"content-length:2\r\nConnection: Keep-Alive\r\nX-Empty:\r\n\r\nok",
    b"HTTP/1.1 204\r\nContent-Length: 9\r\n\r\n",
    b'HTTP/1.1 304 Not Modified\r\nETag: "\xe9"\r\nContent-Length: 9\r\n\r\n',
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 503 No\r\nContent-Length: 1\r\n\r\nx",
    OK + b"Transfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\nA\r\n0123456789\r\n0\r\nA: 1\r\n\r\n",
    OK + b"Content-Length: 2\r\nX-Folded: a\r\n\tb\r\n\r\nok",
    OK + b"Content-Length: 2\n\nok",
    OK + b"Content-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
)
ENDED = (
    OK + b"Content-Length: 2\r\nConnection: close\r\n\r\nok",
    OK + b"\r\nto the end",
    b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
    OK + b"Content-Length: -1\r\n\r\nok",
    OK + b"Content-Length: 9\r\n\r\n1234",
    OK + b"Transfer-Encoding: chunked\r\n\r\n4\r\nfo",
    OK + b"Transfer-Encoding: chunked\r\n\r\nno size\r\n",
    OK + b"A: " + b"a" * 70_000 + b"\r\n\r\n",
    *(b"", b"HTTP/1.1", b"HTTP/1.1 2x0 OK\r\n\r\n", b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 99999 OK\r\n\r\n"),
)


@pytest.mark.parametrize("piece", [1, 7, 1 << 20])
@pytest.mark.parametrize(("data", "kept"), [*((one, True) for one in KEPT), *((one, False) for one in ENDED)])
def test_an_answer_is_read_as_by_the_standard_client(data: bytes, kept: bool, piece: int) -> None:
    with answering(data, kept, piece) as url, Client(url, timeout=20) as client:
        want = ask_standard_client(parse_address(url))
        if isinstance(want, type):
            with pytest.raises(PerfstudyError, match=f": {want.__name__}: "):
                client.get("/")
        else:
            found = [client.get("/") for _ in range(2)]
            assert [(one.status, one.headers, one.body) for one in found] == [want] * 2


@contextmanager
def answering(data: bytes, kept: bool, piece: int) -> Iterator[str]:
    """Send *data* to every request, the first 200 bytes in pieces of *piece* bytes."""

    class Handler(StreamRequestHandler):
        disable_nagle_algorithm = True

        def handle(self) -> None:
            with suppress(OSError):
                while whole(self.connection):
                    few = min(200, len(data)) if piece < 200 else 0
                    for start in range(0, few, piece):
                        self.connection.sendall(data[start : min(start + piece, few)])
                    self.connection.sendall(data[few:])
                    if not kept:
                        return

    with ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join(20)


def ask_standard_client(address: tuple[str, int]) -> tuple[int, dict[str, str], bytes] | type[Exception]:
    """Return what http.client reads: status, headers and body, or the kind of error."""
    with closing(HTTPConnection(*address, timeout=20)) as connection:
        try:
            connection.request("GET", "/")
            response = connection.getresponse()
            body = response.read()
        except (OSError, HTTPException) as error:
            return type(error)
        return response.status, {k.lower(): v.strip(" \t") for k, v in response.getheaders()}, body


@pytest.mark.parametrize("size", [0, 12_700, (1 << 18) - 60, 1 << 18, 1_700_000])
def test_the_buffer_grows_to_the_answer(size: int) -> None:
    body = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: keep-alive\r\n\r\n" % size
    with answering(head + body, True, 1 << 20) as url, Client(url) as client:
        assert [client.get("/").body == body for _ in range(3)] == [True] * 3


def test_what_follows_an_answer_is_not_the_next() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
    with answering(head + b"ok" + head + b"no", True, 1 << 20) as url, Client(url) as client:
        assert [client.get("/").body for _ in range(3)] == [b"ok"] * 3


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@contextmanager
def running(serve: Callable[[socket.socket], None]) -> Iterator[str]:
    """Run *serve* with a listening socket, whose URL is given."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=serve, args=(listener,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread.join(60)


def answer_once(listener: socket.socket, *, and_read: bool = False) -> None:
    """Answer the first request of a connection, and end it: at once, or when a second one came."""
    with listener.accept()[0] as connection:
        whole(connection)
        connection.sendall(OK)
        if and_read:
            whole(connection)


def test_a_connection_that_broke_is_made_anew() -> None:
    def serve(listener: socket.socket) -> None:
        answer_once(listener, and_read=True)
        answer_once(listener)

    with running(serve) as url, Client(url) as client:
        assert client.get("/").body == b"ok"
        with pytest.raises(PerfstudyError, match="did not answer /again"):
            client.get("/again")
        assert client.get("/").body == b"ok"


def test_a_connection_that_the_server_ended_while_it_was_idle_fails_no_request() -> None:
    """As when its keep-alive time is over: no ``Connection: close`` announced it."""
    ended = Event()

    def serve(listener: socket.socket) -> None:
        answer_once(listener)
        ended.set()
        answer_once(listener)

    with running(serve) as url, Client(url) as client:
        assert client.get("/").body == b"ok"
        assert ended.wait(60)
        assert client.get("/").body == b"ok"


def test_early_hints_are_not_the_answer() -> None:
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n"
    with answering(early + early + OK, True, 1 << 20) as url, Client(url) as client:
        assert [(one.status, one.body) for one in (client.get("/"), client.get("/"))] == [(200, b"ok")] * 2


@pytest.mark.parametrize("url", ["https://", "https://h:abc", "https://a b/"])
def test_a_secure_url_that_is_none_is_named_as_it_was_given(url: str) -> None:
    with pytest.raises(UsageError, match=f"^{re.escape(repr(url))} is not .* https://HOST:PORT$"):
        Client(url)


def test_a_server_that_closes_after_its_failure_fails_no_later_request() -> None:
    """As uvicorn does after an unhandled error: no ``Connection: close`` announces it."""

    def serve(listener: socket.socket) -> None:
        with listener.accept()[0] as connection:
            whole(connection)
            connection.sendall(OK.replace(b"200 OK", b"500 Internal Server Error"))
            whole(connection)
        answer_once(listener)

    with running(serve) as url, Client(url) as client:
        assert client.get("/").status == 500
        assert client.get("/").status == 200

"""HTTP exchanges on a persistent connection, timed until the body's last byte.

One exchange at a time is timed from the send.
"""

import gc
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from time import perf_counter_ns
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from perfstudy.errors import PerfstudyError, UsageError


@dataclass(frozen=True, slots=True)
class Exchange:
    """One answered request.

    ``nanoseconds`` is the time from the send to the end of the body.
    """

    status: int
    headers: dict[str, str]
    body: bytes
    nanoseconds: int

    @property
    def cache(self) -> str | None:
        """``HIT`` or ``MISS``, None where no cache was consulted."""
        return self.headers.get("x-cache")

    @property
    def server_timing(self) -> dict[str, float]:
        """The phases that the server reports, in milliseconds by name."""
        phases = {}
        for entry in filter(None, self.headers.get("server-timing", "").split(",")):
            name, *parameters = (part.strip() for part in entry.split(";"))
            for parameter in parameters:
                if parameter.startswith("dur="):
                    phases[name] = float(parameter[4:])
        return phases


PORTS = {"http": 80, "https": 443}
"""The port where a URL names none, by scheme."""


def parse_address(url: str, scheme: str = "http") -> tuple[str, int]:
    """Return the host and the port of the service at *url*, which has *scheme*.

    Raises:
        UsageError: *url* is no URL, or not that of a service.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or PORTS[scheme]
        (host or "").encode("idna")
    except ValueError:  # a port that does not exist, a bracket that does not close, an empty label as in a..b
        host = None
    # Not printable: surrogates, for bytes that are not UTF-8, and line breaks, which urlsplit drops.
    if not host or parts.scheme != scheme or not url.isprintable() or " " in url:
        raise UsageError(f"{url!r} is not the URL of a service: it has the form {scheme}://HOST:PORT")
    return host, port


def open_connection(url: str, timeout: float) -> tuple["OneWrite", str]:
    """Return a connection to the service at *url*, and the path above its targets.

    Raises:
        UsageError: *url* is not the URL of a service.
    """
    secure = url.startswith("https:")
    host, port = parse_address(url, "https" if secure else "http")
    connection = OneWriteTLS if secure else OneWrite
    return connection(host, port, timeout=timeout), urlsplit(url).path.rstrip("/")


class OneWrite(HTTPConnection):
    """A connection that sends head and body of a request in one write.

    So do most clients; http.client makes two writes.
    """

    _pieces: list[bytes] | None = None

    def whole(self, method: str, target: str, body: bytes | None, headers: dict[str, str]) -> None:
        """Send the request of the block in one piece."""
        pieces: list[bytes] = []
        self._pieces = pieces
        try:
            self.request(method, target, body, headers=headers)
        finally:
            self._pieces = None
        self.send(b"".join(pieces))

    def send(self, data: Any) -> None:
        """Send *data*, or buffer it until the request is complete."""
        if self._pieces is None:
            super().send(data)
        else:
            self._pieces.append(data)


class OneWriteTLS(OneWrite, HTTPSConnection):
    """The same over TLS, with the certificate verified."""


class Client:
    """A client with one connection to the service at *url*.

    It sends *token* with each request, and sees what any client sees: head and body of a request go out in one
    write, and the kernel may delay acknowledgements. With *acknowledge_at_once*, it asks the kernel not to; this is
    meant for the development server alone (:attr:`Service.client` knows), see :func:`acknowledge_at_once`.

    Raises:
        PerfstudyError: the service does not answer.
        UsageError: *url* is not the URL of a service.
    """

    def __init__(
        self, url: str, token: str | None = None, timeout: float = 120.0, *, acknowledge_at_once: bool = False
    ) -> None:
        self.url = url
        self._connection, self._below = open_connection(url, timeout)
        self.acknowledges_at_once = acknowledge_at_once
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def get(self, target: str, **headers: str) -> Exchange:
        """Request *target* and read the whole answer."""
        return self.send("GET", target, None, **headers)

    def send(self, method: str, target: str, body: bytes | None = None, **headers: str) -> Exchange:
        """Send *body* to *target* by *method*, and read the whole answer."""
        try:
            start = perf_counter_ns()
            self._connection.whole(method, self._below + target, body, self._headers | headers)
            if self.acknowledges_at_once:
                acknowledge_at_once(self._connection.sock)
            response = self._connection.getresponse()
            body = response.read()
            elapsed = perf_counter_ns() - start
        except (OSError, HTTPException) as error:
            self._connection.close()
            raise PerfstudyError(f"{self.url} did not answer {target}: {type(error).__name__}: {error}") from error
        return Exchange(response.status, {k.lower(): v for k, v in response.getheaders()}, body, elapsed)

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._connection.close()


def acknowledge_at_once(connection: socket.socket) -> None:
    """Ask the kernel not to delay its acknowledgements of the next answer.

    The development server sends head and body in two writes, with Nagle's algorithm on: a client that delays
    acknowledgements, as kernels do by default, then waits 40 ms for nothing. That is the client's doing, and
    counting it would make the baseline look slower than the service is. (RFC 1122, 4.2.3.2; tcp(7), TCP_QUICKACK.)
    With any other server it would hide a wait of every ordinary client, and is never used.
    """
    if hasattr(socket, "TCP_QUICKACK"):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)


@contextmanager
def freeze_garbage() -> Iterator[None]:
    """Exclude existing objects from garbage collection.

    Visiting those of all modules takes a tenth of a second.
    """
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


@contextmanager
def pause_garbage_collection() -> Iterator[None]:
    """Pause the garbage collector during the timed requests."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()

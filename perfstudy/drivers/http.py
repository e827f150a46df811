"""HTTP exchanges on a persistent connection, timed until the body's last byte.

One exchange at a time is timed from the send.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from perfstudy.drivers.timed_connection import TimedConnection
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


class Composer(HTTPConnection):
    """Writes requests as http.client does, and sends none."""

    def compose(self, method: str, target: str, body: bytes | None, headers: dict[str, str]) -> bytes:
        """Return the request in one piece."""
        self._pieces: list[bytes] = []
        self.request(method, target, body, headers=headers)
        self.close()  # it waits for no answer
        return b"".join(self._pieces)

    def send(self, data: Any) -> None:
        """Keep *data*, a piece of the request."""
        self._pieces.append(data)


class SecureComposer(Composer):
    """Writes those that are sent over TLS."""

    default_port = PORTS["https"]


class Client:
    """A client with one connection to the service at *url*.

    It sends *token* with each request, and sees what any client sees: head and body of a request go out in one
    write, and the kernel may delay acknowledgements. With *acknowledge_at_once*, it asks the kernel not to; this is
    meant for the development server alone (:attr:`Service.client` knows), see
    :func:`~perfstudy.drivers.timed_connection.acknowledge_at_once`.

    Raises:
        PerfstudyError: the service does not answer.
        UsageError: *url* is not the URL of a service.
    """

    def __init__(
        self, url: str, token: str | None = None, timeout: float = 120.0, *, acknowledge_at_once: bool = False
    ) -> None:
        secure = url.startswith("https:")
        host, port = parse_address(url, "https" if secure else "http")
        self.url, self._below = url, urlsplit(url).path.rstrip("/")
        self._composer = (SecureComposer if secure else Composer)(host, port)
        self.acknowledges_at_once = acknowledge_at_once
        self._connection = TimedConnection(host, port, timeout, secure=secure, acknowledge_at_once=acknowledge_at_once)
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def get(self, target: str, **headers: str) -> Exchange:
        """Request *target* and read the whole answer."""
        return self.send("GET", target, None, **headers)

    def send(self, method: str, target: str, body: bytes | None = None, **headers: str) -> Exchange:
        """Send *body* to *target* by *method*, and read the whole answer."""
        try:
            request = self._composer.compose(method, self._below + target, body, self._headers | headers)
            exchange = Exchange(*self._connection.exchange(method, request))
        except (OSError, HTTPException) as error:
            self._connection.close()
            raise PerfstudyError(f"{self.url} did not answer {target}: {type(error).__name__}: {error}") from error
        if exchange.status >= 500:  # a server may close without saying so, as uvicorn does after an unhandled error
            self._connection.close()
        return exchange

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._connection.close()


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

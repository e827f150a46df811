"""A persistent HTTP/1.1 connection, with little code between request and socket."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import cast
from urllib.parse import urlsplit

from perfstudy.drivers.http import parse_address
from perfstudy.drivers.load.answer import Answer, BrokenError
from perfstudy.drivers.timed_connection import acknowledge_at_once
from perfstudy.errors import UsageError

__all__ = ["BrokenError", "Connection", "Target", "parse_target"]

SPACE = 1 << 18
"""Bytes that are read at once."""


@dataclass(frozen=True)
class Target:
    """The target of every request: an address, and the request's bytes."""

    host: str
    port: int
    request: bytes
    acknowledge_at_once: bool = False
    """As of :class:`perfstudy.drivers.http.Client`: for the development server alone."""


def parse_target(
    url: str, path: str | None = None, token: str | None = None, *, acknowledge_at_once: bool = False
) -> Target:
    """Return the target of GET requests to *url*; *path* replaces the URL's own.

    Raises:
        UsageError: *url*, *path* or *token* cannot be sent.
    """
    host, port = parse_address(url)
    asked = path or own_path(url) or "/"
    if not asked.startswith("/") or not _is_plain(asked):
        raise UsageError(f"the path {asked!r} cannot be requested: it starts with / and has no space, as in a URL")
    if token is not None and not (token and _is_plain(token)):
        raise UsageError("the token is no bearer token: `perfstudy token TENANT` prints one")
    named = f"[{host}]" if ":" in host else host
    lines = [f"GET {asked} HTTP/1.1", f"Host: {named}:{port}", "Accept: application/json"]
    lines += [f"Authorization: Bearer {token}"] if token else []
    try:
        request = "\r\n".join([*lines, "", ""]).encode("ascii")
    except UnicodeEncodeError:
        raise UsageError(f"the host {host!r} cannot be sent: write it in ASCII, as in xn--bcher-kva.example") from None
    return Target(host, port, request, acknowledge_at_once)


def own_path(url: str) -> str:
    """Return the path and the query of *url*.

    They are empty where it has neither, or only a slash.

    Raises:
        ValueError: it is no URL; :func:`parse_address` says so in words.
    """
    parts = urlsplit(url)
    asked = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return "" if asked == "/" else asked


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isprintable() and " " not in text


Ended = Callable[[str, float], None]
"""Is called with the outcome of a request, and with the moment at which its last byte was received."""


class Connection(asyncio.BufferedProtocol):
    """A connection to the service of *target*, which carries one request at a time.

    The event loop calls it for each piece of an answer; no task or future is made for a request.
    """

    def __init__(self, target: Target, ended: Ended) -> None:
        """Make the protocol; :meth:`open` connects one."""
        self._target, self._ended = target, ended
        self._space = memoryview(bytearray(SPACE))
        self._transport: asyncio.Transport | None = None
        self._answer = Answer()
        self._asked = False
        self._usable = True

    @classmethod
    async def open(cls, target: Target, ended: Ended) -> "Connection":
        """Connect; *ended* is called at the end of each request.

        An outcome is the status of the answer, or ``broken``: the connection ended before it, or it was no answer.

        Raises:
            OSError: nothing listens there.
        """
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(lambda: cls(target, ended), target.host, target.port)
        return connection

    @property
    def usable(self) -> bool:
        """Whether it can carry another request, as far as can be seen from here."""
        return self._usable and self._transport is not None and not self._transport.is_closing()

    def send(self) -> None:
        """Send the request, in one write."""
        self._asked = True
        if self._transport is None or self._transport.is_closing():
            self._end("broken", monotonic())
            return
        self._usable, self._answer = False, Answer()
        self._transport.write(self._target.request)
        if self._target.acknowledge_at_once:
            acknowledge_at_once(self._transport.get_extra_info("socket"))

    def close(self) -> None:
        """End it at once; a request under way has no outcome."""
        self._asked = self._usable = False
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Store the transport."""
        self._transport = cast(asyncio.Transport, transport)

    def get_buffer(self, sizehint: int) -> memoryview:
        """Return the buffer to read into."""
        return self._space

    def buffer_updated(self, nbytes: int) -> None:
        """Read the received bytes.

        Bytes without a request under way make the connection unusable.
        """
        if not self._asked:
            self.close()
            return
        now = monotonic()  # before the bytes are read: that takes time of the client, not of the service
        try:
            self._answer.feed(self._space[:nbytes])
        except BrokenError:
            self._end("broken", now)
            return
        if self._answer.done:
            self._usable = self._answer.reusable
            self._end(str(self._answer.status), now)

    def connection_lost(self, exc: Exception | None) -> None:
        """End the answer; some answers end with the connection."""
        self._usable = False
        if not self._asked:
            return
        try:
            self._answer.end()
        except BrokenError:
            exc = exc or ConnectionError()
        self._end("broken" if exc else str(self._answer.status), monotonic())

    def _end(self, outcome: str, now: float) -> None:
        self._asked = False
        self._ended(outcome, now)

"""A persistent HTTP/1.1 connection, with little code between request and socket."""

import asyncio
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlsplit

from perfstudy.drivers.http import acknowledge_at_once, parse_address
from perfstudy.drivers.load.answer import Answer, BrokenError
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


class Connection(asyncio.BufferedProtocol):
    """A connection to the service of *target*."""

    def __init__(self, target: Target) -> None:
        """Make the protocol; :meth:`open` connects one."""
        self._target = target
        self._space = memoryview(bytearray(SPACE))
        self._transport: asyncio.Transport | None = None
        self._answer = Answer()
        self._told: asyncio.Future[int] | None = None
        self.usable = True
        """Whether another request can be sent."""

    @classmethod
    async def open(cls, target: Target) -> "Connection":
        """Connect.

        Raises:
            OSError: nothing listens there.
        """
        loop = asyncio.get_running_loop()
        _, wire = await loop.create_connection(lambda: cls(target), target.host, target.port)
        return wire

    @property
    def fresh(self) -> bool:
        """Whether the server has not closed it in the meantime."""
        return self.usable and self._transport is not None and not self._transport.is_closing()

    async def get(self) -> int:
        """Send the request, read the answer to its end, and return its status.

        Raises:
            BrokenError: the connection ended before that, or what came was no answer.
        """
        if self._transport is None or self._transport.is_closing():
            raise BrokenError("the connection has ended")
        self.usable, self._answer = False, Answer()
        self._told = asyncio.get_running_loop().create_future()
        self._transport.write(self._target.request)
        if self._target.acknowledge_at_once:
            acknowledge_at_once(self._transport.get_extra_info("socket"))
        try:
            return await self._told
        finally:
            self._told = None

    def close(self) -> None:
        """End it at once."""
        self.usable = False
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
        if self._told is None or self._told.done():
            self.close()
            return
        try:
            self._answer.feed(self._space[:nbytes])
        except BrokenError as error:
            self._told.set_exception(error)
            return
        self._finish()

    def connection_lost(self, exc: Exception | None) -> None:
        """End the answer; some answers end with the connection."""
        self.usable = False
        if self._told is None or self._told.done():
            return
        try:
            if exc is not None:
                raise BrokenError(str(exc))
            self._answer.end()
        except BrokenError as error:
            self._told.set_exception(error)
            return
        self._finish()

    def _finish(self) -> None:
        if self._answer.done and self._told is not None:
            self.usable = self._answer.reusable
            self._told.set_result(self._answer.status)

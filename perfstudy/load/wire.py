"""One HTTP/1.1 connection that is kept open, with as little between the request and the socket as there can be."""

import asyncio
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from perfstudy.client import address
from perfstudy.errors import UsageError

LIMIT = 1 << 20
"""Bytes that a head may have, and that are buffered of a body."""


@dataclass(frozen=True)
class Target:
    """What every request asks for: where, and the request's bytes."""

    host: str
    port: int
    request: bytes


def target(url: str, path: str | None = None, token: str | None = None) -> Target:
    """Return the target of GET requests to *url*; *path* takes the place of the URL's own.

    Raises:
        UsageError: *url*, *path* or *token* cannot be sent.
    """
    host, port = address(url)
    parts = urlsplit(url)
    asked = path or (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not asked.startswith("/") or not _plain(asked):
        raise UsageError(f"the path {asked!r} cannot be requested: it starts with / and has no space, as in a URL")
    if token is not None and not (token and _plain(token)):
        raise UsageError("the token is no bearer token: `perfstudy token TENANT` prints one")
    lines = [f"GET {asked} HTTP/1.1", f"Host: {host}:{port}", "Accept: application/json"]
    lines += [f"Authorization: Bearer {token}"] if token else []
    return Target(host, port, "\r\n".join([*lines, "", ""]).encode())


def _plain(text: str) -> bool:
    return text.isascii() and text.isprintable() and " " not in text


class BrokenError(Exception):
    """The connection ended, or what came over it was no HTTP."""


class Wire:
    """A connection to the service of *target*."""

    def __init__(self, target: Target, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take an open connection; :meth:`open` makes one."""
        self._target, self._reader, self._writer = target, reader, writer
        self._socket: socket.socket = writer.get_extra_info("socket")
        self.usable = True
        """Whether another request can be sent."""

    @classmethod
    async def open(cls, target: Target) -> "Wire":
        """Connect.

        Raises:
            OSError: nobody listens there.
        """
        return cls(target, *await asyncio.open_connection(target.host, target.port, limit=LIMIT))

    @property
    def fresh(self) -> bool:
        """Whether the server has not closed it meanwhile."""
        return self.usable and not self._reader.at_eof()

    async def get(self) -> int:
        """Send the request, read the answer to its end, and return its status.

        Raises:
            BrokenError: the connection ended before that.
        """
        self.usable = False
        try:
            self._writer.write(self._target.request)
            if hasattr(socket, "TCP_QUICKACK"):  # as the study's own client does, and for the same reason
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            return await self._answer()
        except (OSError, EOFError, ValueError, asyncio.LimitOverrunError) as error:
            raise BrokenError(str(error)) from error

    def close(self) -> None:
        """End it at once."""
        self.usable = False
        self._writer.transport.abort()

    async def _answer(self) -> int:
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        status = int(head[0].split(" ", 2)[1])
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
        if "chunked" in headers.get("transfer-encoding", ""):
            await self._chunks()
        elif "content-length" in headers:
            await self._reader.readexactly(int(headers["content-length"]))
        elif status not in (204, 304):
            await self._reader.read()
        self.usable = headers.get("connection", "").lower() != "close" and head[0].startswith("HTTP/1.1")
        return status

    async def _chunks(self) -> None:
        while size := int((await self._reader.readuntil(b"\r\n")).split(b";")[0], 16):
            await self._reader.readexactly(size + 2)
        while await self._reader.readuntil(b"\r\n") != b"\r\n":
            pass

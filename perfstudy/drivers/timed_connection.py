"""A persistent connection that costs little beside the answer that it times.

One write sends a request. An ordinary answer is counted into a buffer that is kept: its head is found, and its
``Content-Length`` says where it ends. :mod:`http.client` reads every other answer, from the bytes that have come.
"""

import io
import re
import socket
import ssl
from http.client import HTTPResponse, IncompleteRead
from select import POLLIN, poll
from time import perf_counter_ns
from typing import Any, cast

SPACE = 1 << 18
"""Bytes of the buffer at first; it grows to the longest answer."""
PLAIN_HEAD = re.compile(rb"HTTP/1\.1 ([2-9]\d\d)(?: [^\r\n]*)?\r\n((?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\r\n]*\r\n)*)\r\n")
FRAMING = re.compile(rb"^(content-length|transfer-encoding|connection):[ \t]*([^\r\n]*?)[ \t]*\r$", re.I | re.M)
BODILESS = (b"204", b"304")


Answer = tuple[int, dict[str, str], bytes, int]
"""Status, headers by name in lower case, body, and the nanoseconds from the send to the last byte."""


class TimedConnection:
    """A connection to *host* and *port*, opened by the first request.

    The request after an answer that ended the connection opens it anew.
    Each wait ends after *timeout* seconds. *acknowledge_at_once* is for the development server alone, see
    :func:`acknowledge_at_once`.
    """

    def __init__(
        self,
        host: str,
        port: int,
        timeout: float,
        *,
        secure: bool = False,
        acknowledge_at_once: bool = False,
    ) -> None:
        self._address, self._timeout, self._acknowledges = (host, port), timeout, acknowledge_at_once
        self._tls = make_tls() if secure else None
        self._buffer = bytearray(SPACE)
        self.sock: socket.socket | None = None

    def exchange(self, method: str, request: bytes) -> Answer:
        """Send *request*, which has *method*, and read the whole answer.

        Raises:
            OSError: the connection failed.
            HTTPException: the answer is not HTTP, or ended early.
        """
        self._drop_ended()
        start = perf_counter_ns()
        sock = self.sock or self._open()
        sock.sendall(request)
        if self._acknowledges:
            acknowledge_at_once(sock)
        size = sock.recv_into(self._buffer)
        head = PLAIN_HEAD.match(self._buffer, 0, size)
        length = None if head is None else find_length(method, head)
        if head is None or length is None:
            return self._read_other(sock, method, size, start)
        status, fields, begin = int(head[1]), bytes(head[2]), head.end()  # the buffer changes from here on
        self._fill(sock, size, begin + length, begin)
        taken = perf_counter_ns() - start
        body = bytes(memoryview(self._buffer)[begin : begin + length])
        return status, read_fields(fields), body, taken

    def close(self) -> None:
        """End the connection; the next request opens another."""
        if self.sock is not None:
            self.sock.close()
            self.sock = None

    def _drop_ended(self) -> None:
        """Close a connection that the server ended while it was idle, as clients do."""
        if self.sock is None or self._tls is not None:
            return
        came = poll()  # unlike select, it takes any number of open files
        came.register(self.sock, POLLIN)
        if not came.poll(0):
            return
        try:
            ended = not self.sock.recv(1, socket.MSG_PEEK)
        except OSError:
            ended = True
        if ended:
            self.close()

    def _open(self) -> socket.socket:
        self.sock = socket.create_connection(self._address, self._timeout)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._tls is not None:
            self.sock = self._tls.wrap_socket(self.sock, server_hostname=self._address[0])
        return self.sock

    def _fill(self, sock: socket.socket, size: int, end: int, begin: int) -> None:
        """Read from *size* bytes on until there are *end*; the body starts at *begin*."""
        if end > len(self._buffer):
            self._buffer.extend(bytes(end - len(self._buffer)))
        with memoryview(self._buffer) as view:
            while size < end:
                with view[size:end] as left:
                    received = sock.recv_into(left)
                if not received:
                    raise IncompleteRead(bytes(view[begin:size]), end - size)
                size += received
        if size > end:
            self.close()  # more than one answer

    def _read_other(self, sock: socket.socket, method: str, size: int, start: int) -> Answer:
        """Read by http.client the answer of which *size* bytes have come."""
        replay = Replay(bytes(self._buffer[:size]), sock)
        interim = []  # kept, because a response that is collected closes what it reads
        while True:
            response = HTTPResponse(cast(socket.socket, replay), method=method)
            response.begin()
            if not 101 < response.status < 200:  # http.client passes over 100 alone (RFC 9110, 15.2)
                break
            interim.append(response)
        body = response.read()
        taken = perf_counter_ns() - start
        if response.will_close:
            self.close()
        return response.status, {name.lower(): value for name, value in response.getheaders()}, body, taken


def make_tls() -> ssl.SSLContext:
    """Return the context in which a certificate is verified."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


def find_length(method: str, head: "re.Match[bytes]") -> int | None:
    """Return the length of the body behind *head*; None if it is not plain."""
    found = {bytes(name).lower(): bytes(value) for name, value in FRAMING.findall(head[2])}
    length = found.pop(b"content-length", b"")
    if found.get(b"connection", b"").lower() == b"keep-alive":
        del found[b"connection"]
    if found or not length.isdigit() or len(length) > 15 or head[2].lower().count(b"content-length:") > 1:
        return None
    return 0 if method == "HEAD" or head[1] in BODILESS else int(length)


def read_fields(lines: bytes) -> dict[str, str]:
    """Return the fields of a head by name in lower case."""
    pairs = (line.partition(":") for line in lines.decode("latin-1").split("\r\n")[:-1])
    return {name.lower(): value.strip(" \t") for name, _, value in pairs}


def acknowledge_at_once(connection: socket.socket) -> None:
    """Ask the kernel not to delay its acknowledgements of the next answer.

    The development server sends head and body in two writes, with Nagle's algorithm on: a client that delays
    acknowledgements, as kernels do by default, then waits 40 ms for nothing. That is the client's doing, and
    counting it would make the baseline look slower than the service is. (RFC 1122, 4.2.3.2; tcp(7), TCP_QUICKACK.)
    With any other server it would hide a wait of every ordinary client, and is never used.
    """
    if hasattr(socket, "TCP_QUICKACK"):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)


class Replay(io.RawIOBase):
    """A file of the *first* bytes and of those that *sock* receives after them."""

    def __init__(self, first: bytes, sock: socket.socket) -> None:
        self._first, self._sock = first, sock
        self._file: io.BufferedReader = io.BufferedReader(self)

    def makefile(self, mode: str) -> io.BufferedReader:
        """Return the file, as a socket does."""
        return self._file

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def readinto(self, space: Any) -> int:
        """Read into *space*: what came first, then what comes."""
        view = memoryview(space)
        if not self._first:
            return self._sock.recv_into(view)
        taken = min(len(view), len(self._first))
        view[:taken], self._first = self._first[:taken], self._first[taken:]
        return taken

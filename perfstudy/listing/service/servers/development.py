"""The development server on a shared socket, which ends without failed requests.

A process that another one replaces gets SIGTERM. It then accepts nothing more, since other processes listen on the
socket too, answers its pending requests, and ends; Gunicorn does the same by itself.
"""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from signal import SIGTERM, signal
from threading import Condition, Thread
from typing import Any

from django.core.servers.basehttp import WSGIRequestHandler, WSGIServer

PATIENCE = 30.0
"""Seconds that a pending request may still take, as with Gunicorn."""


class RequestCounter:
    """How many requests are under way, a new connection's first one included."""

    def __init__(self) -> None:
        self._count = 0
        self._changed = Condition()

    def enter(self) -> None:
        """Count one more."""
        with self._changed:
            self._count += 1

    def leave(self) -> None:
        """Count one less."""
        with self._changed:
            self._count -= 1
            self._changed.notify_all()

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Count one more for as long as the block takes."""
        self.enter()
        try:
            yield
        finally:
            self.leave()

    def over(self, patience: float) -> bool:
        """Wait up to *patience* seconds until no request is in progress; return success."""
        with self._changed:
            return self._changed.wait_for(lambda: self._count == 0, patience)


class Handler(WSGIRequestHandler):
    """Reports to the server when a request, not just a connection, is in progress."""

    server: "Shared"

    def handle(self) -> None:
        """Answer the connection's requests; the first is counted since its acceptance."""
        self.close_connection = True
        try:
            self.handle_one_request()
        finally:
            self.server.busy.leave()
        # A client that merely keeps its connection open asks again on a new one, where another process takes it.
        while not self.close_connection and not self.server.ending and self._next_begins():
            with self.server.busy.entered():
                self.handle_one_request()

    def _next_begins(self) -> bool:
        return bool(self.rfile.peek(1))  # type: ignore[attr-defined]


class Shared(WSGIServer):
    """Django's development server on an inherited listening socket."""

    listener: socket.socket
    ending = False

    def __init__(self, address: Any, handler: Any, **options: Any) -> None:
        self.busy = RequestCounter()
        super().__init__(address, Handler, **options)

    def server_bind(self) -> None:
        """Use the inherited socket in place of a new one."""
        self.socket.close()
        self.socket = self.listener
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])
        self.setup_environ()

    def server_activate(self) -> None:
        """Do nothing: it listens already."""

    def get_request(self) -> Any:
        """Accept a connection and count its first request; its thread may start later."""
        accepted = super().get_request()
        self.busy.enter()
        return accepted

    def serve_forever(self, poll_interval: float = 0.05) -> None:
        """Serve until SIGTERM, then finish what is under way."""
        # shutdown() waits for the loop's end, so it cannot be called from a signal handler within the loop.
        signal(SIGTERM, lambda *_: Thread(target=self.shutdown, daemon=True).start())
        super().serve_forever(poll_interval)
        self.ending = True
        self.busy.over(PATIENCE)


def serve_shared(descriptor: int) -> type[Shared]:
    """Return the server on the listening socket that *descriptor* is."""
    return type("SharedServer", (Shared,), {"listener": socket.socket(fileno=descriptor)})

"""Granian with one listening socket for all workers, which may be inherited.

By itself Granian binds a socket for each worker (``SO_REUSEPORT``): connections that a worker has not yet accepted are
reset when it ends, and one service cannot pass its socket to the next. With one socket it behaves as Gunicorn does.

Run as ``python -m perfstudy.listing.service.servers.granian MODULE:APPLICATION HOST:PORT``, or ``fd://N`` for an
inherited socket.
"""

import argparse
import multiprocessing
import socket
import sys
from functools import cache
from pkgutil import resolve_name
from typing import Any

import granian.server.mp
from granian._granian import SocketHolder
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.mp import MPServer

from perfstudy.errors import UsageError
from perfstudy.listing.service.body_drain import Application
from perfstudy.listing.service.servers.single_write import wrap

BACKLOG = 2048
"""Connections that wait for a moment in which no worker accepts, as with Gunicorn."""
PATIENCE = 30
"""Seconds that a pending request may still take, as with Gunicorn."""
DEADLINE = 10.0
"""Seconds that a client may take to send a request's head, for which no worker waits."""
THREADS = 8
"""Threads of a worker that answer; stalled bodies occupy some of them, see :mod:`..body_drain`."""
HEAD = 32 * 1024
"""Bytes of a head at most, and so of any header; a larger one is answered 431."""


class SharedSocketServer(MPServer):
    """Granian's server, whose workers accept from one socket."""

    def __init__(self, target: str, listener: socket.socket, workers: int, deadline: float = DEADLINE) -> None:
        host, port = listener.getsockname()
        super().__init__(
            target,
            host,
            port,
            interface=Interfaces.WSGI,
            http=HTTPModes.http1,
            http1_settings=HTTP1Settings(header_read_timeout=round(deadline * 1e3), max_buffer_size=HEAD),
            websockets=False,
            workers=workers,
            blocking_threads=THREADS,
            backlog=BACKLOG,
            log_level=LogLevels.warning,
            respawn_failed_workers=True,
            respawn_interval=0.1,  # which the next one that failed would have to wait for too
            workers_kill_timeout=PATIENCE,
        )
        self._listener = listener

    def _init_shared_socket(self) -> None:
        """Use the given socket; Granian itself does so if a port cannot be bound twice."""
        holder: Any = SocketHolder  # its stub lists no parameters
        descriptor = self._listener.fileno()
        self.__dict__.update(_ssp=None, _sso=self._listener, _sfd=descriptor, _shd=holder(descriptor, False, BACKLOG))


def open_listener(place: str) -> socket.socket:
    """Return the socket at *place*, ``HOST:PORT`` or ``fd://N``, without send delay.

    Raises:
        UsageError: nothing can listen there.
    """
    try:
        listener = _opened(place)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # which every accepted connection inherits
    except (OSError, OverflowError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no HOST:PORT or fd://N"
        raise UsageError(f"nothing can listen at {place}: {reason}; choose another place") from None
    return listener


def _opened(place: str) -> socket.socket:
    if place.startswith("fd://"):
        return socket.socket(fileno=int(place.removeprefix("fd://")))
    host, _, port = place.rpartition(":")
    return socket.create_server((host, int(port)), backlog=BACKLOG)


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(
        prog="python -m perfstudy.listing.service.servers.granian", description="Serve by Granian."
    )
    parser.add_argument("application", help="MODULE:NAME of a WSGI application")
    place = "HOST:PORT, or fd://N for a socket that was handed over"
    parser.add_argument("place", metavar="place", help=place)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--preload", action="store_true", help="load the application before the workers are forked")
    seconds = f"that a request's head may take (default: {DEADLINE:g})"
    parser.add_argument("--deadline", type=float, default=DEADLINE, metavar="SECONDS", help=seconds)
    chosen = parser.parse_args()
    try:
        listener = open_listener(chosen.place)
    except UsageError as error:
        print(f"perfstudy.listing.service.servers.granian: {error}", file=sys.stderr)
        sys.exit(2)
    listener.setblocking(False)
    # Granian looks its wrapper up by this name when a worker starts.
    vars(granian.server.mp)["_wsgi_call_wrap"] = wrap
    multiprocessing.set_start_method("fork")  # so that workers begin with what is loaded here

    @cache
    def load() -> Application:
        found: Application = resolve_name(chosen.application)
        return found

    if chosen.preload:
        load()
    server = SharedSocketServer(chosen.application, listener, chosen.workers, chosen.deadline)
    server.serve(target_loader=load, wrap_loader=False)


if __name__ == "__main__":
    main()

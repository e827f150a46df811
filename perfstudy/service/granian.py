"""Granian on one listening socket that its workers share, made here or handed over.

By itself Granian binds a socket for each worker (``SO_REUSEPORT``): connections that a worker has not yet accepted are
reset when it ends, and no socket can be handed over from one service to the next. With one socket it behaves as
Gunicorn does.

Run as ``python -m perfstudy.service.granian MODULE:APPLICATION HOST:PORT``, or ``fd://N`` for a socket that was
handed over.
"""

import argparse
import io
import multiprocessing
import socket
from collections.abc import Callable
from functools import cache
from pkgutil import resolve_name
from typing import Any

from granian._granian import SocketHolder
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server.mp import MPServer

Application = Callable[[dict[str, Any], Any], Any]

BACKLOG = 2048
"""Connections that wait for a moment in which no worker accepts, as with Gunicorn."""
PATIENCE = 30
"""Seconds that a request under way may still take, as with Gunicorn."""


class Body(io.RawIOBase):
    """What Granian gives as ``wsgi.input``, of which only ``read`` is used: its ``readline`` drops what follows a line.

    A line's end is dropped too, against PEP 3333; seen in Granian 2.8.7.
    """

    def __init__(self, body: Any) -> None:
        self._body = body

    def readable(self) -> bool:
        """It is there to be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the beginning of *buffer*; how many bytes there were."""
        found = self._body.read(len(buffer))
        buffer[: len(found)] = found
        return len(found)


def conforming(application: Application) -> Application:
    """Return *application*, given a body that it can read line by line."""

    def answer(environ: dict[str, Any], start: Any) -> Any:
        if "CONTENT_LENGTH" in environ:
            environ["wsgi.input"] = io.BufferedReader(Body(environ["wsgi.input"]))
        return application(environ, start)

    return answer


class Shared(MPServer):
    """Granian's server, whose workers accept from one socket."""

    def __init__(self, target: str, listener: socket.socket, workers: int) -> None:
        host, port = listener.getsockname()
        super().__init__(
            target,
            host,
            port,
            interface=Interfaces.WSGI,
            http=HTTPModes.http1,
            websockets=False,
            workers=workers,
            blocking_threads=1,
            backlog=BACKLOG,
            log_level=LogLevels.warning,
            respawn_failed_workers=True,
            respawn_interval=0.1,  # which the next one that failed would have to wait for too
            workers_kill_timeout=PATIENCE,
        )
        self._listener = listener

    def _init_shared_socket(self) -> None:
        """Take the socket in place of a new one; what Granian does itself where a port cannot be bound twice."""
        holder: Any = SocketHolder  # its stub lists no parameters
        descriptor = self._listener.fileno()
        self.__dict__.update(_ssp=None, _sso=self._listener, _sfd=descriptor, _shd=holder(descriptor, False, BACKLOG))


def listening(place: str) -> socket.socket:
    """Return the socket at *place*, ``HOST:PORT`` or ``fd://N``."""
    if place.startswith("fd://"):
        return socket.socket(fileno=int(place.removeprefix("fd://")))
    host, _, port = place.rpartition(":")
    return socket.create_server((host, int(port)), backlog=BACKLOG)


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m perfstudy.service.granian", description="Serve by Granian.")
    parser.add_argument("application", help="MODULE:NAME of a WSGI application")
    place = "HOST:PORT, or fd://N for a socket that was handed over"
    parser.add_argument("listener", type=listening, metavar="place", help=place)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--preload", action="store_true", help="load the application before the workers are forked")
    chosen = parser.parse_args()
    chosen.listener.setblocking(False)
    multiprocessing.set_start_method("fork")  # so that workers begin with what is loaded here

    @cache
    def load() -> Application:
        return conforming(resolve_name(chosen.application))

    if chosen.preload:
        load()
    Shared(chosen.application, chosen.listener, chosen.workers).serve(target_loader=load, wrap_loader=False)


if __name__ == "__main__":
    main()

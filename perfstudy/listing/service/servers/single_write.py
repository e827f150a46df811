"""Answers in a single write behind Granian, and bodies received meanwhile.

Granian sends the bytes of a list together with the headers, but those of any other iterable in a second write; a
client that delays its acknowledgements, as most do, then waits 40 ms for it. All answers of the service are complete,
so each is sent in one write.

Granian 2.8.7 has no deadline for a body: a read of one that stalled went on until its client disconnected. The number
of threads that may wait so is limited, see :mod:`perfstudy.listing.service.body_drain`.
"""

import io
import sys
from collections.abc import Callable
from typing import Any

from perfstudy.listing.service.body_drain import Application, has_body


class Body(io.RawIOBase):
    """Granian's ``wsgi.input``, of which only ``read`` is used.

    Its ``readline`` drops what follows a line, and the line's end too, against PEP 3333; seen in Granian 2.8.7.
    """

    def __init__(self, body: Any) -> None:
        self._body = body

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the beginning of *buffer*; return the number of bytes."""
        found = self._body.read(len(buffer))
        buffer[: len(found)] = found
        return len(found)


class Started:
    """The ``start_response`` of one request, with the status and headers passed to it."""

    __slots__ = ("headers", "status")

    def __init__(self) -> None:
        self.status, self.headers = 500, list[tuple[str, str]]()

    def __call__(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
        """Keep the status and the headers."""
        self.status, self.headers = int(status[:3]), headers


def in_one_piece(application: Application, proto: Any, environ: dict[str, Any]) -> None:
    """Answer by one write, then close the answer, which runs its deferred work."""
    started = Started()
    found = application(environ, started)
    try:
        proto.response_bytes(started.status, started.headers, b"".join(found))
    finally:
        if hasattr(found, "close"):
            found.close()


def wrap(application: Application, scope_opts: dict[str, Any], access_log: Any = None) -> Callable[[Any, Any], None]:
    """Return what takes the place of Granian's own wrapper of *application*."""
    base = {
        "SCRIPT_NAME": "",
        "SERVER_SOFTWARE": "Granian",
        "wsgi.errors": sys.stderr,
        "wsgi.input_terminated": True,
        "wsgi.multiprocess": True,
        "wsgi.multithread": True,
        "wsgi.run_once": False,
        "wsgi.version": (1, 0),
    }

    def run(proto: Any, scope: dict[str, Any]) -> None:
        environ = base | scope
        if has_body(environ):
            environ["wsgi.input"] = io.BufferedReader(Body(environ["wsgi.input"]))
        in_one_piece(application, proto, environ)

    return run

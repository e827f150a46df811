"""Answers in one piece behind Granian, and bodies received beside the thread that answers.

Granian sends a list's bytes with the head and anything else after it, in a second write; a client that acknowledges
late, as most do, then waits 40 ms for it. Every answer of the service is whole, so here all go out in one write.

Granian 2.8.7 offers no deadline for a body, and a read of one that stalled went on until its client went away. How many
threads may wait so is bounded, see :mod:`perfstudy.listing.service.body_drain`.
"""

import io
import sys
from collections.abc import Callable
from typing import Any

from perfstudy.listing.service.body_drain import Application, has_body


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


class Started:
    """The ``start_response`` of one request, and the status and headers that it was given."""

    __slots__ = ("headers", "status")

    def __init__(self) -> None:
        self.status, self.headers = 500, list[tuple[str, str]]()

    def __call__(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
        """Keep the status and the headers."""
        self.status, self.headers = int(status[:3]), headers


def in_one_piece(application: Application, proto: Any, environ: dict[str, Any]) -> None:
    """Answer a request by one write, then close the answer, which runs its deferred work."""
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

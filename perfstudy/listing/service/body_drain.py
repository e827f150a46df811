"""Reads unread request bodies, so that none is taken for the next request.

A server that finds unread bytes closes the connection or guesses. So the rest is read before the answer is sent, up
to a limit; if there is more of it, the answer says that it closes the connection.

A client may announce a body and never send it. So only a few threads of a process read bodies at once; while they do,
other requests with a body are answered at once, unread, and close their connection.
"""

from collections.abc import Callable
from threading import BoundedSemaphore
from typing import Any

BOUND = 64 * 1024
"""Bytes of an unread body that are read for the connection's sake."""
READERS = 4
"""Threads of a process that read bodies at once: fewer than the threads that a worker of Granian has."""

Application = Callable[[dict[str, Any], Any], Any]
"""A WSGI application; Django's stubs say that its own returns a response, not the bytes that it yields."""


def has_body(environ: dict[str, Any]) -> bool:
    """Return whether the request has a body."""
    return environ.get("CONTENT_LENGTH", "") not in ("", "0") or "HTTP_TRANSFER_ENCODING" in environ


def read_away(application: Application) -> Application:
    """Return *application* with unread bodies read before it answers."""
    readers = BoundedSemaphore(READERS)

    def answer(environ: dict[str, Any], start: Any) -> Any:
        if not has_body(environ):
            return application(environ, start)

        def starting(status: str, headers: list[tuple[str, str]], *raised: Any) -> Any:
            finished = _is_finished(environ, readers)
            return start(status, headers, *raised) if finished else _start_last(start, status, headers, *raised)

        return application(environ, starting)

    return answer


def _is_finished(environ: dict[str, Any], readers: BoundedSemaphore) -> bool:
    """Read the rest of the body; return whether that was all of it.

    It returns False if too many threads read bodies already.
    """
    if "HTTP_TRANSFER_ENCODING" in environ and not environ.get("wsgi.input_terminated"):
        return False  # the development server does not know where a chunked body ends
    if not readers.acquire(blocking=False):
        return False
    try:
        return len(environ["wsgi.input"].read(BOUND + 1)) <= BOUND
    except Exception:  # each server has other errors for a body that stalls, ends early or is malformed
        return False
    finally:
        readers.release()


def _start_last(start: Any, status: str, headers: list[tuple[str, str]], *raised: Any) -> Any:
    """Start the connection's last answer, in the way of each server.

    PEP 3333 forbids applications to send ``Connection`` themselves.
    """
    owner = getattr(start, "__self__", None)
    if owner is None:  # Granian
        return start(status, [*headers, ("Connection", "close")], *raised)
    if hasattr(owner, "force_close"):  # Gunicorn
        owner.force_close()
        return start(status, headers, *raised)
    write = start(status, headers, *raised)
    owner.headers["Connection"] = "close"  # the development server
    return write

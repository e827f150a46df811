"""Where a request's time goes: a clock of spans, published as the ``Server-Timing`` header."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from time import perf_counter

SPANS = ("connect", "db", "serialize")
"""``connect``: reaching PostgreSQL. ``db``: its statements, until their results are here.
``serialize``: making the answer's bytes out of the rows, without the statements that fall within it."""


class Clock:
    """The time of one request, split into spans that never overlap; in seconds."""

    def __init__(self, request: str | None = None) -> None:
        self.request = request
        """The id of a request whose statements nobody records yet."""
        self.started = perf_counter()
        self.spent = dict.fromkeys(SPANS, 0.0)
        self._within = 0.0

    @contextmanager
    def span(self, name: str) -> Iterator[None]:
        """Add the time of the block to *name*, less what spans inside the block took for themselves."""
        outside, self._within = self._within, 0.0
        started = perf_counter()
        try:
            yield
        finally:
            elapsed = perf_counter() - started
            self.spent[name] += elapsed - self._within
            self._within = outside + elapsed

    def header(self) -> str:
        """Return the header's value: each span and the total so far, in milliseconds."""
        spent = {**self.spent, "total": perf_counter() - self.started}
        return ", ".join(f"{name};dur={seconds * 1e3:.3f}" for name, seconds in spent.items())


_current: ContextVar[Clock] = ContextVar("clock")


def start(request: str | None = None) -> Clock:
    """Begin the clock of a request and return it."""
    clock = Clock(request)
    _current.set(clock)
    return clock


def span(name: str) -> AbstractContextManager[None]:
    """Return a block whose time counts as *name* of the current request."""
    return current().span(name)


def current() -> Clock:
    """Return the clock of the current request; outside of one, a clock that nobody reads."""
    return _current.get(None) or start()

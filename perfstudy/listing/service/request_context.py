"""The current request: identity, clock, answer, and work deferred until sent."""

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from time import perf_counter

from perfstudy.listing.contract import Query

logger = logging.getLogger("perfstudy.deferred")

SPANS = ("connect", "db", "serialize")
"""``connect``: reaching PostgreSQL. ``db``: its statements, until their results are here.
``serialize``: making the answer's bytes out of the rows, without the statements that fall within it."""

Action = Callable[[], None]


class Clock:
    """The time of one request, split into spans that never overlap; in seconds."""

    def __init__(self) -> None:
        self.started = perf_counter()
        self.spent = dict.fromkeys(SPANS, 0.0)
        self._within = 0.0

    @contextmanager
    def span(self, name: str) -> Iterator[None]:
        """Add the time of the block to *name*, without that of spans inside it."""
        outside, self._within = self._within, 0.0
        started = perf_counter()
        try:
            yield
        finally:
            elapsed = perf_counter() - started
            self.spent[name] += elapsed - self._within
            self._within = outside + elapsed

    def header(self) -> str:
        """Return ``Server-Timing``: each span and the total so far, in milliseconds."""
        spent = {**self.spent, "total": perf_counter() - self.started}
        return ", ".join(f"{name};dur={seconds * 1e3:.3f}" for name, seconds in spent.items())


@dataclass(kw_only=True, slots=True)
class RequestContext:
    """A request and its answer, filled in along its way."""

    identity: str = ""
    method: str = ""
    query_string: str = ""
    path: str = ""
    kind: str = "nowhere"
    """Which of the listing's paths it takes, or the route of another address."""
    query: Query | None = None
    """Its query of the listing; None if its cache hit or miss is not logged."""
    in_django: bool = False
    """Whether Django manages its connection and its statements."""
    status: int = 0
    cache: str = ""
    """HIT or MISS, and empty where no cache was asked."""
    body: bytes = b""
    total: int | None = None
    """How many programs there are, where *body* does not say it."""
    seconds: float = 0.0
    """From its arrival until its answer was ready."""
    clock: Clock = field(default_factory=Clock)
    deferred: list[Action] | None = None
    """What is to be done once the answer is sent; None outside of a request and after it."""

    def run_deferred(self) -> None:
        """Run deferred actions; log failures, since the answer is sent already."""
        actions, self.deferred = self.deferred or [], None
        for action in actions:
            try:
                action()
            except Exception:
                logger.warning("a deferred action failed", exc_info=True)


_current: ContextVar[RequestContext] = ContextVar("request")


def begin(identity: str = "", method: str = "", query_string: str = "") -> RequestContext:
    """Begin a request: start its clock, and make it the current one."""
    context = RequestContext(identity=identity, method=method, query_string=query_string, deferred=[])
    _current.set(context)
    return context


def current() -> RequestContext:
    """Return the current request; outside of one, a context that is not read."""
    found = _current.get(None)
    if found is None:
        _current.set(found := RequestContext())
    return found


def span(name: str) -> AbstractContextManager[None]:
    """Return a block that adds its time to *name* of the current request."""
    return current().clock.span(name)


def defer(action: Action) -> None:
    """Run *action* after the current request's answer; outside of a request, now."""
    deferred = current().deferred
    if deferred is None:
        action()
    else:
        deferred.append(action)

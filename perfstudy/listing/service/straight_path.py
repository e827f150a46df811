"""Hits answered by what was remembered of the same request.

A request that is repeated has the same tenant, query, headers and labels as before, for as long as the cache in this
process has the same version of its answer. Whether it has is asked for each request.
"""

import logging
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Any, NamedTuple

from redis.exceptions import RedisError

from perfstudy.listing.contract import CachedAnswer, Query
from perfstudy.listing.service import auth, log_format, metrics, request_context
from perfstudy.listing.service.ads import parameters
from perfstudy.listing.service.body_drain import Application
from perfstudy.listing.service.fast_path import PATH
from perfstudy.listing.service.lifecycle import request_id
from perfstudy.listing.service.metrics import RequestMetrics

MOST = 4096
"""Requests that are remembered at most; then all are forgotten."""
TIMING = ", ".join(f"{name};dur=0.000" for name in request_context.SPANS)
NO_TIME = request_context.Clock()
"""The clock of a request that reached neither PostgreSQL nor the encoding of an answer."""

Question = tuple[str, str, str]
"""The query string, the token and the accepted codings: all that a hit depends on."""
Headers = list[tuple[str, str]]


class RememberedRequest(NamedTuple):
    """What a repeated request needs: its query, and the rest for one version."""

    query: Query
    version: str | None
    headers: Headers
    """Those that depend on the answer alone, without its length."""
    labels: RequestMetrics


class StraightPath:
    """A WSGI application that answers repeated hits itself, and the rest by *whole*."""

    def __init__(self, whole: Application, peek: Callable[[Query], CachedAnswer | None]) -> None:
        self._whole = whole
        self._peek = peek
        self._known: dict[Question, RememberedRequest] = {}

    def __call__(self, environ: dict[str, Any], start: Any) -> Any:
        """Answer a request."""
        if not _is_plain(environ):
            return self._whole(environ, start)
        started = perf_counter()
        question = _question(environ)
        known = self._known.get(question)
        cached = self._find(known.query) if known else None
        if known is None or cached is None or cached.version != known.version:
            return self._answer_and_learn(question, environ, start)
        body: bytes = cached.payload.body
        seconds = perf_counter() - started
        own = [
            ("X-Request-Id", request_id(environ.get("HTTP_X_REQUEST_ID", ""))),
            ("Cache-Control", "private"),
            ("Content-Length", str(len(body))),
            ("Server-Timing", f"{TIMING}, total;dur={seconds * 1e3:.3f}"),
        ]
        start("200 OK", known.headers + own)
        return CountedBody(body, known.labels, seconds)

    def _answer_and_learn(self, question: Question, environ: dict[str, Any], start: Any) -> Any:
        """Answer by the whole application, and remember the request if it is a hit."""
        headers: Headers = []

        def starting(status: str, given: Headers) -> Any:
            headers.extend(given)
            return start(status, given)

        answer = self._whole(environ, starting)
        context = request_context.current()
        if context.status == 200 and context.cache == "HIT":
            self._learn(question, context, headers)
        return answer

    def _learn(self, question: Question, context: request_context.RequestContext, headers: Headers) -> None:
        query = parameters.parse_query(question[0], "", auth.authenticate(question[1]))
        cached = self._find(query)
        if cached is None or cached.payload.body is not context.body:  # another coding, or another answer by now
            return
        if len(self._known) >= MOST:
            self._known.clear()
        own = [name for name, _ in headers].index("X-Request-Id")
        tenant_class = metrics.tenant_class(context.body, context.total)
        labels = RequestMetrics(context.kind, str(context.status), context.cache, tenant_class)
        self._known[question] = RememberedRequest(query, cached.version, headers[:own], labels)

    def _find(self, query: Query) -> CachedAnswer | None:
        """Return this process's answer; none if Redis fails, as the application knows."""
        try:
            return self._peek(query)
        except RedisError:
            return None


class CountedBody:
    """A response body whose request is counted once it is sent."""

    __slots__ = ("_body", "_labels", "_seconds")

    def __init__(self, body: bytes, labels: RequestMetrics, seconds: float) -> None:
        self._body, self._labels, self._seconds = body, labels, seconds

    def __iter__(self) -> Iterator[bytes]:
        return iter((self._body,))

    def close(self) -> None:
        """Count the request."""
        metrics.count_request(self._labels, NO_TIME, self._seconds)


def _is_plain(environ: dict[str, Any]) -> bool:
    """Return whether only the cache decides the answer, and no line of the log is due."""
    return (
        environ["PATH_INFO"] == PATH
        and environ["REQUEST_METHOD"] == "GET"
        and not environ.get("SCRIPT_NAME")
        and "HTTP_IF_NONE_MATCH" not in environ
        and not log_format.requests.isEnabledFor(logging.INFO)
    )


def _question(environ: dict[str, Any]) -> Question:
    given = environ.get
    return given("QUERY_STRING", ""), given("HTTP_AUTHORIZATION", ""), given("HTTP_ACCEPT_ENCODING", "")

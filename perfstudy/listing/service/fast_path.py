"""The listing answered in front of Django: no request object, no routing, no middleware, no signals.

Whatever is not a plain question of the listing is left to Django as if this were not there.
Its hits and misses are counted like Django's, but are no lines of the log: writing a line takes longer than a hit may.
"""

from collections.abc import Callable, Iterator
from http import HTTPStatus
from time import perf_counter
from typing import Any

from django.conf import settings
from django.db import close_old_connections

from perfstudy.listing.contract import Query, View
from perfstudy.listing.service import after_response, auth, problems, timing
from perfstudy.listing.service.ads import parameters, responses
from perfstudy.listing.service.middleware import common_headers, request_id
from perfstudy.listing.service.request_log import RequestRecord, record

PATH = "/api/programs"

Start = Callable[[str, list[tuple[str, str]]], Any]
Application = Callable[[dict[str, Any], Any], Any]
"""A WSGI application; Django's stubs say that its own returns a response, not the bytes that it yields."""


def wrap(django: Application, view: View) -> Application:
    """Return the application of a process: *django*, or this in front of it where the variant wants that."""
    return FastPath(django, view) if settings.PERFSTUDY_BYPASS else django


class FastPath:
    """The WSGI application that answers the listing by *view*, and leaves everything else to *django*."""

    def __init__(self, django: Application, view: View) -> None:
        self._django = django
        self._view = view

    def __call__(self, environ: dict[str, Any], start: Start) -> Any:
        """Answer a request."""
        if environ["REQUEST_METHOD"] != "GET" or environ["PATH_INFO"] != PATH or environ.get("SCRIPT_NAME"):
            return self._django(environ, start)
        asked = environ.get("QUERY_STRING", "")
        try:
            tenant = auth.authenticate(environ.get("HTTP_AUTHORIZATION", ""))
            query = parameters.parse_query(asked, environ.get("HTTP_IF_NONE_MATCH", ""), tenant)
        except problems.Problem:
            return self._django(environ, start)
        identity = request_id(environ.get("HTTP_X_REQUEST_ID", ""))
        clock, left = timing.start(identity), after_response.begin()
        reply = self._reply(query, clock, responses.RequestTarget(PATH, asked, environ.get("HTTP_ACCEPT_ENCODING", "")))
        told = RequestRecord(
            identity=identity,
            method="GET",
            path=PATH,
            query_string=asked,
            kind=query.path,
            status=reply.status,
            cache=reply.headers.get("X-Cache", ""),
            body=reply.body,
            total=reply.total,
            clock=clock,
            seconds=perf_counter() - clock.started,
        )
        headers = reply.headers | common_headers(identity) | {"Server-Timing": clock.header()}
        if reply.status != HTTPStatus.NOT_MODIFIED:
            headers["Content-Length"] = str(len(reply.body))
        start(STATUS_LINES[reply.status], list(headers.items()))
        return SentBody(reply.body, told, left)

    def _reply(self, query: Query, clock: timing.Clock, asked: responses.RequestTarget) -> responses.Response:
        """Return the answer to *query*, whatever became of it."""
        try:
            return responses.build_response(self._view(query), query.tenant, asked)
        except Exception as error:
            problem = problems.problem_of(error)
            response = problem.response() if problem else problems.failed(error, PATH)
            return responses.Response(response.status_code, dict(response.items()), response.content)
        finally:
            if clock.spent["connect"]:
                close_old_connections()


class SentBody:
    """A body that is sent; afterwards what was *left* is done, and *told* is told."""

    __slots__ = ("_body", "_left", "_told")

    def __init__(self, body: bytes, told: RequestRecord, left: list[after_response.Action]) -> None:
        self._body = body
        self._told = told
        self._left = left

    def __iter__(self) -> Iterator[bytes]:
        return iter((self._body,))

    def close(self) -> None:
        """Do what there is left to do, now that the request is answered."""
        after_response.run_deferred(self._left)
        record(self._told)


STATUS_LINES = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}

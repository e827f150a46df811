"""One request and its answer: its identity, its clock, its statements, its headers."""

import logging
import re
from collections.abc import Callable
from http import HTTPStatus
from time import perf_counter
from uuid import uuid4

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from perfstudy.listing.service import after_response, metrics, problems, timing
from perfstudy.listing.service.ads.responses import QUERY, TOTAL
from perfstudy.listing.service.request_log import RequestRecord, record
from perfstudy.listing.service.statements import record_statements

logger = logging.getLogger("perfstudy.cache")

REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class LifecycleMiddleware:
    """The only middleware: what every answer has in common, whatever the view."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer *request*."""
        clock, left = timing.start(), after_response.begin()
        identity = request_id(request.headers.get("X-Request-Id", ""))
        with record_statements(identity):
            response = self.get_response(request)
        for name, value in common_headers(identity).items():
            response.setdefault(name, value)
        body = _finish(request, response)
        response["Server-Timing"] = clock.header()
        ready = perf_counter() - clock.started

        def sent() -> None:
            after_response.run_deferred(left)
            query, cache = request.META.get(QUERY), response.headers.get("X-Cache", "")
            if cache and query:
                logger.info(cache, extra={"tenant": query.tenant, "path": query.path})
            record(
                RequestRecord(
                    identity=identity,
                    method=request.method or "",
                    path=request.path,
                    query_string=request.META.get("QUERY_STRING", ""),
                    kind=metrics.query_kind(request),
                    status=response.status_code,
                    cache=cache,
                    body=body,
                    total=request.META.get(TOTAL),
                    clock=clock,
                    seconds=ready,
                )
            )

        # Django runs these when the answer has been sent.
        response._resource_closers.append(sent)  # type: ignore[attr-defined]
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        """Answer with the problem that *exception* is, if it is one."""
        problem = problems.problem_of(exception)
        return problem.response() if problem else None


def request_id(given: str) -> str:
    """Return the id that the client gave its request, or a new one where *given* is none that is sane."""
    return given if REQUEST_ID.fullmatch(given) else uuid4().hex


def common_headers(identity: str) -> dict[str, str]:
    """Return the headers of every answer to the request *identity*."""
    return {"X-Request-Id": identity, "Cache-Control": "private"}


def _finish(request: HttpRequest, response: HttpResponseBase) -> bytes:
    """State the body's length and return it; a HEAD request gets the length without the body, a 304 has neither."""
    body: bytes = getattr(response, "content", b"")
    if response.status_code != HTTPStatus.NOT_MODIFIED:
        response["Content-Length"] = str(len(body))
        if request.method == "HEAD":
            response.content = b""  # type: ignore[attr-defined]
    return body

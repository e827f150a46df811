"""One request and its answer: its identity, its clock, its statements, its headers."""

import logging
import re
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from pathlib import Path
from time import perf_counter
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from perfstudy.service import logs, metrics, problems, timing
from perfstudy.service.statements import Statements

REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Exchange:
    """The only middleware: what every answer has in common, whatever the view."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.log = Path(settings.PERFSTUDY_STATEMENT_LOG) if settings.PERFSTUDY_STATEMENT_LOG else None

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer *request*."""
        clock = timing.start()
        identity = request_id(request)
        # This opens no connection: the wrapper waits for the first statement.
        with connection.execute_wrapper(Statements(identity, self.log)):
            response = self.get_response(request)
        response["X-Request-Id"] = identity
        response.setdefault("Cache-Control", "private")
        _measure(request, response)
        response["Server-Timing"] = clock.header()
        # Django runs these when the answer has been sent, so that nobody waits for them.
        sent = partial(self._sent, request, response, identity, clock, perf_counter())
        response._resource_closers.append(sent)  # type: ignore[attr-defined]
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        """Answer with the problem that *exception* is, if it is one."""
        problem = problems.of(exception)
        return problem.response() if problem else None

    def _sent(
        self, request: HttpRequest, response: HttpResponseBase, identity: str, clock: timing.Clock, ready: float
    ) -> None:
        """Count and log a request whose answer was *ready* then."""
        seconds = ready - clock.started
        counted = metrics.labels(request, response)
        metrics.count(counted, clock, seconds)
        if logs.requests.isEnabledFor(logging.INFO):
            spent = {**clock.spent, "total": seconds}
            fields: dict[str, Any] = {
                "request_id": identity,
                "variant": settings.PERFSTUDY_VARIANT,
                "method": request.method,
                "target": request.get_full_path(),
                "path": counted.path,
                "status": response.status_code,
                "cache": counted.cache or None,
                "bytes": len(getattr(response, "content", b"")),
                "ms": {name: round(value * 1e3, 3) for name, value in spent.items()},
            }
            logs.answered(fields)


def request_id(request: HttpRequest) -> str:
    """Return the id that the client gave its request, or a new one where it gave none that is sane."""
    given = request.headers.get("X-Request-Id", "")
    return given if REQUEST_ID.fullmatch(given) else uuid4().hex


def _measure(request: HttpRequest, response: HttpResponseBase) -> None:
    """State the body's length; a HEAD request gets the length without the body, a 304 has neither."""
    if response.status_code == HTTPStatus.NOT_MODIFIED:
        return
    response["Content-Length"] = str(len(response.content))  # type: ignore[attr-defined]
    if request.method == "HEAD":
        response.content = b""  # type: ignore[attr-defined]

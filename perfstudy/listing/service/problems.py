"""Errors as the client sees them: JSON problem bodies after RFC 9457."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse

MEDIA_TYPE = "application/problem+json"


class Problem(Exception):  # noqa: N818 (named as RFC 9457 does)
    """A request that cannot be answered.

    Args:
        status: the HTTP status.
        detail: what is wrong and what to do about it, in a sentence.
        headers: headers that the status asks for.
        members: further members of the body, such as ``parameter``, ``value`` and ``allowed``.
    """

    def __init__(self, status: HTTPStatus, detail: str, *, headers: Mapping[str, str] | None = None, **members: Any):
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers or {}
        self.members = members

    def response(self) -> HttpResponse:
        """Return the HTTP response of this problem."""
        body = {
            "type": "about:blank",
            "title": self.status.phrase,
            "status": self.status.value,
            "detail": self.detail,
            **self.members,
        }
        # ASCII only: what a client sent back to it may be any text.
        return HttpResponse(json.dumps(body), status=self.status, content_type=MEDIA_TYPE, headers=dict(self.headers))


def bad_parameter(parameter: str, value: str, allowed: str) -> Problem:
    """Return the 400 for a *value* that *parameter* does not allow."""
    detail = f"The parameter {parameter!r} is {value!r}; allowed: {allowed}."
    return Problem(HTTPStatus.BAD_REQUEST, detail, parameter=parameter, value=value, allowed=allowed)


def bad_field(field: str, value: Any, allowed: str, detail: str = "") -> Problem:
    """Return the 400 for a *value* of a body's *field* that the field does not allow."""
    shown = json.dumps(value)[:200]
    detail = detail or f"The field {field!r} is {shown}; allowed: {allowed}."
    return Problem(HTTPStatus.BAD_REQUEST, detail, parameter=field, value=shown, allowed=allowed)


def unavailable(server: str) -> Problem:
    """Return the 503 for a *server* that the service needs and cannot reach."""
    detail = f"{server} does not answer; the same request may succeed shortly."
    return Problem(HTTPStatus.SERVICE_UNAVAILABLE, detail, headers={"Retry-After": "1"}, server=server)


def problem_of(exception: Exception) -> Problem | None:
    """Return the problem that *exception* is to the client; None for a mistake of the service's own."""
    if isinstance(exception, Problem):
        return exception
    if isinstance(exception, DatabaseError):
        return unavailable("PostgreSQL")
    # Imported here, because only a variant that caches speaks to Redis at all.
    from redis.exceptions import RedisError

    return unavailable("Redis") if isinstance(exception, RedisError) else None


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler of requests that it refuses itself."""
    return Problem(HTTPStatus.BAD_REQUEST, "The request cannot be read.").response()


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler of paths that lead nowhere."""
    detail = f"There is nothing at {request.path}; /api/openapi.json describes what there is."
    return Problem(HTTPStatus.NOT_FOUND, detail).response()


def failure(request: HttpRequest) -> HttpResponse:
    """Django's handler of mistakes of the service's own; the traceback is in the log."""
    return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "The service failed; its log says why.").response()

"""Errors as the client sees them: JSON problem bodies after RFC 9457."""

import json
import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.db import Error as DatabaseError
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse

from perfstudy.listing.contract import Unshowable

logger = logging.getLogger("perfstudy.problems")

MEDIA_TYPE = "application/problem+json"

LOST = ("08", "57P")
"""Prefixes of the SQLSTATE of errors that end a connection: class 08, and a server shutting down.

PgBouncer sends 08P01 if it has no free server connection.
"""
FULL = "53300"
"""The SQLSTATE of a server that has too many connections already."""

FAILURE = "The service failed; its log says why."

UNSHOWABLE = "urn:perfstudy:problem:unshowable-data"
"""The type of a problem with a program's data."""


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
        # ASCII only, since a value that a client sent may be any text.
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
    """Return the problem to send for *exception*; None for an error of the service."""
    if isinstance(exception, Problem):
        return exception
    if isinstance(exception, Unshowable):
        return _unshowable(exception)
    if isinstance(exception, DatabaseError):
        return unavailable("PostgreSQL") if is_lost(exception) else None
    # Imported here, because only a variant that caches speaks to Redis at all.
    from redis.exceptions import RedisError

    return unavailable("Redis") if isinstance(exception, RedisError) else None


def is_lost(error: DatabaseError) -> bool:
    """Return whether *error* means that there is no connection.

    It was refused, lost, shut down or timed out. Any other error would recur with the same request.
    """
    import psycopg

    cause = error.__cause__ or error  # Django has other errors if it has closed the connection
    if not isinstance(cause, psycopg.OperationalError | OperationalError | InterfaceError):
        return False
    state = getattr(cause, "sqlstate", None)  # libpq gives none to an error of its own, which is of the connection
    return state is None or state == FULL or state.startswith(LOST)


def _unshowable(found: Unshowable) -> Problem:
    message = "program %r of tenant %r cannot be shown; correct its dates, amounts and arrays"
    logger.error(message, found.program_id, found.tenant, exc_info=found.__cause__)
    return Problem(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "A program of this answer holds a date, an amount or an array that JSON cannot show; the log names it.",
        type=UNSHOWABLE,
        title="Data that cannot be shown",
    )


def failed(exception: Exception, path: str) -> HttpResponse:
    """Log *exception*, an internal error, and return the answer."""
    logger.error("%s failed", path, exc_info=exception)
    return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, FAILURE).response()


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler of requests that it refuses itself."""
    return Problem(HTTPStatus.BAD_REQUEST, "The request cannot be read.").response()


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a path that Django does not know."""
    detail = f"There is nothing at {request.path}; /api/openapi.json describes what there is."
    return Problem(HTTPStatus.NOT_FOUND, detail).response()


def failure(request: HttpRequest) -> HttpResponse:
    """Django's handler of internal errors; the traceback is in the log."""
    return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, FAILURE).response()

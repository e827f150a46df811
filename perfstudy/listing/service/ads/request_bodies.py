"""Bodies of writes: a JSON object for an update, JSON lines for a sync."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from itertools import chain
from typing import Any

from django.core import signing
from django.http import HttpRequest
from django.utils import timezone

from perfstudy.listing.service.ads import fields
from perfstudy.listing.service.problems import Problem, bad_parameter

LONGEST = 64 * 1024
"""Bytes of a program at most: of an update's body, and of a line of a sync."""
DEEPEST = 32
"""Levels to which arrays and objects may nest: a parser may give up long before the stack does."""

SALT = "perfstudy.sync"


@dataclass(frozen=True)
class Sync:
    """A sync in progress: its programs by column, in turn, and its state.

    ``started`` distinguishes the programs that this sync has sent from the others; ``complete`` says that there are no
    others, so that those may be deleted.
    """

    token: str
    started: datetime
    complete: bool
    programs: Iterator[dict[str, Any]]


def read_changes(request: HttpRequest) -> dict[str, Any]:
    """Return what an update sets, by column.

    Raises:
        Problem: 400, where the body is no object of fields that may be set; 413, where it is too long.
    """
    _length(request)
    with _arriving():
        text = request.read(LONGEST + 1)
    given = _object(text)
    found = fields.columns(given, fields.CHANGEABLE, partial=True)
    if not found:
        names = ", ".join(field.name for field in fields.CHANGEABLE)
        raise Problem(HTTPStatus.BAD_REQUEST, f"The body sets nothing; it may set {names}.")
    return found


def read_sync(request: HttpRequest, tenant: str) -> Sync:
    """Return the sync that *request* starts or continues; programs are read lazily.

    Raises:
        Problem: 400, for parameters that are not ``sync=TOKEN`` of this tenant and ``complete=true`` or ``false``.
    """
    _length(request)
    given = request.GET
    for name in given:
        if name not in ("sync", "complete"):
            raise bad_parameter(name, given[name], "only sync and complete")
    if given.get("complete", "false") not in ("true", "false"):
        raise bad_parameter("complete", given["complete"], "true or false")
    token, started = _begun(given["sync"], tenant) if "sync" in given else _begin(tenant)
    return Sync(token, started, given.get("complete") == "true", _programs(request))


def _begin(tenant: str) -> tuple[str, datetime]:
    started = timezone.now()
    return signing.dumps([tenant, started.isoformat()], salt=SALT), started


def _begun(token: str, tenant: str) -> tuple[str, datetime]:
    try:
        owner, started = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        owner, started = None, ""
    if owner != tenant:
        raise bad_parameter("sync", token, "the token that the sync's first answer gave")
    return token, datetime.fromisoformat(started)


def _programs(request: HttpRequest) -> Iterator[dict[str, Any]]:
    number, left = 0, _length(request)
    while line := _line(request):
        number, left = number + 1, left - len(line)
        try:
            if line.strip():
                yield fields.columns(_object(line), fields.SYNCED, partial=False)
        except Problem as problem:
            problem.members["line"] = number
            raise
    if left > 0:
        # A client that disconnected must not be taken for one without more programs: the others would be deleted.
        raise Problem(HTTPStatus.BAD_REQUEST, f"The body ends {left} bytes before its Content-Length.", line=number)


def _line(request: HttpRequest) -> bytes:
    with _arriving():
        return request.readline(LONGEST + 1)


@contextmanager
def _arriving() -> Iterator[None]:
    """Read from the client, which may have disconnected."""
    try:
        yield
    except OSError:
        raise Problem(HTTPStatus.BAD_REQUEST, "The connection ended within the body.") from None


def _object(text: bytes) -> dict[str, Any]:
    """Return the JSON object that *text* is; strictly JSON, without NaN and Infinity."""
    if len(text) > LONGEST:
        raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"A program takes {LONGEST} bytes at most.")
    try:
        found = json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except (ValueError, RecursionError):
        raise Problem(HTTPStatus.BAD_REQUEST, "The body, or a line of it, is not JSON.") from None
    if not isinstance(found, dict):
        raise Problem(HTTPStatus.BAD_REQUEST, "The body, or a line of it, is JSON but no object.")
    if _deep(found):
        raise Problem(HTTPStatus.BAD_REQUEST, f"The body, or a line of it, nests deeper than {DEEPEST} levels.")
    return found


def _deep(value: Any) -> bool:
    level = [value]
    for _ in range(DEEPEST):
        parts = [part.values() if isinstance(part, dict) else part for part in level if isinstance(part, dict | list)]
        level = list(chain.from_iterable(parts))
    return any(isinstance(part, dict | list) for part in level)


def _refuse(constant: str) -> Any:
    raise ValueError(constant)


def _finite(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise ValueError(digits)
    return number


def _length(request: HttpRequest) -> int:
    """Return the body's length in bytes, which must be stated.

    Without it the body would be taken for an empty one.
    """
    stated = request.META.get("CONTENT_LENGTH", "")
    if "Transfer-Encoding" in request.headers or not re.fullmatch(r"[0-9]{1,18}", stated):
        raise Problem(HTTPStatus.LENGTH_REQUIRED, "Send the body with a Content-Length.")
    return int(stated)

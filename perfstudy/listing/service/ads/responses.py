"""The listing's HTTP response: status, headers and body, for any application."""

import gzip
import re
from functools import lru_cache
from http import HTTPStatus
from typing import NamedTuple

from django.conf import settings

from perfstudy.listing import exact
from perfstudy.listing.contract import Answer, Position
from perfstudy.listing.service import request_context
from perfstudy.listing.service.ads import cursors, parameters

JSON = "application/json"
LINKS = 4096
"""Links that are cached."""
PART = re.compile(
    r"\s*(?P<coding>[!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*(?:;\s*[qQ]\s*=\s*(?P<weight>[01](?:\.[0-9]{0,3})?)\s*)?"
)
"""A part of ``Accept-Encoding`` (RFC 9110, section 12.5.3)."""


class RequestTarget(NamedTuple):
    """The headers on which an answer depends besides the query."""

    path: str
    query_string: str
    accept_encoding: str


class Response(NamedTuple):
    """An answer without the headers that all answers have."""

    status: int
    headers: dict[str, str]
    body: bytes
    total: int | None = None
    """The number of programs, if the body has a coding that hides it."""


def build_response(answer: Answer, tenant: str, asked: RequestTarget) -> Response:
    """Return *answer* as it is sent to *tenant*, who asked for it as *asked* says."""
    headers: dict[str, str] = {}
    with request_context.span("serialize"):
        body = b"" if answer.unchanged else _body(answer, asked.accept_encoding, headers)
    if answer.cacheable:
        headers["X-Cache"] = "HIT" if answer.from_cache else "MISS"
    if answer.tag:
        headers["ETag"] = answer.tag
    if answer.end:
        headers["Link"] = _link(asked.path, asked.query_string, tenant, answer.end, settings.SECRET_KEY)
    if answer.varies:
        headers["Vary"] = "Accept-Encoding"
    return Response(HTTPStatus.NOT_MODIFIED if answer.unchanged else HTTPStatus.OK, headers, body, answer.total)


@lru_cache(maxsize=LINKS)
def _link(path: str, query_string: str, tenant: str, end: Position, secret: str) -> str:
    """Return the link to the next page, signed by *secret* once and cached."""
    return cursors.link(path, parameters.parse_parameters(query_string), tenant, end)


def _body(answer: Answer, accepted: str, headers: dict[str, str]) -> bytes:
    """Return the body as the client accepts it; *headers* say what it is."""
    headers["Content-Type"] = JSON
    if answer.body is None:
        return exact.encode(answer.document)
    if answer.coding is None:
        return answer.body
    if not accepts_coding(accepted, answer.coding):
        return gzip.decompress(answer.body)
    headers["Content-Encoding"] = answer.coding
    return answer.body


def accepts_coding(header: str, coding: str) -> bool:
    """Return whether *header*, an ``Accept-Encoding``, asks for *coding*.

    A part that cannot be parsed asks for nothing. A client that sends no such header would have to accept any coding,
    but the oldest ones accept none.
    """
    weights = {}
    for part in header.split(","):
        if found := PART.fullmatch(part):
            weights[found["coding"].lower()] = float(found["weight"] or 1)
    return weights.get(coding, weights.get("*", 0.0)) > 0

"""HTTP on one side, the listing on the other."""

import json
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse

from perfstudy.seams import View
from perfstudy.service import auth, health, timing
from perfstudy.service.ads import parameters
from perfstudy.service.problems import Problem

Handler = Callable[[HttpRequest], HttpResponse]

METHODS = ("GET", "HEAD")


def readonly(handler: Handler) -> Handler:
    """Let *handler* answer GET and HEAD, and refuse every other method with 405."""

    @wraps(handler)
    def checked(request: HttpRequest) -> HttpResponse:
        if request.method not in METHODS:
            allow = ", ".join(METHODS)
            detail = f"{request.path} takes {allow}, not {request.method}."
            raise Problem(HTTPStatus.METHOD_NOT_ALLOWED, detail, headers={"Allow": allow})
        return handler(request)

    return checked


def encoded(document: Any) -> bytes:
    """Return *document* as JSON without a needless byte."""
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()


def respond(document: Any) -> HttpResponse:
    """Return the 200 with *document*."""
    return HttpResponse(encoded(document), content_type="application/json")


def programs(view: View) -> Handler:
    """Return the handler that lists programs as *view* answers."""

    @readonly
    def handle(request: HttpRequest) -> HttpResponse:
        answer = view(parameters.query(request, auth.tenant(request)))
        with timing.span("serialize"):
            response = respond(answer.document)
        if answer.cacheable:
            response["X-Cache"] = "HIT" if answer.from_cache else "MISS"
        return response

    return handle


@readonly
def noop(request: HttpRequest) -> HttpResponse:
    """Answer with nothing: what the client, the server and HTTP take for themselves."""
    return respond({})


@readonly
def healthy(request: HttpRequest) -> HttpResponse:
    """Answer 200 where both servers answer, 503 with the state of each where one does not."""
    states = health.check()
    if set(states.values()) != {"ok"}:
        down = " and ".join(server for server, state in states.items() if state != "ok")
        headers = {"Retry-After": "1"}
        raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, f"Not reachable: {down}.", headers=headers, **states)
    return respond({"status": "ok", **states})

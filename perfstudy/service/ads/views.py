"""HTTP on one side, the listing on the other."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified

from perfstudy.seams import Answer, View, Writing, encoded
from perfstudy.service import auth, health, timing
from perfstudy.service.ads import bodies, codings, cursors, parameters, writes
from perfstudy.service.problems import Problem

Handler = Callable[..., HttpResponse]


def taking(*methods: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Let a handler answer *methods*, and refuse every other one with 405."""

    def decorated(handler: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(handler)
        def checked(request: HttpRequest, **parts: str) -> HttpResponse:
            if request.method not in methods:
                allow = ", ".join(methods)
                detail = f"{request.path} takes {allow}, not {request.method}."
                raise Problem(HTTPStatus.METHOD_NOT_ALLOWED, detail, headers={"Allow": allow})
            return handler(request, **parts)

        return checked

    return decorated


readonly = taking("GET", "HEAD")


def respond(document: Any) -> HttpResponse:
    """Return the 200 with *document*."""
    return sent(encoded(document))


def sent(body: bytes) -> HttpResponse:
    """Return the 200 with a finished *body*."""
    return HttpResponse(body, content_type="application/json")


def programs(view: View) -> Handler:
    """Return the handler that lists programs as *view* answers."""

    @readonly
    def handle(request: HttpRequest) -> HttpResponse:
        tenant = auth.tenant(request)
        answer = view(parameters.query(request, tenant))
        with timing.span("serialize"):
            response = _response(answer, request.headers.get("Accept-Encoding", ""))
        if answer.cacheable:
            response["X-Cache"] = "HIT" if answer.from_cache else "MISS"
        if answer.tag:
            response["ETag"] = answer.tag
        if answer.end:
            response["Link"] = cursors.link(request, tenant, answer.end)
        if answer.varies:
            response["Vary"] = "Accept-Encoding"
        return response

    return handle


def _response(answer: Answer, accepted: str) -> HttpResponse:
    if answer.unchanged:
        return HttpResponseNotModified()
    if answer.body is None:
        return respond(answer.document)
    if answer.coding is None:
        return sent(answer.body)
    if not codings.accepts(accepted, answer.coding):
        return sent(codings.decoded(answer.body))
    response = sent(answer.body)
    response["Content-Encoding"] = answer.coding
    return response


def program(writing: Writing) -> Handler:
    """Return the handler that changes one program, the write surrounded by *writing*."""

    @taking("PATCH")
    def handle(request: HttpRequest, program_id: str) -> HttpResponse:
        tenant = auth.tenant(request)
        return respond(writes.update(writing, tenant, program_id, bodies.changes(request)))

    return handle


def sync(writing: Writing) -> Handler:
    """Return the handler that takes a tenant's programs, the writes surrounded by *writing*."""

    @taking("POST")
    def handle(request: HttpRequest) -> HttpResponse:
        tenant = auth.tenant(request)
        return respond(writes.sync(writing, tenant, bodies.sync(request, tenant)))

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

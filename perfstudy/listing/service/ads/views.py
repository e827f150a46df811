"""HTTP on one side, the listing on the other."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse

from perfstudy.listing import exact
from perfstudy.listing.contract import View, Writing
from perfstudy.listing.service import auth, health, request_context
from perfstudy.listing.service.ads import parameters, request_bodies, responses, writes
from perfstudy.listing.service.ads.responses import JSON, RequestTarget
from perfstudy.listing.service.problems import Problem

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
    return HttpResponse(exact.encode(document), content_type=JSON)


def programs(view: View) -> Handler:
    """Return the handler that lists programs as *view* answers."""

    @readonly
    def handle(request: HttpRequest) -> HttpResponse:
        headers, query_string = request.headers, request.META.get("QUERY_STRING", "")
        tenant = auth.authenticate(headers.get("Authorization", ""))
        query = parameters.parse_query(query_string, headers.get("If-None-Match", ""), tenant)
        context = request_context.current()
        context.query = query
        asked = RequestTarget(request.path, query_string, headers.get("Accept-Encoding", ""))
        reply = responses.build_response(view(query), tenant, asked)
        context.total = reply.total
        response = HttpResponse(reply.body, status=reply.status, headers=reply.headers)
        if reply.status == HTTPStatus.NOT_MODIFIED:
            del response["Content-Type"]  # Django's own, of a body that there is not
        return response

    return handle


def program(writing: Writing) -> Handler:
    """Return the handler that changes one program, the write surrounded by *writing*."""

    @taking("PATCH")
    def handle(request: HttpRequest, program_id: str) -> HttpResponse:
        tenant = auth.authenticate(request.headers.get("Authorization", ""))
        return respond(writes.update(writing, tenant, program_id, request_bodies.read_changes(request)))

    return handle


def sync(writing: Writing) -> Handler:
    """Return the handler of a sync, its writes wrapped by *writing*."""

    @taking("POST")
    def handle(request: HttpRequest) -> HttpResponse:
        tenant = auth.authenticate(request.headers.get("Authorization", ""))
        return respond(writes.sync(writing, tenant, request_bodies.read_sync(request, tenant)))

    return handle


@readonly
def noop(request: HttpRequest) -> HttpResponse:
    """Answer with nothing: what the client, the server and HTTP take for themselves."""
    return respond({})


@readonly
def healthy(request: HttpRequest) -> HttpResponse:
    """Answer 200 if both servers answer, else 503 with the state of each."""
    states = health.check()
    if set(states.values()) != {"ok"}:
        down = " and ".join(server for server, state in states.items() if state != "ok")
        headers = {"Retry-After": "1"}
        raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, f"Not reachable: {down}.", headers=headers, **states)
    return respond({"status": "ok", **states})

"""The service's OpenAPI 3.1 description, from the declarations that validate it."""

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse

from perfstudy import __version__
from perfstudy.listing.service import problems
from perfstudy.listing.service.ads import fields
from perfstudy.listing.service.ads.parameters import Parameter, declared
from perfstudy.listing.service.ads.views import readonly, respond
from perfstudy.listing.service.schemas import LINES, SCHEMAS, TOKEN, Schema, reference

HEADERS: dict[str, Any] = {
    "X-Request-Id": {
        "description": "The request's own id where it sent a sane one, else a new one.",
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"},
    },
    "Server-Timing": {
        "description": "Milliseconds of connect, db, serialize and total.",
        "schema": {"type": "string"},
    },
    "X-Cache": {
        "description": "Whether a cache supplied the answer; absent where none was asked.",
        "schema": {"enum": ["HIT", "MISS"]},
    },
    "WWW-Authenticate": {"description": "How to authenticate.", "schema": {"type": "string"}},
    "Retry-After": {"description": "Seconds until another try may succeed.", "schema": {"type": "integer"}},
    "ETag": {
        "description": "Names the answer, for If-None-Match; absent where the variant does not.",
        "schema": {"type": "string"},
    },
    "Link": {
        "description": "The next page; absent where there is none, and where the variant has no cursors.",
        "schema": {"type": "string"},
    },
    "Vary": {
        "description": "Accept-Encoding, where a cache holds the answer compressed.",
        "schema": {"type": "string"},
    },
    "Allow": {"description": "The methods that there are.", "schema": {"type": "string"}},
}

COMMON = ("X-Request-Id", "Server-Timing")


def response(description: str, body: Schema | None, media: str, *headers: str) -> dict[str, Any]:
    """Return a response, without a body if *body* is None."""
    named = {name: {"$ref": f"#/components/headers/{name}"} for name in (*COMMON, *headers)}
    content = {"content": {media: {"schema": body}}} if body else {}
    return {"description": description, "headers": named, **content}


def parameter(declared: Parameter) -> dict[str, Any]:
    """Return the description of a parameter."""
    default = {} if declared.default is None else {"default": declared.default}
    return {
        "name": declared.name,
        "in": "query",
        "required": False,
        "description": f"{declared.description} Allowed: {declared.kind.allowed}.",
        "schema": declared.kind.schema | default,
    }


ERRORS: dict[str, tuple[str, tuple[str, ...]]] = {
    "400": ("A parameter is unknown, stands twice, or has a value that is not allowed.", ()),
    "401": ("The bearer token is missing or not of this service.", ("WWW-Authenticate",)),
    "404": ("The tenant has no such program.", ()),
    "411": ("The body's length is not stated.", ()),
    "413": ("A program is too long.", ()),
    "500": ("The service failed, or a program holds data that cannot be shown.", ()),
    "503": ("PostgreSQL or Redis does not answer.", ("Retry-After",)),
}


def operation(
    identity: str, summary: str, body: Schema, *errors: str, head: bool, headers: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Return an operation; a HEAD answers as the GET would, without a body."""
    answers = {"200": response(summary, None if head else body, "application/json", *headers)}
    for status in errors:
        description, extra = ERRORS[status]
        problem = None if head else reference("Problem")
        answers[status] = response(description, problem, problems.MEDIA_TYPE, *extra)
    return {
        "operationId": f"{identity}Head" if head else identity,
        "summary": f"{summary} Headers only." if head else summary,
        "security": [{"tenant": []}] if "401" in errors else [],
        "responses": answers,
    }


def resource(
    identity: str, summary: str, body: Schema, *errors: str, headers: tuple[str, ...] = (), **shared: Any
) -> dict[str, Any]:
    """Return the two read operations of a path; other methods get 405 and ``Allow``."""
    return shared | {
        method: operation(identity, summary, body, *errors, head=method == "head", headers=headers)
        for method in ("get", "head")
    }


def write(
    identity: str, summary: str, given: dict[str, Any], answer: Schema, *errors: str, **shared: Any
) -> dict[str, Any]:
    """Return an operation that takes a body, in any of the media types *given*."""
    described = operation(identity, summary, answer, *errors, head=False)
    return described | {"requestBody": {"required": True, "content": given}} | shared


def in_query(name: str, schema: Schema, meaning: str) -> dict[str, Any]:
    """Return the description of an optional parameter of a write."""
    return {"name": name, "in": "query", "required": False, "description": meaning, "schema": schema}


@cache
def description() -> dict[str, Any]:
    """Return the OpenAPI document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Programs of a tenant",
            "version": __version__,
            "description": "One listing and its writes. An address answers the methods that it does not take with 405.",
        },
        "servers": [{"url": "/"}],
        "paths": {
            "/api/programs": resource(
                "listPrograms",
                "One page of the tenant's programs, by start date descending, then by id.",
                reference("Page"),
                *("400", "401", "500", "503"),
                headers=("X-Cache", "ETag", "Link", "Vary"),
                parameters=[parameter(one) for one in declared()],
            ),
            "/api/programs/{program_id}": {
                "parameters": [
                    {"name": "program_id", "in": "path", "required": True, "schema": fields.IDENTITY.schema}
                ],
                "patch": write(
                    "changeProgram",
                    "Change one program of the tenant.",
                    {"application/json": {"schema": reference("Change")}},
                    reference("Program"),
                    *("400", "401", "404", "411", "413", "500", "503"),
                ),
            },
            "/api/sync": {
                "post": write(
                    "syncPrograms",
                    "Insert or update the tenant's programs, one a line, and delete the others once complete.",
                    LINES,
                    reference("Sync"),
                    *("400", "401", "411", "413", "500", "503"),
                    parameters=[
                        in_query("sync", TOKEN, "The token of the sync to go on with."),
                        in_query("complete", {"type": "boolean"}, "Whether these are the last programs."),
                    ],
                ),
            },
            "/api/noop": resource("doNothing", "Nothing, as fast as it goes.", reference("Nothing")),
            "/api/health": resource("checkHealth", "Both servers answer.", reference("Health"), "503"),
            "/api/openapi.json": resource("describe", "This description.", {"type": "object"}),
        },
        "components": {
            "schemas": SCHEMAS,
            "headers": HEADERS,
            "securitySchemes": {"tenant": {"type": "http", "scheme": "bearer"}},
        },
    }


@readonly
def view(request: HttpRequest) -> HttpResponse:
    """Answer with the description."""
    return respond(description())

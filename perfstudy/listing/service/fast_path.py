"""Answers of the listing that bypass Django's request, routing and middleware.

Only plain requests of the listing are answered here; Django answers all others as usual. Hits and misses are counted
like Django's, but not logged: writing a line takes longer than a hit may.
"""

from http import HTTPStatus
from typing import Any

from django.db import close_old_connections

from perfstudy.listing.contract import Query, View
from perfstudy.listing.service import auth, problems, request_context
from perfstudy.listing.service.ads import parameters, responses
from perfstudy.listing.service.body_drain import Application
from perfstudy.listing.service.request_context import RequestContext

PATH = "/api/programs"


class FastPath:
    """A WSGI application that answers the listing by *view*, and the rest by *django*."""

    def __init__(self, django: Application, view: View) -> None:
        self._django = django
        self._view = view

    def __call__(self, environ: dict[str, Any], start: Any) -> Any:
        """Answer a request."""
        if environ["REQUEST_METHOD"] != "GET" or environ["PATH_INFO"] != PATH or environ.get("SCRIPT_NAME"):
            return self._django(environ, start)
        asked = environ.get("QUERY_STRING", "")
        try:
            tenant = auth.authenticate(environ.get("HTTP_AUTHORIZATION", ""))
            query = parameters.parse_query(asked, environ.get("HTTP_IF_NONE_MATCH", ""), tenant)
        except problems.Problem:
            return self._django(environ, start)
        context = request_context.current()
        context.path, context.kind = PATH, parameters.path_of(query)
        target = responses.RequestTarget(PATH, asked, environ.get("HTTP_ACCEPT_ENCODING", ""))
        reply = self._reply(query, context, target)
        context.total = reply.total
        start(STATUS_LINES[reply.status], list(reply.headers.items()))
        return (reply.body,)

    def _reply(self, query: Query, context: RequestContext, asked: responses.RequestTarget) -> responses.Response:
        """Return the answer to *query*, or to its failure."""
        try:
            return responses.build_response(self._view(query), query.tenant, asked)
        except Exception as error:
            problem = problems.problem_of(error)
            response = problem.response() if problem else problems.failed(error, PATH)
            return responses.Response(response.status_code, dict(response.items()), response.content)
        finally:
            if context.clock.spent["connect"]:
                close_old_connections()


STATUS_LINES = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}

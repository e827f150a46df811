"""The part of a request's lifecycle that needs Django.

Its route, its statements and its problems.
"""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from perfstudy.listing.service import metrics, problems, request_context
from perfstudy.listing.service.statements import record_statements


class DjangoRequestMiddleware:
    """The only middleware: fill in the request's context and answer with problems."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer *request*."""
        context = request_context.current()
        context.in_django, context.path = True, request.path

        def name_route() -> None:
            context.kind = metrics.query_kind(request)

        request_context.defer(name_route)
        with record_statements(context.identity):
            return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        """Answer with the problem that *exception* is, if it is one."""
        problem = problems.problem_of(exception)
        return problem.response() if problem else None

"""The lifecycle of a request, common to Django and the fast path.

Before: an id and a clock. With the answer: the common headers. Once it is sent, so that no client waits for it:
deferred work, the cache's line in the log, the counters and the access record.
"""

import logging
import re
from collections.abc import Callable, Iterator
from functools import reduce
from http import HTTPStatus
from pkgutil import resolve_name
from time import perf_counter
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.utils.encoding import escape_uri_path, iri_to_uri

from perfstudy.listing.contract import View
from perfstudy.listing.service import log_format, metrics, request_context
from perfstudy.listing.service.ads.caching import CachedView
from perfstudy.listing.service.ads.parameters import path_of
from perfstudy.listing.service.body_drain import Application
from perfstudy.listing.service.request_context import RequestContext
from perfstudy.listing.variant import Variant

logger = logging.getLogger("perfstudy.cache")

REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Lifecycle:
    """The WSGI application around *application*, every answer of which is whole."""

    def __init__(self, application: Application) -> None:
        self.application = application

    def __call__(self, environ: dict[str, Any], start: Any) -> "SentBody":
        """Answer a request."""
        identity = request_id(environ.get("HTTP_X_REQUEST_ID", ""))
        context = request_context.begin(identity, environ["REQUEST_METHOD"], environ.get("QUERY_STRING", ""))
        started: list[Any] = []
        answer = self.application(environ, lambda *given: started.extend(given))
        status, headers = started[0], dict(started[1])
        body = b"".join(answer)
        context.status, context.cache, context.body = int(status[:3]), headers.get("X-Cache", ""), body
        headers.setdefault("X-Request-Id", identity)
        headers.setdefault("Cache-Control", "private")
        if context.status != HTTPStatus.NOT_MODIFIED:
            headers["Content-Length"] = str(len(body))
        headers["Server-Timing"] = context.clock.header()
        context.seconds = perf_counter() - context.clock.started
        start(status, list(headers.items()))
        return SentBody(b"" if context.method == "HEAD" else body, context, getattr(answer, "close", None))


def serve(django: Application, variant: Variant, view: View) -> Application:
    """Return *django* as the optimizations of *variant* wrap it, for one process."""
    wrappers = [resolve_name(o.application) for o in variant if o.application]
    whole = Lifecycle(reduce(lambda whole, wrap: wrap(whole, view), wrappers, django))
    if not settings.PERFSTUDY_FRONT:
        return whole
    assert isinstance(view, CachedView)
    return resolve_name(settings.PERFSTUDY_FRONT)(whole, view.peek)  # type: ignore[no-any-return]


def request_id(given: str) -> str:
    """Return the id that the client gave its request, or a new one if it is invalid."""
    return given if REQUEST_ID.fullmatch(given) else uuid4().hex


class SentBody:
    """A response body, with the work that follows once it is sent."""

    __slots__ = ("_body", "_close", "_context")

    def __init__(self, body: bytes, context: RequestContext, close: Callable[[], None] | None) -> None:
        self._body = body
        self._context = context
        self._close = close

    def __iter__(self) -> Iterator[bytes]:
        return iter((self._body,))

    def close(self) -> None:
        """Do what was deferred, and count and log the request."""
        try:
            self._context.run_deferred()
            record(self._context)
        finally:
            if self._close:
                self._close()


def record(context: RequestContext) -> None:
    """Count and log a request that is answered."""
    if context.cache and context.query:
        logger.info(context.cache, extra={"tenant": context.query.tenant, "path": path_of(context.query)})
    tenant_class = metrics.tenant_class(context.body, context.total)
    labels = metrics.RequestMetrics(context.kind, str(context.status), context.cache, tenant_class)
    metrics.count_request(labels, context.clock, context.seconds)
    if log_format.requests.isEnabledFor(logging.INFO):
        log_format.requests.info("request", extra={"fields": _fields(context)})


def _fields(context: RequestContext) -> dict[str, Any]:
    spent = {**context.clock.spent, "total": context.seconds}
    asked = f"?{iri_to_uri(context.query_string)}" if context.query_string else ""
    return {
        "request_id": context.identity,
        "variant": settings.PERFSTUDY_VARIANT,
        "method": context.method,
        "target": escape_uri_path(context.path) + asked,
        "path": context.kind,
        "status": context.status,
        "cache": context.cache or None,
        "bytes": len(context.body),
        "ms": {name: round(value * 1e3, 3) for name, value in spent.items()},
    }

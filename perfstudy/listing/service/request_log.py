"""What is told of a request once its answer is sent, so that nobody waits for it: counters and the log."""

import logging
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.encoding import escape_uri_path, iri_to_uri

from perfstudy.listing.service import log_format, metrics, timing


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestRecord:
    """A request and its answer."""

    identity: str
    method: str
    path: str
    query_string: str
    kind: str
    """Which of the listing's paths it took, or the route of another address."""
    status: int
    cache: str
    """HIT or MISS, and empty where no cache was asked."""
    body: bytes
    total: int | None
    """How many programs there are, where *body* does not say it."""
    clock: timing.Clock
    seconds: float
    """From its arrival until its answer was ready."""

    @property
    def target(self) -> str:
        """What was asked for, as it stood in the request."""
        asked = escape_uri_path(self.path)
        return f"{asked}?{iri_to_uri(self.query_string)}" if self.query_string else asked


def record(told: RequestRecord) -> None:
    """Count and log a request that is answered."""
    tenant_class = metrics.tenant_class(told.body, told.total)
    metrics.count_request(
        metrics.RequestMetrics(told.kind, str(told.status), told.cache, tenant_class), told.clock, told.seconds
    )
    if log_format.requests.isEnabledFor(logging.INFO):
        log_format.log_answer(_fields(told))


def _fields(told: RequestRecord) -> dict[str, Any]:
    spent = {**told.clock.spent, "total": told.seconds}
    return {
        "request_id": told.identity,
        "variant": settings.PERFSTUDY_VARIANT,
        "method": told.method,
        "target": told.target,
        "path": told.kind,
        "status": told.status,
        "cache": told.cache or None,
        "bytes": len(told.body),
        "ms": {name: round(value * 1e3, 3) for name, value in spent.items()},
    }

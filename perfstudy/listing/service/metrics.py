"""The service's counters at ``/metrics``, in OpenMetrics, summed over the workers.

No tenant's name is a label: a label's values must be few, and known beforehand. Tenants are distinguished by class
instead: after how many programs the answer counts (``total_count``), so that telling it takes no query.

Everything is counted when the answer has been sent, so that no client waits for it.
"""

import os
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.metrics_core import InfoMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.openmetrics import exposition
from prometheus_client.registry import Collector

from perfstudy.listing import selection
from perfstudy.listing.contract import ANY_STATUS
from perfstudy.listing.service.ads.views import readonly
from perfstudy.listing.service.request_context import SPANS, Clock
from perfstudy.model import variables

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The variable that names the folder of the workers' counters; without it, a process reports only itself."""

CLASSES = ((100, "small"), (1_000, "medium"))
"""Upper bounds of a tenant's programs, and the class of each; any other is ``large``."""

BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds in seconds."""

REGISTRY = CollectorRegistry()

REQUESTS = Counter(
    "perfstudy_requests",
    "Answered requests; cache is HIT or MISS, and empty where no cache was asked.",
    ("path", "status", "cache", "tenant_class"),
    registry=REGISTRY,
)
DURATION = Histogram(
    "perfstudy_request_duration_seconds",
    "Time from a request's arrival until its answer is ready.",
    ("path", "cache"),
    buckets=BUCKETS,
    registry=REGISTRY,
)
PHASES = Counter(
    "perfstudy_phase_seconds",
    "Time within requests by phase: reaching PostgreSQL, its statements, making the answer's bytes.",
    ("path", "cache", "phase"),
    registry=REGISTRY,
)


class RequestMetrics(NamedTuple):
    """What is counted of a request: the values of the labels."""

    path: str
    status: str
    cache: str
    tenant_class: str


def query_kind(request: HttpRequest) -> str:
    """Return which path of the listing *request* takes, or the route of another URL."""
    if request.resolver_match is None:
        return "nowhere"
    if request.resolver_match.route != "api/programs":
        return request.resolver_match.route
    try:
        given = request.GET
    except SuspiciousOperation:  # refused for its query, which therefore says nothing
        return "all"
    if "business_id" in given:
        return "business"
    return "type" if given.get("program_type", ANY_STATUS) != ANY_STATUS else "all"


def tenant_class(body: bytes, total: int | None = None) -> str:
    """Return ``small``, ``medium`` or ``large``, by the number of programs.

    The number is *total* or, without one, the count in *body*. The result is empty if neither has one.
    """
    programs = selection.total_of(body) if total is None else total
    if programs is None:
        return ""
    return next((name for most, name in CLASSES if programs <= most), "large")


def count_request(counted: RequestMetrics, clock: Clock, seconds: float) -> None:
    """Count a request that took *seconds*, of which *clock* knows the phases."""
    requests, duration, phases = _children(counted)
    requests.inc()
    duration.observe(seconds)
    for name, spent in clock.spent.items():
        if spent:
            phases[name].inc(spent)


@cache
def _children(counted: RequestMetrics) -> tuple[Counter, Histogram, dict[str, Counter]]:
    """Return the counters of these labels; finding them costs more than counting."""
    path, cached = counted.path, counted.cache
    phases = {name: PHASES.labels(path, cached, name) for name in SPANS}
    return REQUESTS.labels(*counted), DURATION.labels(path, cached), phases


class Variant(Collector):
    """A metric that names the variant of the process, to tell services apart."""

    def collect(self) -> list[InfoMetricFamily]:
        """Return an info metric with the variant and the instance as labels."""
        known = {"variant": settings.PERFSTUDY_VARIANT, "instance": variables.INSTANCE.read() or ""}
        return [InfoMetricFamily("perfstudy_variant", "The variant served.", known)]


class Workers(Collector):
    """The counters of all workers, read from the files in *folder*."""

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder)

    def collect(self) -> Iterable[Metric]:
        """Return the sums; a file that a worker has only just created counts nothing."""
        files = [str(file) for file in self._folder.glob("*.db") if file.stat().st_size]
        return MultiProcessCollector.merge(files, accumulate=True)  # type: ignore[no-untyped-call, no-any-return]


def exposed() -> bytes:
    """Return all counters, including those of other workers and of ended ones."""
    gathered = CollectorRegistry()
    gathered.register(Variant())
    if folder := os.environ.get(FOLDER):
        gathered.register(Workers(folder))
    else:
        gathered.register(REGISTRY)
    return bytes(exposition.generate_latest(gathered))  # type: ignore[no-untyped-call]


@readonly
def view(request: HttpRequest) -> HttpResponse:
    """Answer with the counters."""
    return HttpResponse(exposed(), content_type=exposition.CONTENT_TYPE_LATEST)

"""The service's own counters, read from its ``/metrics``."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from perfstudy.drivers.http import Client
from perfstudy.errors import PerfstudyError


@dataclass(frozen=True, slots=True)
class Rate:
    """Hits and misses of one path and class of tenants."""

    path: str
    tenant_class: str
    hits: int
    misses: int

    @property
    def rate(self) -> float | None:
        """The fraction of requests that were hits, None before the first one."""
        return self.hits / (self.hits + self.misses) if self.hits + self.misses else None

    def row(self) -> dict[str, Any]:
        """Return the rate as a row of a table."""
        named = {"path": self.path, "tenant_class": self.tenant_class}
        return {**named, "hits": self.hits, "misses": self.misses, "rate": self.rate}


@dataclass(frozen=True, slots=True)
class Counters:
    """What a service has counted since its start."""

    variant: str
    rates: tuple[Rate, ...]
    requests: dict[str, int]
    """Answered requests by status."""

    @property
    def hits(self) -> int:
        """Requests that the cache answered."""
        return sum(rate.hits for rate in self.rates)

    @property
    def misses(self) -> int:
        """Requests that the cache could not answer."""
        return sum(rate.misses for rate in self.rates)


def read_counters(url: str) -> Counters:
    """Return the counters of the service at *url*.

    Raises:
        PerfstudyError: it does not answer, or it is no such service.
    """
    with Client(url) as client:
        answer = client.get("/metrics")
    if answer.status != 200 or not answer.headers.get("content-type", "").startswith("application/openmetrics-text"):
        raise PerfstudyError(
            f"{url}/metrics answered {answer.status} and no OpenMetrics: is it this project's service?"
        )
    try:
        return parse_metrics(answer.body.decode())
    except ValueError:
        raise PerfstudyError(f"{url}/metrics cannot be read as OpenMetrics: is it this project's service?") from None


def parse_metrics(text: str) -> Counters:
    """Return the counters of an OpenMetrics *text*."""
    from prometheus_client.openmetrics.parser import text_string_to_metric_families

    found: Any = text_string_to_metric_families(text)  # type: ignore[no-untyped-call]
    families = {family.name: family.samples for family in found}
    requests = [(s.labels, int(s.value)) for s in families.get("perfstudy_requests", ()) if s.name.endswith("_total")]
    statuses: dict[str, int] = defaultdict(int)
    for labels, value in requests:
        statuses[labels["status"]] += value
    variants = [sample.labels["variant"] for sample in families.get("perfstudy_variant", ())]
    return Counters(variants[0] if variants else "unknown", tuple(_rates(requests)), dict(sorted(statuses.items())))


def _rates(requests: Iterable[tuple[dict[str, str], int]]) -> list[Rate]:
    found: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: {"HIT": 0, "MISS": 0})
    for labels, value in requests:
        if labels["cache"] in ("HIT", "MISS"):
            found[labels["path"], labels["tenant_class"]][labels["cache"]] += value
    return [Rate(path, kind, seen["HIT"], seen["MISS"]) for (path, kind), seen in sorted(found.items())]

"""What the service's own counters say."""

from typing import Any

from prometheus_client.openmetrics.parser import text_string_to_metric_families


def count_requests(service: Any, **labels: str) -> float:
    """Return how many requests with *labels* the service has counted."""
    families = text_string_to_metric_families(service.get("/metrics", None).body.decode())
    return sum(
        sample.value
        for family in families
        for sample in family.samples
        if sample.name == "perfstudy_requests_total" and labels.items() <= sample.labels.items()
    )

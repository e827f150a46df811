"""A cell: which of its requests are timed."""

from dataclasses import replace
from typing import Any, cast

from perfstudy.drivers.http import Client, Exchange
from perfstudy.measure.cell import measure_cell
from perfstudy.model.catalog import find_study
from perfstudy.model.scenario import Scenario


class Counted:
    """A client whose answers take as many nanoseconds as there were requests."""

    def __init__(self) -> None:
        self.sent = 0

    def send(self, *given: Any, **more: Any) -> Exchange:
        """Answer one more request."""
        self.sent += 1
        return Exchange(200, {}, b"{}", self.sent)


def test_without_a_warm_up_the_first_timed_request_is_the_first() -> None:
    scenario = Scenario("list", "/list", warmups=0)
    study, client = replace(find_study("ladder"), least=5, requests=5), cast(Client, Counted())
    found = measure_cell(client, study, scenario, ["/list"] * 5, "cold", None, first=True)
    assert (found.first_ns, found.warmups, len(found.latencies)) == (1, 0, 5)

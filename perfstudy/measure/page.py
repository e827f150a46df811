"""The cells of a page: actions in a browser, and what the page counted."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from time import monotonic
from urllib.parse import quote

import numpy as np

from perfstudy.drivers.browser.actions import Visit
from perfstudy.drivers.browser.find import get_browser
from perfstudy.drivers.browser.walking import Card, collect_cards
from perfstudy.errors import NotInstalledError
from perfstudy.lab import Database, Lab
from perfstudy.lab.services import Served
from perfstudy.model.arm import Arm
from perfstudy.model.closing import Closing
from perfstudy.model.scenario import Scenario
from perfstudy.model.study import Study
from perfstudy.results import CellResult

PROGRAMS = "programs of the page, "
"""What the gate calls the programs of a page, which a competitor shows in markup of its own."""


def make_address(service: Served, scenario: Scenario, database: Database) -> str:
    """Return the address of the page, with the token in its fragment."""
    tenant = scenario.tenant(database.facts) if scenario.tenant else database.facts.tenant
    (target,) = scenario.requests(database.facts, "page", 1)
    return f"{service.url}{target}#token={quote(service.token(tenant))}"


class Pages(Closing):
    """The page of a service process, whose cells share a browser for each address.

    Only ``open`` has a fresh browser each time.
    """

    def __init__(self, clear: Callable[[], None] | None) -> None:
        """Begin without a browser.

        *clear* empties the variant's cache, and is None for a variant without one.
        """
        self._clear = clear
        self._visit: Visit | None = None
        self._address = ""

    def close(self) -> None:
        """End the browser, if there is one."""
        if self._visit is not None:
            self._visit.close()
        self._visit = None

    def measure(self, address: str, scenario: Scenario, temperature: str) -> CellResult:
        """Measure one cell of the page at *address*, and return its samples.

        The cache is cleared before a cold cell; before a warm one the page was opened since.

        Raises:
            NotInstalledError: there is no browser.
            PerfstudyError: the page did not do what it should.
        """
        started, clock = datetime.now(UTC), monotonic()
        warm = temperature == "warm"
        if warm and address != self._address:
            self._open(address)
        opens = scenario.action == "open"
        if not warm and self._clear is not None:
            self._clear()
        if opens or self._visit is None or address != self._address:
            self._open(address)
        assert self._visit is not None, "it was opened"
        found = self._visit.opened if opens else self._visit.do(scenario.action, scenario.text)
        latencies = np.maximum(1, np.rint(np.array(found.seconds) * 1e9)).astype(np.int64)
        return CellResult(
            latencies=latencies,
            first_ns=None,
            setup_seconds=max(0.0, monotonic() - clock - sum(found.seconds)),
            started_at=started,
            warmups=int(warm),
            quantities=found.quantities,
        )

    def _open(self, address: str) -> None:
        self.close()
        self._visit = Visit(get_browser(), address)
        self._address = address


def describe_browser(study: Study) -> dict[str, str]:
    """Return the browser that *study* is measured in, for its environment's identity."""
    if not list_page_scenarios(study):
        return {}
    try:
        return {"browser": get_browser().product}
    except NotInstalledError:
        return {}


def list_page_scenarios(study: Study) -> list[Scenario]:
    """Return the scenarios of *study* that are actions in a browser."""
    return [shape for shape in map(study.scenario, study.scenario_names) if shape.action]


def collect_page_answers(lab: Lab, database: Database, arm: Arm, shapes: list[Scenario]) -> dict[str, str]:
    """Return what identifies the cards of *arm*'s page, before and after each filter.

    The cards are those of the usual tenant, reached by scrolling, and what is typed is the text of *shapes*.

    Raises:
        NotInstalledError: there is no browser.
        PerfstudyError: a card is missing, or there is one too many.
    """
    browser = get_browser()
    text = next((shape.text for shape in shapes if shape.text), "")
    page = replace(shapes[0], tenant=None)
    with lab.serve(arm, database) as service:
        shown = collect_cards(browser, make_address(service, page, database), text)
    markup = {f"page, {what}": _identify([card.markup for card in cards]) for what, cards in shown.items()}
    return markup | {f"{PROGRAMS}{what}": _identify_programs(cards) for what, cards in shown.items()}


def _identify_programs(cards: list[Card]) -> str:
    return _identify([card.program for card in cards])


def _identify(parts: list[str]) -> str:
    """Return the number of *parts* and a digest of them in their order."""
    return f"{len(parts)} cards {sha256(chr(0).join(parts).encode()).hexdigest()[:16]}"

"""The page in a real browser: what each optimization saves, as exact counts, and that none changes what is shown."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from itertools import combinations

import pytest

from perfstudy.drivers.browser import actions
from perfstudy.drivers.browser.find import Browser
from perfstudy.drivers.browser.walking import Card, collect_cards
from perfstudy.listing.lab import Database, Lab
from perfstudy.listing.page_scenarios import TEXT, find_tenant
from perfstudy.listing.studies import ADVISED, add_page
from perfstudy.listing.variant import BEST, parse
from tests.browser import FOUND, needs_browser

pytestmark = needs_browser
PROGRAMS = 250
"""The programs of the tenant: enough that a virtual list holds few of them."""
CLICKS = 2
COMBINED = ["+".join(names) for number in range(1, 4) for names in combinations(ADVISED, number)]

Serve = Callable[[str], str]


@pytest.fixture(scope="module")
def serve(lab: Lab, tiny: Database) -> Iterator[Serve]:
    """Serve a variant of the page once, and return its address up to the token."""
    tenant = find_tenant(tiny.facts, PROGRAMS)
    tiny.reconcile(BEST)
    with ExitStack() as stack:

        @cache
        def start(page: str) -> str:
            variant = add_page(BEST) if page == "every" else parse(f"best+{page}" if page else "best")
            service = stack.enter_context(lab.serve(variant, tiny))
            return f"{service.url}/?search=%s#token={service.token(tenant)}"

        yield start


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Post all keys at once, which no busy machine can spread over a pause of the typist."""
    monkeypatch.setattr(actions, "INTERVAL", 0.0)
    monkeypatch.setattr(actions, "CLICKS", CLICKS)


def browser() -> Browser:
    assert isinstance(FOUND, Browser)
    return FOUND


RENDERS, MARKED = "card renders", "mark renders"


@pytest.mark.parametrize(
    ("page", "action", "search", "counts"),
    [
        ("", "type", "server", {"requests": 9}),
        ("memo", "type", "server", {"requests": 9}),
        ("virtual+debounce", "type", "server", {"requests": 1}),
        ("virtual+debounce+memo", "type", "server", {"requests": 1}),
        ("", "type", "page", {"requests": 0}),
        ("", "elsewhere", "page", {RENDERS: CLICKS * PROGRAMS, MARKED: actions.MARKS * PROGRAMS}),
        ("memo", "elsewhere", "page", {RENDERS: 0, MARKED: actions.MARKS}),
        ("virtual+debounce+memo", "elsewhere", "page", {RENDERS: 0, MARKED: actions.MARKS}),
        ("", "open", "page", {RENDERS: PROGRAMS, "requests": 1}),
        ("memo", "open", "page", {RENDERS: PROGRAMS, "requests": 1}),
    ],
)
def test_a_page_does_what_its_switches_say_and_no_more(
    serve: Serve, page: str, action: str, search: str, counts: dict[str, int]
) -> None:
    found = actions.measure_action(browser(), serve(page) % search, action, TEXT)
    assert {name: found.quantities[name] for name in counts} == counts


def test_a_virtual_list_holds_the_rows_in_sight(serve: Serve) -> None:
    every, virtual = (
        actions.measure_action(browser(), serve(page) % "page", "open", TEXT).quantities for page in ("", "virtual")
    )
    assert virtual[RENDERS] < 50 < every[RENDERS]
    assert virtual["elements"] < 500 < every["elements"]
    assert virtual["elements"] > virtual[RENDERS]


@pytest.fixture(scope="module")
def plain(serve: Serve) -> dict[str, list[Card]]:
    return collect_cards(browser(), serve("") % "page", TEXT)


@pytest.mark.parametrize("page", [*COMBINED, "content_visibility", "every"])
def test_each_page_shows_the_same_cards_in_the_same_order(
    serve: Serve, plain: dict[str, list[Card]], page: str
) -> None:
    assert collect_cards(browser(), serve(page) % "page", TEXT) == plain
    assert len(plain["all"]) == PROGRAMS
    assert 0 < len(plain["of the next status"]) < PROGRAMS

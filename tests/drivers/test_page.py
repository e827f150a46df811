"""A page in a real browser: what each action counts, and what is said of a page that fails."""

from collections.abc import Iterator

import pytest

from perfstudy.drivers.browser.actions import CHOICES, CLICKS, LEAST_REPORTED, MARKS, measure_action
from perfstudy.drivers.browser.find import Browser
from perfstudy.drivers.browser.walking import collect_cards
from perfstudy.errors import PerfstudyError
from tests.browser import FOUND, needs_browser
from tests.drivers.pages import serve_page

pytestmark = needs_browser
TEXT = "1 is a pro"
ROWS, CELLS = 200, 9
"""The programs of the page, and the cards that its virtual list has at the top."""
KEYED = (119, *[20] * 9)
"""The programs that are shown after each key: those with a 1 in their number, then those that end in it."""
NAIVE, QUICK = "", "?virtual&debounce&memo"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serve_page() as served:
        yield served


def browser() -> Browser:
    assert isinstance(FOUND, Browser)
    return FOUND


@pytest.mark.parametrize(
    ("page", "action", "parts", "counts"),
    [
        (NAIVE, "open", 1, {"requests": 1, "commits": 1, "card renders": ROWS}),
        (QUICK, "open", 1, {"requests": 1, "commits": 1, "card renders": CELLS}),
        (NAIVE, "type", 10, {"requests": 10, "commits": 10, "card renders": sum(KEYED)}),
        (QUICK, "type", 10, {"requests": 1, "commits": 1, "card renders": CELLS}),
        (NAIVE, "elsewhere", CLICKS, {"requests": 0, "card renders": CLICKS * ROWS, "mark renders": MARKS}),
        (QUICK, "elsewhere", CLICKS, {"requests": 0, "card renders": 0, "mark renders": MARKS}),
        (NAIVE, "choose", CHOICES, {"requests": CHOICES, "card renders": ROWS}),
        (QUICK, "clear", 1, {"requests": 1, "card renders": CELLS}),
    ],
)
def test_an_action_counts_what_the_page_does(
    address: str, page: str, action: str, parts: int, counts: dict[str, int]
) -> None:
    found = measure_action(browser(), address + page, action, TEXT)
    assert {name: found.quantities[name] for name in counts} == counts
    assert len(found.seconds) == parts
    assert min(found.seconds) > 0
    assert found.quantities["cpu"] > 0
    assert found.quantities["nodes"] > found.quantities["elements"] > 20
    assert found.quantities.get("inp", LEAST_REPORTED) >= LEAST_REPORTED


def test_scrolling_gives_the_times_between_frames(address: str) -> None:
    found = measure_action(browser(), address + QUICK, "scroll", TEXT)
    assert len(found.seconds) == found.quantities["frames"] > 1
    assert found.quantities["card renders"] > CELLS


@pytest.mark.parametrize(
    ("path", "said"), [("?broken", "a script of the page failed: Error: of the page"), ("none", "showed no first row")]
)
def test_a_page_that_fails_is_no_measurement(
    address: str, path: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("perfstudy.drivers.browser.page.FIRST", 1.0)
    with pytest.raises(PerfstudyError, match=said):
        measure_action(browser(), address + path, "type", TEXT)


def test_scrolling_reaches_the_cards_of_a_virtual_list_in_their_order(address: str) -> None:
    plain, virtual = (collect_cards(browser(), address + page, TEXT) for page in ("", "?virtual"))
    assert plain == virtual
    assert [len(cards) for cards in plain.values()] == [ROWS, KEYED[-1], ROWS, 67]
    wrong = collect_cards(browser(), f"{address}?wrong", TEXT)
    assert [mine == theirs for mine, theirs in zip(wrong["all"], plain["all"], strict=True)].index(False) == 7

"""A page in a real browser: what each action counts, and what is said of a page that fails."""

from collections.abc import Iterator

import pytest

from perfstudy.drivers.browser.actions import CHOICES, CLICKS, LEAST_REPORTED, MARKS, Measured, Visit, measure_action
from perfstudy.drivers.browser.film import film
from perfstudy.drivers.browser.find import Browser
from perfstudy.drivers.browser.walking import collect_cards
from perfstudy.errors import PerfstudyError
from tests.browser import FOUND, needs_browser
from tests.drivers.pages import serve_page

pytestmark = needs_browser
TEXT = "1 is a pro"
ROWS, CHOSEN, CELLS = 200, 67, 9
"""The programs of the page, those of each further status, and the cards that its virtual list has at the top."""
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
    ("page", "expected"),
    [
        (
            NAIVE,
            {
                "elsewhere": (CLICKS, {"requests": 0, "card renders": CLICKS * ROWS, "mark renders": MARKS}),
                "scroll": (None, {"requests": 0, "commits": 0, "card renders": 0}),
                "type": (10, {"requests": 10, "commits": 10, "card renders": sum(KEYED)}),
                "clear": (1, {"requests": 1, "commits": 1, "card renders": ROWS}),
                "choose": (CHOICES, {"requests": CHOICES, "card renders": CHOICES * CHOSEN}),
            },
        ),
        (
            QUICK,
            {
                "elsewhere": (CLICKS, {"requests": 0, "card renders": 0, "mark renders": MARKS}),
                "type": (10, {"requests": 1, "commits": 1, "card renders": CELLS}),
                "clear": (1, {"requests": 1, "card renders": CELLS}),
            },
        ),
    ],
)
def test_actions_that_follow_each_other_count_what_the_page_does(
    address: str, page: str, expected: dict[str, tuple[int | None, dict[str, int]]]
) -> None:
    with Visit(browser(), address + page) as visit:
        cards = CELLS if page == QUICK else ROWS
        check(visit.opened, 1, {"requests": 1, "commits": 1, "card renders": cards})
        for action, (parts, counts) in expected.items():
            check(visit.do(action, TEXT), parts, counts)


def check(found: Measured, parts: int | None, counts: dict[str, int]) -> None:
    assert {name: found.quantities[name] for name in counts} == counts
    assert len(found.seconds) == (parts or len(found.seconds))
    assert min(found.seconds) > 0
    assert found.quantities["cpu"] > 0
    assert found.quantities["nodes"] > found.quantities["elements"] > 20
    assert found.quantities.get("inp", LEAST_REPORTED) >= LEAST_REPORTED


def test_emptying_the_box_needs_no_key_before(address: str) -> None:
    check(measure_action(browser(), address + QUICK, "clear", TEXT), 1, {"requests": 1, "card renders": CELLS})


def test_scrolling_gives_the_times_between_frames(address: str) -> None:
    found = measure_action(browser(), address + QUICK, "scroll", TEXT)
    assert len(found.seconds) == found.quantities["frames"] > 1
    assert found.quantities["card renders"] > CELLS


def test_a_film_ends_with_the_rows_that_were_painted(address: str) -> None:
    frames = film(browser(), address + QUICK)
    assert [frame.seconds for frame in frames] == sorted(frame.seconds for frame in frames)
    assert all(frame.png.startswith(b"\x89PNG") for frame in frames)
    assert len(frames[-1].png) > len(min((frame.png for frame in frames), key=len)), "it was empty at first"


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
    assert [len(cards) for cards in plain.values()] == [ROWS, KEYED[-1], ROWS, CHOSEN]
    wrong = collect_cards(browser(), f"{address}?wrong", TEXT)
    assert [mine == theirs for mine, theirs in zip(wrong["all"], plain["all"], strict=True)].index(False) == 7

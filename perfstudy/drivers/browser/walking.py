"""All cards of a page, reached by scrolling, before and after each filter."""

from typing import NamedTuple

from perfstudy.drivers.browser.find import Browser
from perfstudy.drivers.browser.page import Page
from perfstudy.drivers.browser.process import BrowserProcess
from perfstudy.errors import PerfstudyError

TALL = 4000
"""Pixels of a window in which a long list takes fewer steps."""


class Card(NamedTuple):
    """A card: its place from 1 on, the size of its list, its program and its markup."""

    place: int
    size: int
    program: str
    markup: str


def collect_cards(browser: Browser, address: str, text: str) -> dict[str, list[Card]]:
    """Return the cards of the page at *address* in their order, by what is shown.

    It shows all programs, then those with *text* in them, and then those of the next status.

    Raises:
        PerfstudyError: a card is missing, or there is one too many.
    """
    with BrowserProcess(browser) as process:
        page = Page(process, TALL)
        page.open(address)
        found = {"all": _walk(page)}
        page.evaluate("document.querySelector('#search').focus()")
        page.ask("Input.insertText", text=text)
        found[f"with {text!r}"] = _walk(page)
        page.evaluate("document.querySelector('#search').select()")
        page.press("Backspace")
        found["all again"] = _walk(page)
        page.evaluate("document.querySelector('#status').focus()")
        page.press("ArrowDown")
        found["of the next status"] = _walk(page)
    return found


def _walk(page: Page) -> list[Card]:
    page.settle()
    seen = [Card(int(place), int(size), program, markup) for place, size, program, markup in page.walk()]
    cards = sorted(seen)
    sizes = sorted({card.size for card in cards})
    if [card.place for card in cards] != list(range(1, len(cards) + 1)) or sizes not in ([], [len(cards)]):
        raise PerfstudyError(
            f"scrolling reached {len(cards)} cards, from {cards[0].place} to {cards[-1].place}, of lists of {sizes}"
        )
    return cards

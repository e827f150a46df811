"""The page in a real browser: keys and focus, every state, and what axe-core finds."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest

from perfstudy.errors import PerfstudyError
from perfstudy.listing import pages
from perfstudy.listing.lab import Database, Lab
from perfstudy.listing.variant import parse
from tests.browser import needs_browser, open_browser

pytestmark = needs_browser

DESKTOP = {"viewport": {"width": 1280, "height": 800}}
PHONE = {"viewport": {"width": 360, "height": 740}}
FOCUSED = "document.activeElement.getAttribute('aria-posinset')"
CARDS = "[...document.querySelectorAll('article')].map(card => +card.getAttribute('aria-posinset'))"

Open = Callable[..., Any]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with open_browser() as opened:
        yield opened


SERVED = {
    "plain": "page+json",
    "virtual": "page+json+virtual",
    "preview": "page+json+debounce+memo+preview",
    "preview and sharing": "page+json+debounce+memo+preview+sharing",
    "windowed": "page+json+keyset+virtual+debounce+windowed",
}


@pytest.fixture(scope="module")
def services(lab: Lab, tiny: Database) -> Iterator[dict[str, Any]]:
    """Pages that differ in their switches, served by a back end that is fast enough for many visits."""
    tiny.reconcile(parse(SERVED["plain"]))
    with ExitStack() as stack:
        yield {name: stack.enter_context(lab.serve(parse(variant), tiny)) for name, variant in SERVED.items()}


@pytest.fixture
def visit(browser: Any, services: dict[str, Any], tiny: Database) -> Iterator[Open]:
    """Open the page of a variant, and see afterwards that it complained about nothing."""
    contexts, complaints = [], list[str]()

    def opened(variant: str = "virtual", token: str | None = None, search: str = "page", **screen: Any) -> Any:
        contexts.append(browser.new_context(**(DESKTOP | screen)))
        page = contexts[-1].new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        service = services[variant]
        page.goto(f"{service.url}/?search={search}#token={token or service.token(tiny.facts.tenant)}")
        page.wait_for_selector("#list[aria-busy=false]")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not [text for text in complaints if "401" not in text]


def test_the_token_leaves_the_address_at_once(visit: Open, services: dict[str, Any]) -> None:
    page = visit()
    assert page.url == f"{services['virtual'].url}/?search=page"
    assert page.locator("article").count() > 5
    assert "token" not in services["virtual"].log.read_text()


def test_the_list_says_how_long_it_is_and_where_each_card_stands(visit: Open) -> None:
    pages = [visit(variant) for variant in ("plain", "virtual")]
    sizes = [int(re.sub(r"\D", "", page.inner_text("#count"))) for page in pages]
    assert sizes[0] == sizes[1] > 100
    every, some = (page.evaluate(CARDS) for page in pages)
    assert every == list(range(1, sizes[0] + 1))
    assert some == every[: len(some)]
    assert len(some) < 20
    first, same = (page.locator("article").first.evaluate("card => card.outerHTML") for page in pages)
    assert first == same


def test_keys_lead_from_card_to_card_and_out_of_the_list(visit: Open) -> None:
    page = visit()
    size = int(page.get_attribute("article", "aria-setsize"))
    page.locator("article").first.focus()
    for key, place in {"PageDown": 2, "End": size, "PageUp": size - 1, "Home": 1}.items():
        page.keyboard.press(key)
        page.wait_for_function(f"() => {FOCUSED} === '{place}'")
    page.keyboard.press("Control+End")
    assert page.evaluate("document.activeElement.id") == "show-all"
    page.locator("article").first.focus()
    page.keyboard.press("Control+Home")
    assert page.evaluate("document.activeElement.id") == "search"


def test_the_focus_stays_on_a_card_that_is_scrolled_away(visit: Open) -> None:
    page = visit()
    page.locator("article").nth(2).focus()
    page.evaluate("document.querySelector('#list').scrollTop = 1e6")
    page.wait_for_function(f"() => {CARDS}.at(-1) === +document.querySelector('article').getAttribute('aria-setsize')")
    assert page.evaluate(FOCUSED) == "3"
    assert page.evaluate(CARDS)[0] == 3


def test_the_focus_stays_in_the_box_while_the_list_is_filtered(visit: Open) -> None:
    page = visit()
    name = page.locator("h2").nth(4).inner_text()
    page.locator("#search").press_sequentially(name[:6])
    page.wait_for_function("() => document.querySelectorAll('article').length > 0")
    assert page.evaluate("document.activeElement.id") == "search"
    assert all(name[:6].lower() in text.lower() for text in page.locator("h2").all_inner_texts())


SHOWN = "[...document.querySelectorAll('article')].map(card => card.dataset.programId)"
IS_ANSWERED = "() => document.querySelector('#list').ariaBusy === 'false'"
FRAME = "new Promise(requestAnimationFrame)"
RENDERED = "window.counts.cards"
ASKED = re.compile(r"/api/programs\?.*search=")


def asks_for(request: Any, text: str) -> bool:
    return bool(request.url.endswith(f"&search={quote_plus(text)}"))


@pytest.mark.parametrize(("variant", "follows"), [("plain", False), ("preview", True)])
def test_a_preview_follows_each_key_until_the_service_answers(visit: Open, variant: str, follows: bool) -> None:
    """The answers are held back, and then let go: the last one with another text, so that it can be told apart."""
    page = visit(variant, search="server")
    every, names = page.evaluate(SHOWN), page.locator("h2").all_inner_texts()
    text, other = names[4][:4].strip(), names[9]
    held = list[Any]()
    page.route(ASKED, lambda route: held.append(route))  # Playwright sets an attribute on what it is given
    sizes = []
    with page.expect_request(lambda request: asks_for(request, text)):
        for key in text:
            page.locator("#search").press_sequentially(key)
            page.evaluate(FRAME)
            sizes.append(page.locator("article").count())
    preview = page.evaluate(SHOWN)
    assert (0 < len(preview) < len(every)) == follows
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] == len(preview)
    assert not page.evaluate(IS_ANSWERED)
    while not (held and asks_for(held[-1].request, text)):
        page.evaluate(FRAME)
    held[-1].continue_()
    page.wait_for_function(IS_ANSWERED)
    answer = page.evaluate(SHOWN)
    assert answer == preview if follows else 0 < len(answer) < len(every)
    page.unroute(ASKED)
    instead = f"search={quote_plus(other)}"
    page.route(ASKED, lambda route: route.continue_(url=re.sub("search=.*", instead, route.request.url)))
    with page.expect_response(ASKED):
        page.fill("#search", text[:-1])
    page.wait_for_function(IS_ANSWERED)
    answered = page.locator("h2").all_inner_texts()
    assert answered
    assert all(other in name for name in answered)


@pytest.mark.parametrize(("variant", "shares"), [("preview", False), ("preview and sharing", True)])
def test_sharing_spares_the_cards_that_an_answer_repeats(visit: Open, variant: str, shares: bool) -> None:
    page = visit(variant, search="server")
    before = page.evaluate(RENDERED)
    with page.expect_response(ASKED):
        page.fill("#search", page.locator("h2").nth(4).inner_text()[:2])
    page.wait_for_function(IS_ANSWERED)
    cards, rendered = page.locator("article").count(), page.evaluate(RENDERED) - before
    first = 2  # which learns that it is the first, and what was the first that it no longer is
    assert cards > first
    assert rendered <= first if shares else rendered >= cards


def test_what_is_searched_in_the_page_is_fetched_before_the_text_has_settled(visit: Open) -> None:
    page = visit("windowed")
    asked = list[str]()
    page.on("request", lambda request: asked.append(request.url))
    page.locator("#search").press_sequentially("gre")
    page.evaluate(FRAME)
    assert len([url for url in asked if "all=true" in url]) == 1
    page.wait_for_function(IS_ANSWERED)
    assert len(asked) == 1


def test_nothing_found_is_said_and_taken_back(visit: Open) -> None:
    page = visit()
    page.fill("#search", "no business has this name")
    page.get_by_text("No program passes these filters.").wait_for()
    assert page.inner_text("#count") == "0 programs"
    page.click("#clear")
    page.wait_for_selector("article")


def test_a_refused_token_is_said_with_a_way_on(visit: Open) -> None:
    page = visit(token="forged")
    alert = page.get_by_role("alert")
    assert "not one of this service" in alert.inner_text()
    assert alert.get_by_role("button").inner_text() == "Try again"
    assert page.inner_text("#count") == ""


def test_every_row_can_be_had_for_the_browser_s_own_search(visit: Open) -> None:
    page = visit()
    size = int(page.get_attribute("article", "aria-setsize"))
    page.click("#show-all")
    page.wait_for_function(f"() => document.querySelectorAll('article').length === {size}")
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light"
    last = page.locator("article").last.bounding_box()
    assert last["y"] > 10_000, "the whole list is printed, not the part that was in sight"
    assert not page.locator("button").first.is_visible()


SPACING = "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; }"


@pytest.mark.parametrize("screen", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_larger_text_neither_overlaps_nor_overflows(visit: Open, screen: dict[str, Any]) -> None:
    """By WCAG 1.4.4 and 1.4.12: twice the size, and wider spacing."""
    page = visit(**screen)
    page.evaluate(
        "css => { const sheet = new CSSStyleSheet(); sheet.replaceSync(css); document.adoptedStyleSheets = [sheet]; }",
        f"html {{ font-size: 200% !important }} {SPACING}",
    )
    page.evaluate("document.querySelector('#list').scrollTop = 3e4")
    page.wait_for_function(f"() => {CARDS}[0] > 1")
    page.wait_for_function(
        "() => { const boxes = [...document.querySelectorAll('article')].map(card => card.getBoundingClientRect());"
        " return boxes.every((box, at) => at === 0 || box.top >= boxes[at - 1].bottom); }"
    )
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate(
        "[...document.querySelectorAll('article')].every(card => card.scrollHeight <= card.offsetHeight)"
    )
    assert page.evaluate(
        "[...document.querySelectorAll('h2')].every(name => parseFloat(getComputedStyle(name).paddingInlineEnd)"
        " < name.clientWidth / 2)"
    ), "the button leaves a name half of the card, or names are broken in their words"


@pytest.fixture(scope="module")
def axe() -> str:
    """The source of axe-core, of the packages of the page."""
    try:
        pages.install()
    except PerfstudyError as error:
        pytest.skip(str(error))
    return Path(pages.SOURCES / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")


FINDINGS = (
    "axe.run(document, {resultTypes: ['violations']}).then(r => r.violations.map(v => `${v.id}: ${v.nodes[0].html}`))"
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(visit: Open, axe: str, scheme: str) -> None:
    """The markup of a card is the same in every variant, so that one stands for all."""
    page = visit(color_scheme=scheme)
    page.evaluate(axe)
    assert page.evaluate(FINDINGS) == []
    page.fill("#search", "no business has this name")
    page.get_by_text("No program passes").wait_for()
    assert page.evaluate(FINDINGS) == []

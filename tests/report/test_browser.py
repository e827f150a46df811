"""The report of the published ladder in a real browser: what the first screen shows, and what is printed."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from perfstudy.report import render
from perfstudy.results.published import load_published
from tests.browser import SCREENS, find_barriers, needs_browser, open_browser

pytestmark = needs_browser
SCREEN = {"width": 1400, "height": 900}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with open_browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the address of the report, made once."""
    path = render(load_published("ladder-medium"), tmp_path_factory.mktemp("report") / "report.html")
    return path.as_uri()


def open_page(browser: Any, address: str, **screen: Any) -> Any:
    """Return the report on a screen where no script runs."""
    page = browser.new_context(java_script_enabled=False, **screen).new_page()
    page.goto(address)
    return page


def test_the_first_chart_is_on_the_first_screen(browser: Any, address: str) -> None:
    page = open_page(browser, address, viewport=SCREEN)
    for chart in page.locator(".pair svg").all():
        box = chart.bounding_box()
        assert box["y"] + box["height"] <= SCREEN["height"]


def test_contents_stay_in_sight_and_open_what_they_lead_to(browser: Any, address: str) -> None:
    page = open_page(browser, address, viewport=SCREEN)
    link = page.get_by_role("navigation").get_by_text("Costs")
    assert not page.locator("#costs-chart").is_visible()
    link.click()
    assert page.locator("#costs-chart").is_visible()
    box = link.bounding_box()
    assert 0 <= box["y"] < SCREEN["height"]


@pytest.mark.parametrize("width", [360, 700, 1000, 1400])
def test_no_screen_scrolls_sideways(browser: Any, address: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    page.goto(address)
    wide = "() => document.documentElement.scrollWidth"
    opened = "() => document.querySelectorAll('details').forEach(fold => fold.open = true)"
    assert page.evaluate(wide) <= width
    page.evaluate(opened)
    assert page.evaluate(wide) <= width
    context.close()


@pytest.mark.parametrize("screen", SCREENS)
def test_axe_finds_no_barrier(browser: Any, address: str, screen: str) -> None:
    assert find_barriers(browser, address, screen) == []


def test_it_is_printed_on_eight_pages_at_most(browser: Any, address: str, tmp_path: Path) -> None:
    open_page(browser, address, viewport=SCREEN).pdf(path=tmp_path / "report.pdf", format="A4")
    pages = re.findall(rb"/Type\s*/Page\b", (tmp_path / "report.pdf").read_bytes())
    assert 2 <= len(pages) <= 8

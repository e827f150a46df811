"""The real browser of the tests, and Playwright, which drives it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from perfstudy.drivers.browser.find import Browser, find_browser
from perfstudy.drivers.browser.pinned import find_node
from perfstudy.drivers.browser.process import choose_sandbox
from perfstudy.errors import NotInstalledError, PerfstudyError
from perfstudy.listing import pages

NODE = "PLAYWRIGHT_NODEJS_PATH"
"""By this variable Playwright is told of a Node to use in place of its own."""


def _find() -> Browser | str:
    """Return the browser, or why there is none."""
    try:
        return find_browser()
    except NotInstalledError as error:
        return str(error)


FOUND = _find()
needs_browser = pytest.mark.skipif(isinstance(FOUND, str), reason=str(FOUND))


def node() -> str | None:
    """Return the Node of its wheel, or the system's, as conda's is: Playwright's own needs a library besides."""
    try:
        return str(find_node())
    except NotInstalledError:
        return None


@contextmanager
def run_playwright() -> Iterator[Any]:
    """Give Playwright, which is run by a Node that starts here."""
    from playwright.sync_api import sync_playwright

    found = node()
    with pytest.MonkeyPatch.context() as environment:
        if found and NODE not in os.environ:
            environment.setenv(NODE, found)
        with sync_playwright() as playwright:
            yield playwright


def launch(playwright: Any) -> Any:
    """Return the browser, started."""
    assert isinstance(FOUND, Browser)
    environment = os.environ | FOUND.environment
    return playwright.chromium.launch(executable_path=FOUND.path, args=list(choose_sandbox(FOUND)), env=environment)


SCREENS: dict[str, dict[str, Any]] = {
    "light": {"viewport": {"width": 1400, "height": 900}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1400, "height": 900}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 360, "height": 740}, "color_scheme": "light", "has_touch": True},
}
"""The screens on which pages are checked for people who cannot see or point well."""
RULES: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"runOnly": ["color-contrast"]},
    "phone": {"rules": {"color-contrast": {"enabled": False}}},
}
"""What of axe-core's rules each screen is checked for: contrasts, which take the most time, once in each colour."""
RUN_AXE = """async (rules) => (await axe.run(document, {...rules, resultTypes: ["violations"]})).violations.flatMap(
    rule => rule.nodes.map(node => `${rule.id}: ${node.target.join(" ")}: ${node.failureSummary}`))"""


@contextmanager
def open_browser() -> Iterator[Any]:
    """Give the browser, started by Playwright and closed afterwards."""
    with run_playwright() as playwright:
        opened = launch(playwright)
        yield opened
        opened.close()


def install_packages() -> None:
    """Install the packages of ``frontend/``, which a machine without a network may not have."""
    try:
        pages.install()
    except PerfstudyError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"the packages of frontend/ cannot be installed here: {error}")


def find_barriers(browser: Any, address: str, screen: str) -> list[str]:
    """Return what axe-core finds wrong with the page at *address*, every fold of it open."""
    install_packages()
    # Without animations, half way through which a colour would be another one.
    context = browser.new_context(**SCREENS[screen], reduced_motion="reduce", bypass_csp=True)
    page = context.new_page()
    page.goto(address)
    page.evaluate("() => document.querySelectorAll('details').forEach(fold => fold.open = true)")
    page.add_script_tag(path=pages.SOURCES / "node_modules/axe-core/axe.min.js")
    found: list[str] = page.evaluate(RUN_AXE, RULES[screen])
    context.close()
    return found

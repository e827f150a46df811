"""The real browser of the tests, and Playwright, which drives it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from perfstudy.drivers.browser.find import Browser, find_browser
from perfstudy.drivers.browser.pinned import find_node
from perfstudy.errors import NotInstalledError

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
    """Return the browser, started; as root it runs without its sandbox, which root may not use."""
    assert isinstance(FOUND, Browser)
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    environment = os.environ | FOUND.environment
    return playwright.chromium.launch(executable_path=FOUND.path, args=sandbox, env=environment)

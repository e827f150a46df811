"""Find the browser to drive: the named, the pinned, or an installed one."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from perfstudy.drivers.browser import pinned
from perfstudy.errors import NotInstalledError, PerfstudyError, UsageError
from perfstudy.model import variables

INSTALLED = (
    *("google-chrome", "google-chrome-stable", "chromium", "chromium-browser", "chromium-headless-shell"),
    *("microsoft-edge", "microsoft-edge-stable"),
)
APPLICATIONS = ("Google Chrome", "Chromium", "Microsoft Edge")
MISSING = (
    "no browser is installed here: `python -m perfstudy.drivers.browser` fetches one on Linux x86_64; "
    "elsewhere install Chrome, Chromium or Edge, or name one in PERFSTUDY_BROWSER"
)


@dataclass(frozen=True)
class Browser:
    """A browser's program, and what has to be in its environment."""

    path: Path

    @property
    def environment(self) -> dict[str, str]:
        """The variables of the browser alone: where its libraries and fonts are."""
        if not (self.path.parent / "fonts.conf").exists():
            return {}
        fonts = str(self.path.parent / "fonts.conf")
        return {"LD_LIBRARY_PATH": str(self.path.parent / "lib"), "FONTCONFIG_FILE": fonts}

    @property
    def product(self) -> str:
        """The product and its version, such as ``Chromium 153.0.8010.0``.

        Raises:
            UsageError: the program does not say it.
        """
        return _read_product(self)


@cache
def _read_product(browser: Browser) -> str:
    command = [str(browser.path), "--version"]
    try:
        environment = os.environ | browser.environment
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, env=environment, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise UsageError(
            f"{str(browser.path)!r} is no browser that runs here ({error}): name another in PERFSTUDY_BROWSER"
        ) from None
    return " ".join(word for word in done.stdout.split() if word[0].isupper() or word[0].isdigit())


def find_browser() -> Browser:
    """Return the browser to drive.

    Raises:
        NotInstalledError: there is none; the message says how to get one.
        UsageError: ``PERFSTUDY_BROWSER`` names no program.
    """
    if named := variables.BROWSER.read():
        if not os.access(named, os.X_OK) or named.is_dir():
            raise UsageError(f"PERFSTUDY_BROWSER is {str(named)!r}, which is no program: name one, or unset it")
        return Browser(named)
    if pinned.is_supported() and pinned.program().exists():
        return Browser(pinned.program())
    if found := _find_installed():
        return Browser(found)
    raise NotInstalledError(MISSING)


def get_browser() -> Browser:
    """Return the browser to drive; fetch the pinned one first, if it is missing.

    Raises:
        NotInstalledError: there is none; the message says how to get one, or why it could not be fetched.
        UsageError: ``PERFSTUDY_BROWSER`` names no program.
    """
    if not variables.BROWSER.read() and pinned.is_supported():
        try:
            pinned.fetch()
        except PerfstudyError as error:
            if _find_installed() is None:
                raise NotInstalledError(str(error)) from None
    return find_browser()


def _find_installed() -> Path | None:
    for name in INSTALLED:
        if found := shutil.which(name):
            return Path(found)
    programs = (Path(f"/Applications/{name}.app/Contents/MacOS/{name}") for name in APPLICATIONS)
    return next((program for program in programs if program.exists()), None)

"""What a page looks like while it loads, frame by frame."""

import base64
from dataclasses import dataclass
from time import monotonic, time

from perfstudy.drivers.browser.find import Browser
from perfstudy.drivers.browser.page import FIRST, Page
from perfstudy.drivers.browser.process import BrowserProcess
from perfstudy.errors import PerfstudyError

STILL = 1.0
"""Seconds without a frame after which a page that showed its rows has come to rest."""
SIZE = 480
"""Pixels of a frame's longer side."""


@dataclass(frozen=True)
class Frame:
    """A frame: the *seconds* after navigation began, and its image as a PNG."""

    seconds: float
    png: bytes


def film(browser: Browser, address: str) -> list[Frame]:
    """Open *address* in a fresh browser, and return each frame until it rests.

    Raises:
        PerfstudyError: the browser ended, or the page came to no rest in time.
    """
    with BrowserProcess(browser) as process:
        page = Page(process)
        page.ask("Page.startScreencast", format="png", maxWidth=SIZE, maxHeight=SIZE)
        began, deadline = time(), monotonic() + FIRST
        page.post("Page.navigate", url=address)
        frames: list[Frame] = []
        while monotonic() < deadline:
            found = page.wait_for("Page.screencastFrame", STILL)
            if found is not None:
                page.post("Page.screencastFrameAck", sessionId=found["sessionId"])
                seconds = max(0.0, found["metadata"]["timestamp"] - began)
                frames.append(Frame(seconds, base64.b64decode(found["data"])))
            elif page.has_shown():
                return frames
    raise PerfstudyError(f"the page at {address.partition('#')[0]} did not come to rest within {FIRST:.0f} s")

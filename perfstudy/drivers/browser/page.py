"""A page in a browser: opened, typed into, clicked and scrolled as by a person."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from perfstudy.drivers.browser.cdp import AnswerTimeoutError
from perfstudy.drivers.browser.process import BrowserProcess
from perfstudy.errors import PerfstudyError

WIDTH, HEIGHT = 1280, 800
SHOWN = "perfstudyShown"
"""The function by which the recorder says that the first rows were painted."""
FIRST = 120.0
"""Seconds in which the first rows must be painted."""
REST = 8
"""Ticks of 50 ms, each of which needs the main thread to be free, without a change."""
KEYS = {"Backspace": 8, "ArrowDown": 40}
"""Keys that type nothing, with their codes."""


@cache
def read_recorder() -> str:
    """Return the script that records in the page."""
    return Path(__file__).with_name("recorder.js").read_text(encoding="utf-8")


class Page:
    """The only tab of *browser*, with the recorder in whatever is opened in it."""

    def __init__(self, browser: BrowserProcess, height: int = HEIGHT) -> None:
        self.browser = browser
        target = browser.connection.ask("Target.createTarget", url="about:blank")["targetId"]
        attached = browser.connection.ask("Target.attachToTarget", targetId=target, flatten=True)
        self._session: str = attached["sessionId"]
        for domain in ("Page", "Runtime"):
            self.ask(f"{domain}.enable")
        self.ask("Performance.enable", timeDomain="threadTicks")
        size = {"width": WIDTH, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.ask("Emulation.setDeviceMetricsOverride", **size)
        self.ask("Runtime.addBinding", name=SHOWN)
        self.ask("Page.addScriptToEvaluateOnNewDocument", source=read_recorder())

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command to the page, and return its result."""
        return self.browser.connection.ask(method, self._session, **parameters)

    def post(self, method: str, **parameters: Any) -> None:
        """Send a command to the page without waiting for it."""
        self.browser.connection.post(method, self._session, **parameters)

    def open(self, address: str) -> None:
        """Navigate to *address*, and wait until its first rows are painted.

        Raises:
            PerfstudyError: it cannot be reached, or shows no row in time.
        """
        error = self.ask("Page.navigate", url=address).get("errorText")
        if error:
            raise PerfstudyError(f"the page at {address.partition('#')[0]} cannot be opened: {error}")
        try:
            self.browser.connection.wait_for("Runtime.bindingCalled", self._session, FIRST)
        except PerfstudyError as failed:
            raise PerfstudyError(f"the page showed no first row: {failed}; {self._describe()}") from None

    def wait_for(self, event: str, seconds: float) -> dict[str, Any] | None:
        """Return the parameters of the page's next *event*; None if there is none in time."""
        try:
            return self.browser.connection.wait_for(event, self._session, seconds)
        except AnswerTimeoutError:
            return None

    def has_shown(self) -> bool:
        """Return whether the first rows of the page that is open were painted."""
        return any(event["method"] == "Runtime.bindingCalled" for event in self.browser.connection.events)

    def _describe(self) -> str:
        """Return what stands on the page, in a few words."""
        return f"it says {str(self.evaluate('document.body?.innerText'))[:200]!r}"

    def evaluate(self, expression: str) -> Any:
        """Return the value of a JavaScript *expression*, once a promise is kept.

        Raises:
            PerfstudyError: it throws.
        """
        found = self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        self._check(found.get("exceptionDetails"))
        return found["result"].get("value")

    def settle(self, ticks: int = REST) -> None:
        """Wait until the page rests: no request is open, nothing changes for *ticks*.

        Raises:
            PerfstudyError: a script of the page threw an error.
        """
        self.evaluate(f"perfstudy.settle({ticks})")
        events = self.browser.connection.events
        thrown = [one["params"]["exceptionDetails"] for one in events if one["method"] == "Runtime.exceptionThrown"]
        events.clear()
        self._check(thrown[0] if thrown else None)

    def _check(self, thrown: Mapping[str, Any] | None) -> None:
        if thrown is not None:
            said = thrown.get("exception", {}).get("description") or thrown.get("text", "")
            raise PerfstudyError(f"a script of the page failed: {said.splitlines()[0]}")

    def press(self, key: str, modifiers: int = 0) -> None:
        """Post the press and the release of a *key*, which is a character or named."""
        what: dict[str, Any] = {"key": key, "modifiers": modifiers}
        what |= {"windowsVirtualKeyCode": KEYS[key], "code": key} if key in KEYS else {"text": key}
        self.post("Input.dispatchKeyEvent", type="keyDown", **what)
        self.post("Input.dispatchKeyEvent", type="keyUp", **what)

    def click(self, selector: str) -> None:
        """Click on the middle of the first element of *selector*.

        Raises:
            PerfstudyError: there is none.
        """
        where = {**self.locate(selector), "button": "left", "clickCount": 1}
        self.ask("Input.dispatchMouseEvent", type="mousePressed", **where)
        self.ask("Input.dispatchMouseEvent", type="mouseReleased", **where)

    def locate(self, selector: str) -> dict[str, float]:
        """Return the middle of the first element of *selector*, in pixels.

        Raises:
            PerfstudyError: there is none.
        """
        found = self.evaluate(
            f"(() => {{ const one = document.querySelector({selector!r})?.getBoundingClientRect();"
            " return one && {x: one.x + one.width / 2, y: one.y + one.height / 2}; })()"
        )
        if found is None:
            raise PerfstudyError(f"the page has no {selector!r}: {self._describe()}")
        return dict(found)

    def scroll(self, selector: str, pixels: int, speed: int) -> None:
        """Scroll *selector* down by *pixels*, at *speed* pixels a second."""
        how = {"yDistance": -pixels, "speed": speed, "gestureSourceType": "mouse"}
        self.ask("Input.synthesizeScrollGesture", **self.locate(selector), **how)

    def walk(self) -> list[list[str]]:
        """Return each card that scrolling reaches: place, size, program, markup."""
        found: list[list[str]] = self.evaluate("perfstudy.walk()")
        return found

    def metrics(self) -> dict[str, float]:
        """Return the browser's own metrics by name; times are of the processor."""
        return {one["name"]: one["value"] for one in self.ask("Performance.getMetrics")["metrics"]}

    def collect_garbage(self) -> None:
        """Free what the page's scripts no longer hold."""
        self.ask("HeapProfiler.collectGarbage")

    def read(self) -> dict[str, Any]:
        """Return what the recorder has."""
        found: dict[str, Any] = self.evaluate("perfstudy.read()")
        return found

    def private_memory(self) -> int | None:
        """Return the bytes that the page's process shares with no other.

        None where the system does not say it.
        """
        found = self.browser.connection.ask("SystemInfo.getProcessInfo")["processInfo"]
        sizes = [_read_private(one["id"]) for one in found if one["type"] == "renderer"]
        return max((size for size in sizes if size is not None), default=None)


def _read_private(process: int) -> int | None:
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return None
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Private_"))

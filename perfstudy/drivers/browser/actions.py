"""What a person does with the page of a list, and what it takes.

Keys are posted in an open loop, and never awaited; clicks are a closed loop, an unloaded latency.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from statistics import median
from time import monotonic, sleep
from typing import Any

from perfstudy.drivers.browser.find import Browser
from perfstudy.drivers.browser.page import Page
from perfstudy.drivers.browser.process import BrowserProcess
from perfstudy.errors import PerfstudyError
from perfstudy.model.closing import Closing
from perfstudy.model.scenario import ACTIONS

INTERVAL = 0.12
"""Seconds between two keys: a person who types fast."""
CLICKS, MARKS, CHOICES = 5, 2, 2
DISTANCE, SPEED = 8_000, 8_000
"""Pixels to scroll, and pixels a second."""
LEAST_REPORTED = 0.016
"""Seconds of the shortest interaction that the browser reports."""
LONG = 0.05
"""Seconds from which on a task is long; what is beyond them blocks."""
SHORTLY = 2
"""Ticks of rest after a click, which asks for nothing."""
MANY = 50
"""Interactions of which the 98th percentile counts, and no longer the longest."""


RENDERS = "card renders"
MARK = "#list article button.mark"
BOX = "document.querySelector('#search')"
TYPED = f"{BOX}.value"
SCROLL_UP = (
    "(() => { const list = document.querySelector('#list'), was = list.scrollTop; list.scrollTop = 0; return was; })()"
)


@dataclass(frozen=True)
class Measured:
    """What one action took: *seconds* of each of its parts, and quantities by name."""

    seconds: list[float]
    quantities: Mapping[str, float] = field(default_factory=dict)


Act = Callable[[Page, str], tuple[list[float], dict[str, float]]]


def measure_action(browser: Browser, address: str, action: str, text: str) -> Measured:
    """Do *action* in the page at *address*, and return what it took.

    It has a browser of its own. *text* is what is typed.

    Raises:
        PerfstudyError: the browser ended, or the page did not do what it should.
    """
    with Visit(browser, address) as visit:
        return visit.opened if action == "open" else visit.do(action, text)


class Visit(Closing):
    """A page in a fresh browser, in which actions follow each other.

    Before each action the page is as it was opened: at its top and without a filter. ``choose`` leaves its choice, so
    it is the last.
    """

    def __init__(self, browser: Browser, address: str) -> None:
        """Open the page at *address*.

        Raises:
            PerfstudyError: the browser did not start, or the page showed no row.
        """
        self._process = BrowserProcess(browser)
        try:
            self.page = Page(self._process)
            self.opened = _measure(self.page, partial(_open, address=address), "")
        except BaseException:
            self.close()
            raise

    @property
    def closed(self) -> bool:
        """Whether its browser has ended."""
        return self._process.closed

    def close(self) -> None:
        """End its browser."""
        self._process.close()

    def do(self, action: str, text: str) -> Measured:
        """Do *action*, which types *text*, and return what it took.

        Raises:
            PerfstudyError: the browser ended, or the page did not do what it should.
        """
        self._prepare(text if action == "clear" else "")
        return _measure(self.page, ACTS[action], text)

    def _prepare(self, text: str) -> None:
        """Scroll to the top, and have *text* in the box."""
        page = self.page
        if page.evaluate(SCROLL_UP):
            page.settle()
        if page.evaluate(TYPED) != text:
            page.evaluate(f"{BOX}.focus(); {BOX}.select()")
            if text:
                page.ask("Input.insertText", text=text)
            else:
                page.press("Backspace")
            page.settle()
        page.evaluate("perfstudy.forget()")


def _measure(page: Page, act: Act, text: str) -> Measured:
    before = _count(page)
    seconds, found = act(page, text)
    found.setdefault("cpu", page.metrics()["TaskDuration"] - before["cpu"])
    page.settle(SHORTLY)
    seen = page.read()
    now = _count(page, seen)
    found = {name: now[name] - before.get(name, 0) for name in now if name != "cpu"} | found
    tasks = [duration / 1e3 for duration in seen["tasks"]]
    found |= {"long tasks": len(tasks), "blocking": sum(duration - LONG for duration in tasks)}
    found["elements"] = seen["elements"]
    return Measured(seconds, found | _measure_memory(page))


def _count(page: Page, seen: Mapping[str, Any] | None = None) -> dict[str, float]:
    """Return the counters that only grow; a page that is not open yet has none."""
    counted = {"cpu": page.metrics()["TaskDuration"]}
    if seen is None:
        seen = page.evaluate("window.perfstudy && location.protocol !== 'about:' ? perfstudy.read() : null")
    if seen is None:
        return counted
    names = {"commits": "commits", "cards": RENDERS}
    counted |= {said: seen["counts"][name] for name, said in names.items() if name in seen["counts"]}
    return counted | {"requests": seen["requests"]}


def _measure_memory(page: Page) -> dict[str, float]:
    page.collect_garbage()
    metrics = page.metrics()
    private = page.private_memory()
    return {"nodes": metrics["Nodes"], "heap": metrics["JSHeapUsedSize"]} | ({"memory": private} if private else {})


def _open(page: Page, text: str, address: str) -> tuple[list[float], dict[str, float]]:
    before = page.metrics()["TaskDuration"]
    page.open(address)
    taken = page.metrics()["TaskDuration"] - before
    page.settle()
    return [page.read()["first"] / 1e3], {"cpu": taken}


def _type(page: Page, text: str) -> tuple[list[float], dict[str, float]]:
    page.evaluate(f"{BOX}.focus()")
    start = monotonic()
    for number, key in enumerate(text):
        sleep(max(0.0, start + number * INTERVAL - monotonic()))
        page.press(key)
    return _read_inputs(page, len(text), until_result=False)


def _choose(page: Page, text: str) -> tuple[list[float], dict[str, float]]:
    taken = []
    found: dict[str, float] = {}
    for _ in range(CHOICES):
        page.evaluate("document.querySelector('#status').focus(); perfstudy.forgetInputs()")
        page.press("ArrowDown")
        seconds, found = _read_inputs(page, 1, until_result=True)
        taken += seconds
    return taken, found


def _click_elsewhere(page: Page, text: str) -> tuple[list[float], dict[str, float]]:
    before = _count(page)
    taken = [_click(page, "#elsewhere") for _ in range(CLICKS)]
    between = _count(page)
    marks = [_click(page, MARK) for _ in range(MARKS)]
    found = {"mark": median(marks), "cpu": between["cpu"] - before["cpu"]}
    if RENDERS in between:
        found |= {RENDERS: between[RENDERS] - before[RENDERS], "mark renders": _count(page)[RENDERS] - between[RENDERS]}
    return taken, found


def _click(page: Page, selector: str) -> float:
    """Return the seconds from a click to its paint."""
    page.evaluate("perfstudy.forgetInputs()")
    page.click(selector)
    page.settle(SHORTLY)
    return _time_inputs(page.read(), 1)[0]


def _clear(page: Page, text: str) -> tuple[list[float], dict[str, float]]:
    page.evaluate(f"{BOX}.focus(); {BOX}.select()")
    page.press("Backspace")
    return _read_inputs(page, 1, until_result=True)


def _scroll(page: Page, text: str) -> tuple[list[float], dict[str, float]]:
    page.evaluate("perfstudy.startFrames()")
    page.scroll("#list", DISTANCE, SPEED)
    page.evaluate("perfstudy.stopFrames()")
    frames = page.read()["frames"]
    taken = [(after - before) / 1e3 for before, after in pairwise(frames)]
    return taken, {"frames": len(taken)}


def _read_inputs(page: Page, count: int, *, until_result: bool) -> tuple[list[float], dict[str, float]]:
    """Return the seconds of each input once the page rests, and the result."""
    page.settle()
    seen = page.read()
    painted = _time_inputs(seen, count)
    found = {"inp": _find_inp([duration / 1e3 for duration in seen["interactions"]])}
    result = (seen["changed"] - seen["inputs"][-1]["at"]) / 1e3
    if result > 0:
        found["result"] = result
    elif until_result:
        raise PerfstudyError("the list did not change")
    return [result] if until_result else painted, found


def _time_inputs(seen: Mapping[str, Any], count: int) -> list[float]:
    """Return the seconds from each input to its paint.

    Raises:
        PerfstudyError: the page noticed another number of them than *count*.
    """
    inputs = [one for one in seen["inputs"] if one["painted"]]
    if len(inputs) != count:
        raise PerfstudyError(f"the page noticed {len(inputs)} of {count} keys or clicks")
    return [(one["painted"] - one["at"]) / 1e3 for one in inputs]


def _find_inp(interactions: list[float]) -> float:
    """Return the longest interaction, or the 98th percentile of many."""
    slowest = sorted(interactions, reverse=True)
    return max([LEAST_REPORTED, *slowest[len(slowest) // MANY :][:1]])


ACTS: dict[str, Act] = {
    "elsewhere": _click_elsewhere,
    "scroll": _scroll,
    "type": _type,
    "clear": _clear,
    "choose": _choose,
}
assert {"open", *ACTS} == set(ACTIONS), "each action of a scenario is done here"

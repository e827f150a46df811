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
from perfstudy.model.scenario import ACTIONS

INTERVAL = 0.12
"""Seconds between two keys: a person who types fast."""
CLICKS, MARKS, CHOICES = 8, 4, 3
DISTANCE, SPEED = 16_000, 8_000
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
    with BrowserProcess(browser) as process:
        page = Page(process)
        if action == "open":
            return _measure(page, partial(_open, address=address), text)
        page.open(address)
        page.settle()
        page.evaluate("perfstudy.forget()")
        if action == "clear":
            _insert(page, text)
        return _measure(page, ACTS[action], text)


def _measure(page: Page, act: Act, text: str) -> Measured:
    before = _count(page)
    seconds, found = act(page, text)
    found.setdefault("cpu", page.metrics()["TaskDuration"] - before["cpu"])
    page.settle()
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
    page.open(address)
    return [page.read()["first"] / 1e3], {}


def _type(page: Page, text: str) -> tuple[list[float], dict[str, float]]:
    page.evaluate("document.querySelector('#search').focus()")
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


def _insert(page: Page, text: str) -> None:
    page.evaluate("document.querySelector('#search').focus()")
    page.ask("Input.insertText", text=text)
    page.settle()
    page.evaluate("perfstudy.forget()")


def _clear(page: Page, text: str) -> tuple[list[float], dict[str, float]]:
    page.evaluate("document.querySelector('#search').select()")
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
    "type": _type,
    "choose": _choose,
    "elsewhere": _click_elsewhere,
    "clear": _clear,
    "scroll": _scroll,
}
assert {"open", *ACTS} == set(ACTIONS), "each action of a scenario is done here"

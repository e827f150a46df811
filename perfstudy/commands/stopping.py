"""``--until`` and ``--within``: when a run may end before its last block."""

import re
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING, Any

from perfstudy.errors import UsageError
from perfstudy.model.study import DECIDED, WIDTH

if TYPE_CHECKING:
    from perfstudy.findings import Findings
    from perfstudy.model.study import Study
    from perfstudy.results import Store

MOST_BLOCKS = 40
"""Blocks that a study is planned for where it may stop before."""
WIDEST, NARROWEST = 100.0, 0.1
"""Per cent that ``--until`` takes."""
UNITS = {"s": 1, "m": 60, "h": 3600}
LONGEST = 7 * 24 * 3600


def plan_stop(study: "Study", until: str | None, blocks: int | None) -> "Study":
    """Return *study* as it is planned for ``--until``.

    A study that goes on until it is decided is looked at after a quarter, half and all of its blocks.

    Raises:
        UsageError: *until* is neither ``decided`` nor a percentage, or the blocks are too few to look at.
    """
    if until is None:
        return study
    most = blocks or MOST_BLOCKS
    if until == DECIDED:
        looks = study.looks if study.looks and blocks is None else tuple(sorted({-(-most // 4), -(-most // 2), most}))
        if looks[0] < 2:
            raise UsageError(f"--blocks is {most}, too few to look at before the end: give --until decided 8 at least")
        return study.narrow(looks=looks, until=DECIDED)
    found = re.fullmatch(r"([0-9]{1,3}(?:\.[0-9]+)?)%", until)
    if not found or not NARROWEST <= float(found[1]) <= WIDEST:
        raise UsageError(f"--until is {until!r}: give decided, or the half width of the intervals as in 5%")
    return study.narrow(blocks=most, until=WIDTH, width=float(found[1]) / 100)


def parse_duration(text: str) -> float:
    """Return the seconds of *text*, as in ``90s``, ``20m`` or ``1.5h``.

    Raises:
        UsageError: it is no duration, or longer than a week.
    """
    found = re.fullmatch(r"([0-9]{1,6}(?:\.[0-9]+)?)([smh])", text)
    seconds = float(found[1]) * UNITS[found[2]] if found else 0.0
    if not 0 < seconds <= LONGEST:
        raise UsageError(f"--within is {text!r}: give a time of at most a week, as in 90s, 20m or 1.5h")
    return seconds


class Deadline:
    """The end of the time that ``--within`` gives, if any, from when it begins."""

    def __init__(self, within: float | None) -> None:
        self.within = within
        self.at: float | None = None

    def begin(self) -> float | None:
        """Return when the time is up that begins now, by the clock ``monotonic``."""
        self.at = None if self.within is None else monotonic() + self.within
        return self.at

    def is_over(self) -> bool:
        """Return whether the time is up."""
        return self.at is not None and monotonic() > self.at


def make_stop(study: "Study", store: "Store", run: str, deadline: Deadline) -> Callable[[int], str]:
    """Return what says after so many blocks why *run* ends there, or an empty text."""
    from perfstudy.results.remarks import TIMED_OUT

    def stop(blocks: int) -> str:
        if blocks >= study.blocks:
            return ""
        why = _find_reason(study, store, run, blocks)
        if why:
            return why
        return TIMED_OUT if deadline.is_over() else ""

    return stop


def _find_reason(study: "Study", store: "Store", run: str, blocks: int) -> str:
    from perfstudy.analysis.sequential import PILOT
    from perfstudy.findings.decided import find_open, plan_width
    from perfstudy.findings.findings import Findings

    if study.until == DECIDED and blocks in study.looks:
        return "" if find_open(Findings(store.run(run))) else "everything is decided"
    if study.until == WIDTH and blocks >= PILOT and blocks >= plan_width(Findings(store.run(run)), study.width):
        return f"its intervals are planned to reach {study.width:.2g} to both sides"
    return ""


def describe_end(found: "Findings") -> str:
    """Return why a run ended before its last block, in a line.

    It is empty for one that was not to stop before.
    """
    from perfstudy.findings.decided import find_open
    from perfstudy.results.remarks import STOPPED

    run: Any = found.run
    stopped = run.notes.get(STOPPED)
    if not run.declaration.get("until") and not stopped:
        return ""
    if stopped:
        return f"stopped after {stopped['blocks']} of {run.blocks} blocks, since {stopped['why']}"
    still = len(find_open(found))
    return f"went on to its last block, the {run.blocks}th; {f'{still} open' if still else 'everything is decided'}"

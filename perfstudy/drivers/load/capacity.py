"""Find the highest rate at which a service meets a limit, step by step."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from perfstudy.drivers.load.open_loop import Load, run_open_loop
from perfstudy.drivers.load.tally import Tally
from perfstudy.errors import UsageError

FACTOR = 1.5
"""The factor by which the rate goes up until the limit is broken, or down until it is met."""
PRECISION = 1.05
"""The search ends when the lowest rate that breaks the limit is at most this many times the highest that meets it."""
STEPS = 30
UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0}


@dataclass(frozen=True)
class Limit:
    """A limit: *percent* of the requests take at most so many *seconds*."""

    percent: float
    seconds: float

    @classmethod
    def parse(cls, text: str) -> "Limit":
        """Return the limit that *text* states, as in ``p99=50ms``.

        Raises:
            UsageError: it states none.
        """
        found = re.fullmatch(r"p(\d+(?:\.\d+)?)=(\d+(?:\.\d+)?)(us|ms|s)", text)
        if not found or not 0 < float(found[1]) < 100 or not float(found[2]):
            raise UsageError(f"the limit {text!r} cannot be read: it has the form p99=50ms")
        return cls(float(found[1]), float(found[2]) * UNITS[found[3]])

    def is_met(self, tally: Tally) -> bool:
        """Return whether a load met it.

        No request failed, the service kept up, and the percentile lies within.
        """
        whole = tally.answered and not tally.failed and not tally.saturated
        return bool(whole) and tally.latency.quantile(self.percent) <= self.seconds


@dataclass(frozen=True)
class Step:
    """One rate that was tried."""

    rate: float
    met: bool
    tally: Tally


def find_capacity(
    load: Load, limit: Limit, report: Callable[[Step], None], load_of: Callable[[Load], Tally] = run_open_loop
) -> float | None:
    """Return the highest rate that met *limit*, None if none did.

    *report* is called with each step.

    From the load's own rate it goes up by half until the limit is broken, or down until it is met, and then halves the
    ratio between the two.
    """
    low: float | None = None
    high: float | None = None
    rate = load.rate
    for _ in range(STEPS):
        tally = load_of(replace(load, rate=rate))
        step = Step(rate, limit.is_met(tally), tally)
        report(step)
        low, high = (rate, high) if step.met else (low, rate)
        if low and high and high / low <= PRECISION:
            break
        if rate < 1 and not step.met:
            break
        rate = (low * high) ** 0.5 if low and high else rate * FACTOR if low else rate / FACTOR
    return low

"""An interval: an estimate with its bounds."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with a confidence interval, on whatever scale the caller works in.

    ``low`` and ``high`` may be infinite: a single block gives no spread.
    The estimate may lie outside a bootstrap's bounds, so only the bounds must ascend.

    Raises:
        ValueError: a value is no number, the bounds descend, or the confidence is not between 0 and 1.
    """

    estimate: float
    low: float
    high: float
    confidence: float = 0.95

    def __post_init__(self) -> None:
        if not self.low <= self.high or math.isnan(self.estimate):
            raise ValueError(f"no interval: estimate {self.estimate}, low {self.low}, high {self.high}")
        if not 0 < self.confidence < 1:
            raise ValueError(f"a confidence lies between 0 and 1, and {self.confidence} does not")

    @property
    def width(self) -> float:
        """The distance between the bounds."""
        return self.high - self.low

    def exp(self) -> "Interval":
        """Return the interval in ratios, from one on a log scale.

        A monotone map preserves the confidence.
        """
        return Interval(_exp(self.estimate), _exp(self.low), _exp(self.high), self.confidence)

    def log(self) -> "Interval":
        """Return the interval on a log scale, from one in ratios.

        The log of 0 is minus infinity.
        """
        return Interval(_log(self.estimate), _log(self.low), _log(self.high), self.confidence)

    def __neg__(self) -> "Interval":
        return Interval(-self.estimate, -self.high, -self.low, self.confidence)

    def excludes(self, value: float) -> bool:
        """Return whether *value* lies outside the bounds."""
        return value < self.low or value > self.high

    def within(self, low: float, high: float) -> bool:
        """Return whether the interval lies between *low* and *high*, bounds included."""
        return low <= self.low and self.high <= high

    def overlaps(self, low: float, high: float | None) -> bool:
        """Return whether the interval shares a point with *low* to *high*.

        None leaves that range open above.
        """
        return self.high >= low and (high is None or self.low <= high)

    def __str__(self) -> str:
        return f"{self.estimate:.3g} [{self.low:.3g}, {self.high:.3g}]"


def _exp(value: float) -> float:
    try:
        return math.exp(value)
    except OverflowError:
        return math.inf


def _log(value: float) -> float:
    return -math.inf if value == 0 else math.log(value)

"""The results of a load: histograms and counts that can be stored and added."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from perfstudy.drivers.load.histogram import Histogram
from perfstudy.errors import UsageError
from perfstudy.formatting import duration

LAG = 0.010
"""Seconds by which the generator's own 99th percentile may be late."""
GROWTH = 0.05
"""The part of a quarter of the schedule by which the least latency may grow in its second half."""
UNFINISHED = 0.01
"""The part of the requests that an interruption may cut off."""
QUARTERS = 4


class Tally:
    """Counts of one load, which can be read while it runs.

    Latencies are those of answers below 400, from the moment at which the request was due.
    """

    def __init__(self, rate: float, duration: float) -> None:
        self.rate, self.duration = rate, duration
        self.latency, self.lag = Histogram(), Histogram()
        self.outcomes: Counter[str] = Counter()
        """Answers by status; ``refused``, ``broken`` and ``timeout`` where there was none."""
        self.due = self.dropped = self.unfinished = self.outstanding = 0
        self.seconds = 0.0
        self.stall = 0.0
        """The longest time in seconds in which requests were due and none was answered below 400."""
        self._hungry: float | None = None
        """When the first request was due after the last such answer."""
        self._least: list[float | None] = [None] * QUARTERS
        """The least latency of the requests that were due in each quarter of the schedule."""
        self._saturated = False

    def arrived(self, late: float, now: float) -> None:
        """Count a request sent or queued *late* seconds after it was due.

        *now* is in seconds since the start.
        """
        if self._hungry is None:
            self._hungry = now - late
        self.due += 1
        self.lag.record(late)
        self.outstanding += 1

    def ended(self, outcome: str, latency: float, now: float) -> None:
        """Count the outcome of a request."""
        self.outcomes[outcome] += 1
        self.outstanding -= 1
        self.seconds = now
        if is_success(outcome):
            self.latency.record(latency)
            self._fed(now)
            self._look(now - latency, latency)

    def _fed(self, now: float) -> None:
        self.stall = max(self.stall, now - (now if self._hungry is None else self._hungry))
        self._hungry = now if self.outstanding else None

    def abandon(self, interrupted: bool = False) -> None:
        """Count requests under way as dropped, or as unfinished if *interrupted*."""
        if interrupted:
            self.unfinished += self.outstanding
        else:
            self.dropped += self.outstanding
        self.outstanding = 0
        self._fed(self.seconds)

    def _look(self, due: float, latency: float) -> None:
        quarter = min(max(int(QUARTERS * due / self.duration), 0), QUARTERS - 1)
        least = self._least[quarter]
        self._least[quarter] = latency if least is None else min(least, latency)

    @property
    def answered(self) -> int:
        """The number of requests answered below 400."""
        return sum(count for outcome, count in self.outcomes.items() if is_success(outcome))

    @property
    def failed(self) -> int:
        """The number answered otherwise or not at all, except those dropped."""
        return sum(self.outcomes.values()) - self.answered

    @property
    def saturated(self) -> str:
        """Why latencies do not describe the service at this rate; empty where they do."""
        if self.lag.quantile(99) > LAG:
            return f"the generator itself was late, by {duration(self.lag.quantile(99))} at its 99th percentile"
        if self.dropped:
            return f"{self.dropped} requests were dropped"
        if self.unfinished > UNFINISHED * self.due:
            return f"{self.unfinished} requests were under way when it was interrupted"
        if self._saturated or self._grows():
            return "the backlog grew to the end: the service does not keep up with this rate"
        return ""

    def _grows(self) -> bool:
        """Return whether the quickest answer got slower with each quarter.

        Requests are answered in the order in which they are due, so a growing backlog is a growing latency. A slow
        service that keeps up has many requests under way, but the same latency to the end; a freeze in the middle
        fills the queue, but it empties again.
        """
        second, third, fourth = self._least[1:]
        if second is None or third is None or fourth is None:
            return False
        allowed = max(GROWTH * self.duration / QUARTERS, 2 / self.rate)
        return second < third < fourth and fourth - second > allowed

    def summary(self) -> dict[str, Any]:
        """Return the figures as plain data, times in seconds.

        There is no latency where the load was saturated.
        """
        latency = None
        if not self.saturated and len(self.latency):
            percents = {"p50": 50.0, "p90": 90.0, "p99": 99.0, "p99.9": 99.9}
            latency = {name: self.latency.quantile(percent) for name, percent in percents.items()}
            latency["max"] = self.latency.most
        return {
            "rate": self.rate,
            "duration": self.duration,
            "due": self.due,
            "answered": self.answered,
            "failed": self.failed,
            "dropped": self.dropped,
            "unfinished": self.unfinished,
            "throughput": self.answered / self.seconds if self.seconds else 0.0,
            "outcomes": dict(sorted(self.outcomes.items())),
            "lag": {"p50": self.lag.quantile(50), "p99": self.lag.quantile(99), "max": self.lag.most},
            "longest_stall": self.stall,
            "saturated": self.saturated or None,
            "latency": latency,
        }

    def save(self, path: Path) -> None:
        """Write to *path* as JSON everything that :func:`restore_tally` needs.

        Raises:
            UsageError: the file cannot be written.
        """
        try:
            path.write_text(json.dumps(self.stored(), indent=1) + "\n", encoding="utf-8")
        except OSError as error:
            raise UsageError(f"{path} cannot be written: {error.strerror}") from error

    def stored(self) -> dict[str, Any]:
        """Return as plain data everything that :func:`read_tally` needs."""
        return {
            **{name: getattr(self, name) for name in PLAIN},
            "outcomes": dict(self.outcomes),
            "backlog_grew": self._saturated or self._grows(),
            "latency": self.latency.stored(),
            "lag": self.lag.stored(),
        }


PLAIN = ("rate", "duration", "due", "dropped", "unfinished", "seconds", "stall")


def is_success(outcome: str) -> bool:
    """Return whether *outcome* is an answer below 400."""
    return outcome.isdigit() and int(outcome) < 400


def restore_tally(path: Path) -> Tally:
    """Return the tally that was saved to *path*.

    Raises:
        UsageError: the file cannot be read, or has other contents.
    """
    try:
        return read_tally(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    except Exception as error:  # a damaged file may lack or misplace anything
        raise UsageError(f"{path} is not what `perfstudy load --save` writes: {error}") from error


def read_tally(stored: Mapping[str, Any]) -> Tally:
    """Return the tally that was *stored* as plain data."""
    found = Tally(float(stored["rate"]), float(stored["duration"]))
    for name in PLAIN[2:]:
        setattr(found, name, type(getattr(found, name))(stored[name]))
    found.outcomes = Counter({str(name): int(count) for name, count in stored["outcomes"].items()})
    found._saturated = bool(stored["backlog_grew"])
    found.latency, found.lag = Histogram(stored["latency"]), Histogram(stored["lag"])
    return found


def merge_tallies(tallies: Iterable[Tally]) -> Tally:
    """Return the sum of loads that ran side by side.

    Rates and counts are added, and histograms count by count.

    Percentiles cannot be averaged; those of the sum come from the sum of the histograms.
    It is saturated where one of them is.
    """
    found = list(tallies)
    whole = Tally(sum(t.rate for t in found), max(t.duration for t in found))
    for tally in found:
        whole.due += tally.due
        whole.dropped += tally.dropped
        whole.unfinished += tally.unfinished
        whole.outcomes += tally.outcomes
        whole.latency.add(tally.latency)
        whole.lag.add(tally.lag)
        whole.seconds = max(whole.seconds, tally.seconds)
        whole.stall = max(whole.stall, tally.stall)
        whole._saturated |= tally._saturated or tally._grows()
    return whole

"""Counts of times in bins of equal relative width, which can be stored and added."""

from math import ceil, floor, log
from typing import Any

import numpy as np

SHORTEST, LONGEST = 1e-6, 3600.0
"""Seconds between which times are distinguished; others count as the nearer of them."""
ERROR = 0.001
"""The largest relative difference of a quantile from the time that it represents."""
WIDTH = log((1 + ERROR) / (1 - ERROR))
"""The logarithm of the ratio of a bin's upper end to its lower one."""
BINS = floor(log(LONGEST / SHORTEST) / WIDTH) + 1


class Histogram:
    """Times in bins that grow by 0.2% each, so that quantiles are exact to 0.1%.

    From Masson et al., *DDSketch* (2019).

    Memory is constant. Adding two histograms adds their counts, without loss.
    """

    def __init__(self, stored: dict[str, Any] | None = None) -> None:
        """Make an empty histogram, or the one that :meth:`stored` returned.

        Raises:
            ValueError: *stored* is something else.
        """
        self._counts = np.zeros(BINS, dtype=np.int64)
        self.most = 0.0
        """The longest time, in seconds, exactly."""
        if stored is not None:
            self._restore(stored)

    def record(self, seconds: float) -> None:
        """Count a time."""
        seconds = min(max(seconds, SHORTEST), LONGEST)
        self._counts[min(int(log(seconds / SHORTEST) / WIDTH), BINS - 1)] += 1
        self.most = max(self.most, seconds)

    def quantile(self, percent: float) -> float:
        """Return the time in seconds that *percent* of the counted times do not exceed.

        It is 0 where none was counted.
        """
        if not len(self):
            return 0.0
        rank = min(max(ceil(percent * len(self) / 100 - 1e-9), 1), len(self))
        place = int(np.searchsorted(np.cumsum(self._counts), rank))
        low = SHORTEST * float(np.exp(place * WIDTH))
        # The point of the bin with the same relative distance to both ends.
        return min(low * (1 + ERROR), self.most)

    def __len__(self) -> int:
        return int(self._counts.sum())

    def add(self, other: "Histogram") -> None:
        """Add the counts of *other*."""
        self._counts += other._counts
        self.most = max(self.most, other.most)

    def stored(self) -> dict[str, Any]:
        """Return plain data to restore it from: the count of each bin that is not empty."""
        full = np.flatnonzero(self._counts)
        counts = {str(place): int(self._counts[place]) for place in full}
        return {"shortest": SHORTEST, "error": ERROR, "most": self.most, "counts": counts}

    def _restore(self, stored: dict[str, Any]) -> None:
        if (stored["shortest"], stored["error"]) != (SHORTEST, ERROR):
            raise ValueError("the histogram has other bins")
        for name, count in stored["counts"].items():
            place = int(name)
            if not 0 <= place < BINS or type(count) is not int or not 0 < count < 1 << 53:
                raise ValueError(f"bin {name} of the histogram cannot hold {count!r}")
            self._counts[place] = count
        self.most = float(stored["most"])
        if not 0 <= self.most <= LONGEST:
            raise ValueError(f"the histogram's longest time is {self.most!r}")

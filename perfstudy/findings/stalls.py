"""Count answers that may have waited for a delayed acknowledgement."""

import numpy as np
from numpy.typing import ArrayLike

DELAY = 0.035
"""Seconds beyond which a delayed acknowledgement hides: Linux waits 40 ms with it, other kernels longer."""
QUICK = DELAY / 2
"""The median in seconds above which an answer may well take as long by itself."""


def find_stalled_share(seconds: ArrayLike) -> float:
    """Return the share of *seconds* above :data:`DELAY`.

    It is 0 where their median is not well below.
    """
    times = np.asarray(seconds, dtype=float)
    if not times.size or np.median(times) > QUICK:
        return 0.0
    return float(np.mean(times > DELAY))

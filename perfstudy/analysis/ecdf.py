"""The empirical distribution of samples, for charts that show every one of them."""

import numpy as np
from numpy.typing import ArrayLike

from perfstudy.analysis.quantile import Array


def ecdf(samples: ArrayLike, points: int | None = None) -> tuple[Array, Array]:
    """Return x and F(x) = (samples <= x) / n at each sample, both of shape (n,), ascending: a step plot's corners.

    With *points*, at most so many ranks are kept, evenly spaced and the extremes among them, so that a chart of a
    million samples stays small; every value returned is still a sample.

    Raises:
        ValueError: there is no sample, or *points* is below 2.
    """
    x = np.sort(np.asarray(samples, dtype=np.float64).ravel())
    if not x.size or (points is not None and points < 2):
        raise ValueError(f"a distribution needs samples and at least 2 points, and got {x.size} and {points}")
    kept = np.arange(x.size)
    if points is not None and points < x.size:
        kept = np.unique(np.linspace(0, x.size - 1, points).round().astype(np.int64))
    return x[kept], (kept + 1) / x.size


def exceedance(samples: ArrayLike, points: int | None = None) -> tuple[Array, Array]:
    """Return x and 1 - F just below x, the share of samples of at least x: what a log scale shows of the tail."""
    x, share = ecdf(np.negative(np.asarray(samples, dtype=np.float64)), points)
    return -x[::-1], share[::-1]

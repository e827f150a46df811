"""Dependence between neighbouring blocks: a test, and a wider interval for it."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from perfstudy.analysis.interval import Interval
from perfstudy.analysis.quantile import Array

LEVEL = 0.05
PERMUTATIONS = 2_000
LEAST_BLOCKS = 5
"""Fewer blocks have too few orders for a test at one in twenty."""
FEWEST = 3.0
"""The least number of effective blocks.

Ten blocks determine r too poorly to justify the t of one degree of freedom.
"""


def check_dependence(*differences: ArrayLike, seed: int = 0) -> float:
    """Return the p-value of no dependence between neighbouring blocks.

    *differences* are one or more rows of log ratios.

    The statistic is the ratio of von Neumann, *Distribution of the ratio of the mean square successive difference to
    the variance* (1941), on ranks as by Bartels, *The rank version of von Neumann's ratio test for randomness* (1982),
    summed over the rows: sum_b (r_{b+1} - r_b)^2 / sum_b (r_b - mean r)^2, small where neighbours are alike.
    Its distribution is that over random orders of the blocks, the same order for all rows, so that it holds for few
    blocks, for ties and whatever the rows share; the p-value counts the observed order as one of them.
    """
    # Equal medians of a coarse clock differ in the last digit of their logs, and would be ranked by rounding.
    rows = [_rank(np.asarray(row, dtype=np.float64).round(9)) for row in differences]
    rows = [row for row in rows if row.size >= LEAST_BLOCKS and np.ptp(row) > 0]
    if not rows:
        return 1.0
    ranks = np.array([(row - row.mean()) / row.std() for row in rows])
    blocks = ranks.shape[1]
    orders = np.random.default_rng(seed).permuted(np.tile(np.arange(blocks), (PERMUTATIONS, 1)), axis=1)
    chance = _successive(ranks[:, orders]).sum(axis=0)
    seen = float(_successive(ranks).sum())
    return float((1 + np.sum(chance <= seen + 1e-9)) / (1 + PERMUTATIONS))


def effective_blocks(differences: ArrayLike) -> float:
    """Return the equivalent number of independent blocks, between 3 and B.

    It is B (1 - r) / (1 + r).

    r is the lag-one autocorrelation, corrected for its bias in short series, r + (1 + 4r) / B:
    Bartlett, *Some aspects of the time-correlation problem* (1935); Kendall, *Note on bias in the estimation of
    autocorrelation* (1954).
    """
    y = np.asarray(differences, dtype=np.float64)
    away = y - y.mean()
    total = float(away @ away)
    if y.size < 3 or not total > 0:
        return float(y.size)
    r = float(away[1:] @ away[:-1]) / total
    r = min(max(r + (1 + 4 * r) / y.size, 0.0), 0.99)
    return min(max(y.size * (1 - r) / (1 + r), FEWEST), float(y.size))


def widen_interval(differences: ArrayLike, confidence: float = 0.95) -> Interval:
    """Return the mean of *differences* with the interval of the effective blocks.

    It is Student's: mean +- t_{B' - 1} s / sqrt(B'), B' as in :func:`effective_blocks`.
    """
    y = np.asarray(differences, dtype=np.float64)
    mean, blocks = float(y.mean()), effective_blocks(y)
    reach = float(stdtrit(blocks - 1, (1 + confidence) / 2) * y.std(ddof=1) / np.sqrt(blocks))
    return Interval(mean, mean - reach, mean + reach, confidence)


def _rank(values: Array) -> Array:
    """Return the ranks from 1, equal values sharing their mean.

    They are those of ``scipy.stats.rankdata``, whose import takes a second.
    """
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks: Array = (np.cumsum(counts) - (counts - 1) / 2)[places]
    return ranks


def _successive(ranks: Array) -> Array:
    result: Array = (np.diff(ranks, axis=-1) ** 2).sum(axis=-1)
    return result

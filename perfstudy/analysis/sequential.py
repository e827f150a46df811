"""Look at a study at planned numbers of blocks, and stop when it is decided.

Looking again and again at a 95% interval is no 95% interval: looked at after every block from 10 to 60, it excludes no
effect in about a quarter of A/A studies. With repeated confidence intervals the intervals of all planned looks hold the
true effect together in 95% of studies, so that any verdict read off the one at which a study stopped is valid.
"""

from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from math import ceil, log1p, sqrt

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri, stdtrit

from perfstudy.analysis.interval import Interval
from perfstudy.analysis.quantile import Array

ALPHA = 0.05
GRID, REACH = 601, 8.0
"""The points of the grid of integration, and how many standard errors it reaches down."""
PILOT = 10
"""The blocks of the first of Stein's two stages."""


def spend_alpha(share: float, alpha: float) -> float:
    """Return the part of one-sided *alpha* that is spent at a *share* of the blocks.

    2 - 2 Phi(z_{1 - alpha/2} / sqrt(share)), which is about O'Brien and Fleming's boundary: Lan and DeMets, *Discrete
    sequential boundaries for clinical trials* (1983).
    """
    return float(2 * ndtr(-ndtri(1 - alpha / 2) / sqrt(share)))


@cache
def find_bounds(looks: tuple[int, ...], alpha: float = ALPHA / 2, planned: int = 0) -> tuple[float, ...]:
    """Return the one-sided bound of the standard normal statistic at each of *looks*.

    *looks* are numbers of blocks, ascending; the last one is the end, at which all of *alpha* is spent. A study that
    was *planned* for more blocks, and that its clock ended, has spent before the end by that plan. Each bound is
    crossed for the first time with the probability that :func:`spend_alpha` gives its look. The density of what has
    crossed none is carried from look to look: Armitage, McPherson and Rowe, *Repeated significance tests on
    accumulating data* (1969).

    Raises:
        ValueError: the looks do not ascend from 2 at least.
    """
    from scipy.optimize import brentq  # here, so that only a study that stops early waits for its import

    if not looks or looks[0] < 2 or any(b <= a for a, b in pairwise(looks)):
        raise ValueError(f"looks ascend from 2 blocks at least, and these are {looks}")
    bounds: list[float] = []
    spent, sums, density = 0.0, np.zeros(1), np.ones(1)  # of the sum of independent N(0, 1) over the blocks so far
    for before, blocks in pairwise((0, *looks)):
        share = 1.0 if blocks == looks[-1] else blocks / max(planned, looks[-1])
        due, step = spend_alpha(share, alpha) - spent, sqrt(blocks - before)
        spent += due
        top, given = REACH * sqrt(blocks), (sums, density, step, due)
        # A look that may spend less than lies beyond the grid has the grid's end as its bound.
        if _miss(top, *given) < 0:
            top = float(brentq(_miss, 0.0, top, args=given, xtol=1e-10))
        bounds.append(top / sqrt(blocks))
        grid = np.linspace(-REACH * sqrt(blocks), top, GRID)
        kernel = np.exp(-(((grid[:, None] - sums[None, :]) / step) ** 2) / 2) / (step * sqrt(2 * np.pi))
        sums, density = grid, _integrate(sums, kernel * density[None, :])
    return tuple(bounds)


def _miss(bound: float, sums: Array, density: Array, step: float, due: float) -> float:
    """Return how far the probability of crossing *bound* now is from the *due* one."""
    return float(_integrate(sums, density * ndtr((sums - bound) / step))) - due


def _integrate(places: Array, values: Array) -> Array:
    """Return the integral of *values* over *places*; one place is a point mass."""
    if places.size == 1:
        return np.asarray(values[..., 0])
    return np.asarray(np.trapezoid(values, places, axis=-1))


def find_confidence(looks: Sequence[int], blocks: int, *, timed_out: bool = False) -> float:
    """Return the confidence of the interval after *blocks* blocks with *looks*.

    It is that of the last look which was reached, and before the first look that of the first. Without looks it is 95%.
    Where the clock ended the study (*timed_out*), which knows nothing of its results, *blocks* is the last look, and
    takes all that the looks before it have left; before the first look that is 95% again.
    A Student interval of this confidence at each look is a repeated confidence interval: Jennison and Turnbull, *Group
    sequential methods* (2000), chapter 9.
    """
    if not looks:
        return 1 - ALPHA
    if timed_out and 2 <= blocks < looks[-1]:
        made = (*(look for look in looks if look < blocks), blocks)
        return 1 - 2 * float(ndtr(-find_bounds(made, planned=looks[-1])[-1]))
    reached = max(sum(look <= blocks for look in looks), 1)
    return 1 - 2 * float(ndtr(-find_bounds(tuple(looks))[reached - 1]))


def plan_blocks(differences: ArrayLike, half_width: float, confidence: float = 1 - ALPHA) -> int:
    """Return how many blocks give a wanted width, from a pilot's *differences*.

    max(B, ceil((t_{B-1} s / h)^2)), h = log(1 + half_width), s the standard deviation of the pilot's B log ratios:
    Stein, *A two-sample test for a linear hypothesis whose power is independent of the variance* (1945).
    """
    y = np.asarray(differences, dtype=np.float64)
    reach = float(stdtrit(y.size - 1, (1 + confidence) / 2) * y.std(ddof=1))
    return max(y.size, ceil((reach / log1p(half_width)) ** 2))


def stein_interval(differences: ArrayLike, pilot: int = PILOT, confidence: float = 1 - ALPHA) -> Interval:
    """Return the mean of all *differences* with the interval of Stein's two stages.

    mean +- t_{P-1} s_P / sqrt(B), s_P the standard deviation of the first P = *pilot* blocks. The number of blocks
    depends on s_P alone, of which the mean is independent, so the interval is exact for normal differences.
    """
    y = np.asarray(differences, dtype=np.float64)
    first = y[:pilot]
    mean = float(y.mean())
    reach = float(stdtrit(first.size - 1, (1 + confidence) / 2) * first.std(ddof=1) / sqrt(y.size))
    return Interval(mean, mean - reach, mean + reach, confidence)

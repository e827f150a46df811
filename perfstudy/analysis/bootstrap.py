"""The bootstrap over blocks, each drawn with all of its cells."""

import numpy as np
from numpy.typing import ArrayLike

from perfstudy.analysis.effect import Cells, log_ratios
from perfstudy.analysis.interval import Interval
from perfstudy.analysis.quantile import Array

RESAMPLES = 10_000


def effect_interval(
    variant: Cells,
    reference: Cells,
    q: float = 0.5,
    confidence: float = 0.95,
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Interval:
    """Return mean D with the percentile interval of its bootstrap over blocks.

    A block is drawn with both of its cells, so that what a block does to both cancels, and the cells stay as they
    are: the spread between blocks holds the noise of their requests already, and redrawing the requests as well would
    count it twice, for an interval up to sqrt(2) too wide: Davison and Hinkley, *Bootstrap methods and their
    application* (1997), section 3.8, whose first strategy this is.
    Few blocks make a percentile interval too narrow, which Student's is not: hence two intervals.

    Raises:
        ValueError: the two have not the same number of cells, or a cell is no cell.
    """
    differences = log_ratios(variant, reference, q)
    return percentile_interval(
        resample_means(differences, resamples=resamples, seed=seed), float(differences.mean()), confidence
    )


def percentile_interval(draws: Array, estimate: float, confidence: float = 0.95) -> Interval:
    """Return *estimate* between the (1 - confidence)/2 and (1 + confidence)/2 quantiles of *draws*.

    The percentile interval of Efron, *Nonparametric standard errors and confidence intervals* (1981).
    """
    low, high = np.quantile(draws, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(estimate, float(low), float(high), confidence)


def resample_means(values: ArrayLike, *, resamples: int = RESAMPLES, seed: int = 0) -> Array:
    """Return means over blocks drawn with replacement: shape (blocks, k) to (resamples, k).

    Drawing B of B blocks gives each a multinomial count, so one matrix product makes every resample:
    mean* = counts / B @ values; Efron, *Bootstrap methods: another look at the jackknife* (1979).
    """
    y = np.asarray(values, dtype=np.float64)
    blocks = y.shape[0]
    counts = np.random.default_rng(seed).multinomial(blocks, np.full(blocks, 1 / blocks), size=resamples)
    means: Array = counts @ y / blocks
    return means

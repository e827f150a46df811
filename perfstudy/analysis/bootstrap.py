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

    A block is drawn with both of its cells, so that the block's own level cancels. The requests within a cell are not
    resampled: the spread between blocks contains their noise already, and counting it twice would make the interval
    up to sqrt(2) too wide. This is the first strategy of Davison and Hinkley, *Bootstrap methods and their
    application* (1997), section 3.8.
    Few blocks make a percentile interval too narrow, which Student's is not: hence two intervals.

    Raises:
        ValueError: the two have not the same number of cells, or a cell is no cell.
    """
    differences = log_ratios(variant, reference, q)
    return percentile_interval(
        resample_means(differences, resamples=resamples, seed=seed), float(differences.mean()), confidence
    )


def percentile_interval(draws: Array, estimate: float, confidence: float = 0.95) -> Interval:
    """Return *estimate* with the percentile interval of *draws*.

    Its bounds are the (1 - confidence)/2 and (1 + confidence)/2 quantiles: Efron, *Nonparametric
    standard errors and confidence intervals* (1981).
    """
    low, high = np.quantile(draws, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(estimate, float(low), float(high), confidence)


def resample_means(values: ArrayLike, *, resamples: int = RESAMPLES, seed: int = 0) -> Array:
    """Return means over resampled blocks: shape (blocks, k) to (resamples, k).

    Drawing B of B blocks gives each a multinomial count, so one matrix product makes every resample:
    mean* = counts / B @ values; Efron, *Bootstrap methods: another look at the jackknife* (1979).
    """
    y = np.asarray(values, dtype=np.float64)
    blocks = y.shape[0]
    counts = np.random.default_rng(seed).multinomial(blocks, np.full(blocks, 1 / blocks), size=resamples)
    means: Array = counts @ y / blocks
    return means

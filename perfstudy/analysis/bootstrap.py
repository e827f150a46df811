"""The bootstrap: blocks as pairs, then runs of consecutive requests inside each cell."""

from math import ceil

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike

from perfstudy.analysis.effect import Cells, check_cells, log_quantiles
from perfstudy.analysis.interval import Interval
from perfstudy.analysis.quantile import Array, empirical

RESAMPLES = 10_000


def resample(
    variant: Cells,
    reference: Cells,
    q: float = 0.5,
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
    run: int | None = None,
    pool: int | None = None,
) -> Array:
    """Return *resamples* bootstrapped values of mean D, shape (resamples,).

    Level one draws B blocks with replacement, each with both of its cells, so that what a block does to both cancels.
    Level two redraws each cell in runs of consecutive requests, which keeps the dependence of neighbours:

        mean D* = (1/B) sum_j [ log q(variant*_{b_j}) - log q(reference*_{b_j}) ],   b_j uniform on the blocks

    The levels are those of Davison and Hinkley, *Bootstrap methods and their application* (1997), section 3.8, and of
    Kalibera and Jones, *Quantifying performance changes with effect size confidence intervals* (2012);
    the runs are those of Künsch, *The jackknife and the bootstrap for general stationary observations* (1989),
    laid around a circle as by Politis and Romano (1992), so that each sample is drawn equally often.
    A run holds n^(1/3) samples unless *run* says otherwise: Hall, Horowitz and Jing (1995).

    Since a cell's redraws depend on nothing but the cell, *pool* of them are drawn once for each cell (a tenth of
    *resamples* unless told otherwise), and each resample picks from the pools: a tenth of the work of redrawing all.

    Redrawing at both levels counts the noise of the requests twice (Davison and Hinkley, same section):
    the spread is right where blocks differ more than requests scatter, and up to sqrt(2) too wide otherwise.
    Few blocks make a percentile interval too narrow in turn, which Student's is not: hence two intervals.

    Raises:
        ValueError: the two have not the same number of cells, or a cell is no cell.
    """
    blocks = len(variant)
    if blocks != len(reference) or not blocks:
        raise ValueError(f"blocks are pairs, and there are {blocks} cells against {len(reference)}")
    random = np.random.default_rng(seed)
    pool = pool or max(100, resamples // 10)
    redrawn = [
        redraw(cell, q, pool, run, random) - redraw(other, q, pool, run, random)
        for cell, other in zip(variant, reference, strict=True)
    ]
    chosen = random.integers(blocks * pool, size=(resamples, blocks))
    means: Array = np.concatenate(redrawn)[chosen].mean(axis=1)
    return means


def redraw(cell: ArrayLike, q: float, times: int, run: int | None, random: np.random.Generator) -> Array:
    """Return the log of the quantile *q* of *times* redraws of *cell* in runs, shape (times,)."""
    samples = check_cells(cell)
    n = samples.size
    length = min(run or ceil(round(n ** (1 / 3), 9)), n)
    circle = sliding_window_view(np.concatenate([samples, samples[: length - 1]]), length)
    starts = random.integers(n, size=(times, ceil(n / length)))
    return np.log(empirical(circle[starts].reshape(times, -1)[:, :n], q))


def effect_interval(
    variant: Cells,
    reference: Cells,
    q: float = 0.5,
    confidence: float = 0.95,
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Interval:
    """Return mean D with the percentile interval of its two-level bootstrap; see :func:`resample`."""
    draws = resample(variant, reference, q, resamples=resamples, seed=seed)
    estimate = float(np.mean(log_quantiles(variant, q) - log_quantiles(reference, q)))
    return percentile(draws, estimate, confidence)


def percentile(draws: Array, estimate: float, confidence: float = 0.95) -> Interval:
    """Return *estimate* between the (1 - confidence)/2 and (1 + confidence)/2 quantiles of *draws*.

    The percentile interval of Efron, *Nonparametric standard errors and confidence intervals* (1981).
    """
    low, high = np.quantile(draws, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(estimate, float(low), float(high), confidence)


def block_means(values: ArrayLike, *, resamples: int = RESAMPLES, seed: int = 0) -> Array:
    """Return means over blocks drawn with replacement: shape (blocks, k) to (resamples, k).

    Drawing B of B blocks gives each a multinomial count, so one matrix product makes every resample:
    mean* = counts / B @ values; Efron, *Bootstrap methods: another look at the jackknife* (1979).
    """
    y = np.asarray(values, dtype=np.float64)
    blocks = y.shape[0]
    counts = np.random.default_rng(seed).multinomial(blocks, np.full(blocks, 1 / blocks), size=resamples)
    means: Array = counts @ y / blocks
    return means

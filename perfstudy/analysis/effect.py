"""The effect of a variant: one log ratio per block, with Student's interval."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtr, stdtrit

from perfstudy.analysis.interval import Interval
from perfstudy.analysis.quantile import Array, empirical_quantile

Cells = Sequence[ArrayLike]
"""The cells of one variant, one array of seconds per block, in the order of the blocks."""


@dataclass(frozen=True, eq=False)
class Effect:
    """What a variant does to a quantile of the response time, block by block.

    ``differences`` are the D of shape (blocks,), negative where the variant is faster;
    ``mean`` is their mean with its Student interval; ``p`` is the two-sided p-value of no effect.
    """

    q: float
    differences: Array
    mean: Interval
    p: float

    @property
    def blocks(self) -> int:
        """The number of blocks."""
        return len(self.differences)

    @property
    def speedup(self) -> Interval:
        """The speed-up exp(-mean D), a geometric mean over blocks.

        It is reference time over variant time.
        """
        return (-self.mean).exp()


def paired_effect(variant: Cells, reference: Cells, q: float = 0.5, confidence: float = 0.95) -> Effect:
    """Return the effect of *variant* on the quantile *q*, against *reference*.

    Both have the same blocks.

    D_b = log q(variant_b) - log q(reference_b), see :func:`log_ratios`; mean D +- t(B - 1) s / sqrt(B);
    speed-up = exp(-mean D).
    The block is the unit of inference, because the requests of one process are not independent:
    Kalibera and Jones, *Rigorous benchmarking in reasonable time* (2013), whose highest level of repetition it is.
    Ratios are averaged as logs, since a mean of ratios depends on which side is the denominator:
    Fleming and Wallace, *How not to lie with statistics* (1986).
    """
    differences = log_ratios(variant, reference, q)
    return Effect(q, differences, student_interval(differences, confidence), p_value(differences))


def log_ratios(variant: Cells, reference: Cells, q: float = 0.5) -> Array:
    """Return the log ratio D_b of each block b, shape (blocks,).

    D_b = log q(variant_b) - log q(reference_b).

    With q = 0.5 the middle of a cell is taken in place of its median: see :func:`log_middle`.

    Raises:
        ValueError: the two have not the same number of cells, or a cell is no cell.
    """
    if len(variant) != len(reference) or not len(variant):
        raise ValueError(f"blocks are pairs, and there are {len(variant)} cells against {len(reference)}")
    ratios: Array = log_quantiles(variant, q) - log_quantiles(reference, q)
    return ratios


def log_quantiles(cells: Cells, q: float = 0.5) -> Array:
    """Return the log of the quantile *q* of each cell, shape (blocks,).

    It is the input of the attributions as well.

    With q = 0.5 it is the :func:`log_middle` of each cell.

    Raises:
        ValueError: a cell is empty, or holds a time that is not positive and finite.
    """
    if q == MIDDLE:
        return np.array([log_midmean(cell) for cell in cells], dtype=np.float64)
    return np.log(np.array([empirical_quantile(check_cells(cell), q) for cell in cells], dtype=np.float64))


MIDDLE = 0.5
TRIM = 0.25


def log_midmean(cell: ArrayLike) -> float:
    """Return the interquartile mean of the logs of *cell*.

    A quarter of its samples is left out at each end:

    sum_i w_i log x_(i) / sum_i w_i, w_i the part of [i - 1, i] that lies within [n/4, 3n/4], x_(i) in order. Of one
    sample it is that sample, of two their mean. Where request times have two humps a median jumps from one to the
    other between cells, and this does not; it tolerates as many outliers as a quarter of the cell. Tukey, *A survey of
    sampling from contaminated distributions* (1960); Huber, *Robust statistics* (1981), section 3.3.

    Raises:
        ValueError: the cell is empty, or holds a time that is not positive and finite.
    """
    logs = np.sort(np.log(check_cells(cell)))
    edges = np.clip(np.arange(logs.size + 1), TRIM * logs.size, (1 - TRIM) * logs.size)
    return float(np.average(logs, weights=np.diff(edges)))


def check_cells(cell: ArrayLike) -> Array:
    """Return *cell* as an array of shape (n,), n >= 1.

    Raises:
        ValueError: it is empty, not one-dimensional, or holds a time that is not positive and finite.
    """
    times = np.asarray(cell, dtype=np.float64)
    if times.ndim != 1 or times.size == 0:
        raise ValueError(f"a cell is a row of at least one sample, and this has the shape {times.shape}")
    if not (times.min() > 0 and times.max() < np.inf):
        raise ValueError(f"a cell holds times above 0 seconds, and this one {times.min()} to {times.max()}")
    return times


def student_interval(values: ArrayLike, confidence: float = 0.95) -> Interval:
    """Return the mean of *values*, shape (blocks,), with Student's interval.

    mean +- t_{B-1}((1 + confidence) / 2) s / sqrt(B), s with B - 1 in its denominator:
    Student, *The probable error of a mean* (1908). A single value has infinite bounds.
    """
    y = np.asarray(values, dtype=np.float64)
    mean = float(y.mean())
    if y.size < 2:
        return Interval(mean, -np.inf, np.inf, confidence)
    reach = float(stdtrit(y.size - 1, (1 + confidence) / 2) * _standard_error(y))
    return Interval(mean, mean - reach, mean + reach, confidence)


def p_value(values: ArrayLike) -> float:
    """Return the two-sided p-value of Student's test that the mean is 0.

    It is ``2 P(T_{B-1} > |mean| sqrt(B) / s)``, and 1 where there is nothing to test: a single value, or
    values that are all 0.
    """
    y = np.asarray(values, dtype=np.float64)
    if y.size < 2 or not y.any():
        return 1.0
    error = _standard_error(y)
    return float(2 * stdtr(y.size - 1, -abs(y.mean()) / error)) if error > 0 else 0.0


def find_detectable(spread: float, blocks: int, power: float = 0.8) -> float:
    """Return the smallest factor that *blocks* find in a share *power* of studies.

    exp((t_{B-1}(0.975) + t_{B-1}(power)) s / sqrt(B)), s the *spread* of the blocks' log ratios: the usual
    approximation for a paired test, with Student's t in place of the normal quantiles.
    """
    quantiles = stdtrit(blocks - 1, 0.975) + stdtrit(blocks - 1, power)
    return float(np.exp(quantiles * spread / np.sqrt(blocks)))


def _standard_error(y: Array) -> float:
    return float(y.std(ddof=1)) / float(np.sqrt(y.size))

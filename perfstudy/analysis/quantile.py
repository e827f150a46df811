"""Quantiles: one definition, and the rule for when one is given."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

LEAST_BEYOND = 20
"""Samples expected beyond a quantile in the tail before it is given."""


@dataclass(frozen=True, slots=True)
class Quantile:
    """The quantile *q* of *n* samples: its value, or the reason for giving none."""

    q: float
    n: int
    value: float | None
    reason: str | None = None


def empirical_quantile(samples: ArrayLike, q: float) -> Array:
    """Return the *q* quantile along the last axis: shape (..., n) to (...).

    The definition is number 8 of Hyndman and Fan, *Sample quantiles in statistical packages* (1996), the one they
    recommend: x at position h = (n + 1/3) q + 1/3 in the sorted samples, interpolated between neighbours.
    It is median-unbiased whatever the distribution, which matters here: a p95 from a cell of 40 samples
    estimates p95, where numpy's default would estimate about p93. For the median both agree.

    Raises:
        ValueError: there is no sample, or *q* is not between 0 and 1.
    """
    values = np.asarray(samples, dtype=np.float64)
    n = values.shape[-1] if values.ndim else 0
    if n == 0 or not 0 <= q <= 1:
        raise ValueError(f"no quantile {q} of {n} samples: it needs a sample, and q between 0 and 1")
    position = min(max((n + 1 / 3) * q + 1 / 3 - 1, 0.0), n - 1.0)
    below = int(position)
    above = min(below + 1, n - 1)
    sorted_there = np.partition(values, (below, above), axis=-1)
    share = position - below
    result: Array = (1 - share) * sorted_there[..., below] + share * sorted_there[..., above]
    return result


def refuse_quantile(n: int, q: float, cells: Iterable[int] = ()) -> str | None:
    """Return why the quantile *q* of *n* samples is not given, None where it is.

    The rule: n (1 - q) >= 20, so that at least twenty samples are expected beyond the quantile;
    p95 needs 400 samples, p99 2,000.
    The number beyond is binomial, so with twenty its own relative error is about 1/sqrt(20), 22 %.
    For an effect, *n* counts the samples of all blocks, over which the effect is averaged, and *cells* are the
    sizes of the single cells: each must reach the quantile too, n (1 - q) >= 1, or its "p99" would be its maximum.

    The median and quantiles below it are no tail and are always given: the least study that may conclude
    (10 blocks of 5 requests) has 25 samples beyond its median, and smaller ones are capped at *indicative* anyway.
    """
    if n == 0:
        return "there is no sample"
    if q <= 0.5:
        return None
    if round(n * (1 - q), 9) < LEAST_BEYOND:
        needed = ceil(round(LEAST_BEYOND / (1 - q), 6)) if q < 1 else "infinitely many"
        return f"{name_quantile(q)} needs {needed} samples, {LEAST_BEYOND} of them beyond it, and there are {n}"
    smallest = min(cells, default=None)
    if smallest is not None and round(smallest * (1 - q), 9) < 1:
        return f"{name_quantile(q)} needs {ceil(round(1 / (1 - q), 6))} samples in each cell, and one has {smallest}"
    return None


def estimate_quantile(samples: ArrayLike, q: float) -> Quantile:
    """Return the quantile *q* of pooled *samples*, or the reason for giving none."""
    values = np.asarray(samples, dtype=np.float64).ravel()
    reason = refuse_quantile(values.size, q)
    return Quantile(q, values.size, None if reason else float(empirical_quantile(values, q)), reason)


def name_quantile(q: float) -> str:
    """Return the usual name of the quantile: ``median``, ``p95``, ``p99.9``."""
    return "median" if q == 0.5 else f"p{100 * q:.6g}"

"""The small helpers of the charts: distributions and Pareto fronts."""

import numpy as np
import pytest

from perfstudy.analysis.ecdf import ecdf, exceedance
from perfstudy.analysis.pareto import front


def test_a_distribution_shows_every_sample():
    x, share = ecdf([3.0, 1.0, 2.0, 2.0])
    assert x.tolist() == [1, 2, 2, 3]
    assert share.tolist() == [0.25, 0.5, 0.75, 1]


def test_thinning_keeps_the_extremes_and_only_samples():
    samples = np.random.default_rng(0).random(10_001)
    x, share = ecdf(samples, points=101)
    assert len(x) == 101
    assert (x[0], x[-1], share[-1]) == (samples.min(), samples.max(), 1)
    assert set(x) <= set(samples)
    assert len(ecdf(samples[:50], points=101)[0]) == 50


def test_the_tail_counts_from_above():
    x, share = exceedance([1.0, 2.0, 4.0, 3.0])
    assert x.tolist() == [1, 2, 3, 4]
    assert share.tolist() == [1, 0.75, 0.5, 0.25]


def test_nothing_has_no_distribution():
    with pytest.raises(ValueError, match="needs samples"):
        ecdf([])
    with pytest.raises(ValueError, match="at least 2 points"):
        ecdf([1.0], points=1)


def test_the_front_holds_what_nothing_beats():
    costs = [[1, 5], [2, 2], [5, 1], [3, 3], [2, 2], [2, 6]]
    assert front(costs).tolist() == [True, True, True, False, True, False]
    assert front([[1.0]]).tolist() == [True]

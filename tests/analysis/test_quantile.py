import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from perfstudy.analysis.quantile import empirical_quantile, estimate_quantile, name_quantile, refuse_quantile

from .simulate import fixed


@fixed
@given(arrays(np.float64, st.integers(1, 50), elements=st.floats(0, 1e6)), st.floats(0, 1))
def test_it_is_the_median_unbiased_quantile_of_numpy(samples, q):
    assert empirical_quantile(samples, q) == pytest.approx(np.quantile(samples, q, method="median_unbiased"), abs=1e-6)


def test_it_goes_along_the_last_axis():
    samples = np.random.default_rng(0).random((3, 4, 25))
    assert empirical_quantile(samples, 0.5) == pytest.approx(np.median(samples, axis=-1))
    assert empirical_quantile(samples, 0.9).shape == (3, 4)


def test_small_cells_aim_at_the_quantile_they_name(figure):
    random = np.random.default_rng(3)
    ours = np.median(empirical_quantile(random.random((20_000, 40)), 0.95))
    theirs = np.median(np.quantile(random.random((20_000, 40)), 0.95, axis=1))
    figure(f"median of the p95 of 40 uniform samples: {ours:.3f} by our definition, {theirs:.3f} by numpy's default")
    assert ours == pytest.approx(0.95, abs=0.003)
    assert theirs < 0.945


@pytest.mark.parametrize(
    ("n", "q", "given_"),
    [
        (399, 0.95, False),
        (400, 0.95, True),
        (1_999, 0.99, False),
        (2_000, 0.99, True),
        (199, 0.9, False),
        (200, 0.9, True),
        (19_999, 0.999, False),
        (20_000, 0.999, True),
        (10**9, 1.0, False),
        (1, 0.5, True),
        (0, 0.5, False),
    ],
)
def test_a_quantile_needs_twenty_samples_beyond_it(n, q, given_):
    assert (refuse_quantile(n, q) is None) is given_


def test_every_cell_must_reach_the_quantile():
    assert refuse_quantile(4_000, 0.99, [100] * 40) is None
    assert refuse_quantile(4_000, 0.99, [99] + [101] * 40) == "p99 needs 100 samples in each cell, and one has 99"


def test_a_refusal_says_what_is_needed():
    found = estimate_quantile(np.ones(100), 0.95)
    assert found.value is None
    assert found.reason == "p95 needs 400 samples, 20 of them beyond it, and there are 100"
    assert estimate_quantile(np.arange(1.0, 402.0), 0.95).value == pytest.approx(1 / 3 + 0.95 * (401 + 1 / 3))
    assert estimate_quantile([], 0.5).reason == "there is no sample"


def test_no_samples_have_no_quantile():
    with pytest.raises(ValueError, match="0 samples"):
        empirical_quantile([], 0.5)
    with pytest.raises(ValueError, match="between 0 and 1"):
        empirical_quantile([1.0], 1.5)


def test_names():
    assert [name_quantile(q) for q in (0.5, 0.95, 0.99, 0.999)] == ["median", "p95", "p99", "p99.9"]

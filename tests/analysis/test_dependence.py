import numpy as np
import pytest
from scipy.stats import rankdata

from perfstudy.analysis import compare
from perfstudy.analysis.dependence import LEVEL, _rank, check_dependence, effective_blocks, widen_interval
from perfstudy.analysis.effect import student_interval

WAVE = np.sin(np.arange(10) / 3)


def test_independent_blocks_are_called_dependent_in_one_of_twenty(figure):
    random = np.random.default_rng(4)
    found = sum(check_dependence(row) <= LEVEL for row in random.normal(size=(300, 10)))
    figure(f"independent blocks called dependent: {found} of 300 (at most 27)")
    assert found <= 27


def test_a_slow_wave_is_seen():
    assert check_dependence(WAVE) < 0.01
    assert check_dependence(WAVE, np.cos(np.arange(10) / 3)) < 0.01


@pytest.mark.parametrize("values", [[1.0], [1.0, 2.0, 3.0], [2.0] * 10, 1 + 1e-14 * np.arange(10)])
def test_too_few_or_equal_blocks_tell_nothing(values):
    assert check_dependence(values) == 1


def test_dependent_blocks_count_as_fewer():
    assert effective_blocks(WAVE) == 3
    assert effective_blocks([1.0, -1.0] * 5) == 10
    assert widen_interval(WAVE).width > 2 * student_interval(WAVE).width


def test_the_widened_interval_is_the_one_that_is_shown_and_judged():
    reference = [[1.0]] * 10
    orders = np.array([3, 8, 0, 6, 1, 9, 4, 7, 2, 5])
    smooth, shuffled = ([[time] for time in np.exp(0.25 + 0.3 * wave)] for wave in (WAVE - 1, (WAVE - 1)[orders]))
    dependent, independent = compare(smooth, reference), compare(shuffled, reference)
    assert dependent.speedup.estimate == pytest.approx(independent.speedup.estimate)
    assert independent.measured.narrow is None
    assert dependent.speedup.width > dependent.measured.narrow.width
    assert dependent.measured.judged == dependent.speedup
    assert f"{dependent.speedup.low:.3g} to {dependent.speedup.high:.3g} times" in dependent.verdict.reason
    assert "blocks depend on their neighbours" in dependent.verdict.reason


@pytest.mark.parametrize("values", [[], [2.5], [3.0, 1.0, 3.0, 2.0, 3.0, -0.0, 0.0], np.round(WAVE, 1)])
def test_ranks_are_those_of_scipy(values):
    ranks = _rank(np.array(values))
    assert ranks.dtype == float
    assert ranks.tolist() == rankdata(values).tolist()

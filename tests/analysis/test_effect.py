import math

import numpy as np
import pytest
from scipy import stats

from perfstudy.analysis import log_quantiles, log_ratios, paired_effect
from perfstudy.analysis.effect import p_value, student_interval

from .simulate import Lab


def test_a_constant_gain_is_found_exactly():
    reference = [[0.1, 0.2, 0.3], [0.2, 0.4], [5.0]]
    variant = [[t / 4 for t in cell] for cell in reference]
    effect = paired_effect(variant, reference)
    assert effect.differences == pytest.approx([-math.log(4)] * 3)
    assert effect.speedup.estimate == pytest.approx(4)
    assert effect.speedup.width == pytest.approx(0, abs=1e-12)
    assert effect.blocks == 3


def test_what_a_block_does_to_both_cancels():
    calm, restless = Lab(block=0.0), Lab(block=3.0)
    first, second = (paired_effect(*lab.pair(1, -0.5)).differences for lab in (calm, restless))
    assert first == pytest.approx(second)


def test_swapping_the_sides_turns_the_speed_up_over():
    variant, reference = Lab().pair(2, -0.7)
    forth, back = paired_effect(variant, reference).speedup, paired_effect(reference, variant).speedup
    assert (1 / back.estimate, 1 / back.high, 1 / back.low) == pytest.approx((forth.estimate, forth.low, forth.high))


@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.99])
def test_student_agrees_with_scipy(confidence):
    values = np.random.default_rng(4).normal(0.2, 1, 13)
    expected = stats.t.interval(confidence, 12, values.mean(), stats.sem(values))
    found = student_interval(values, confidence)
    assert (found.low, found.high) == pytest.approx(expected)
    assert p_value(values) == pytest.approx(stats.ttest_1samp(values, 0).pvalue)


def test_one_block_knows_nothing_of_the_spread():
    effect = paired_effect([[1.0]], [[2.0]])
    assert effect.speedup.estimate == pytest.approx(2)
    assert (effect.speedup.low, effect.speedup.high, effect.p) == (0, math.inf, 1)


def test_p_values_at_the_edges():
    assert p_value([0.0, 0.0, 0.0]) == 1
    assert p_value([1.0, 1.0, 1.0]) == 0


def test_quantiles_are_taken_cell_by_cell():
    assert log_quantiles([[1.0, 2.0, 3.0, 4.0], [math.e]], 0.25) == pytest.approx([math.log(17 / 12), 1])
    assert log_quantiles([[1.0, 2.0, 4.0, 99.0], [math.e]]) == pytest.approx([math.log(8) / 2, 1])
    assert log_ratios([[2.0]], [[1.0]], 0.95) == pytest.approx([math.log(2)])


@pytest.mark.parametrize(
    ("variant", "reference", "said"),
    [
        ([[1.0]], [[1.0], [1.0]], "1 cells against 2"),
        ([], [], "0 cells"),
        ([[]], [[1.0]], "at least one sample"),
        ([[[1.0]]], [[1.0]], "shape"),
        ([[0.0, 1.0]], [[1.0]], "above 0 seconds"),
        ([[math.nan]], [[1.0]], "above 0 seconds"),
        ([[math.inf]], [[1.0]], "above 0 seconds"),
    ],
)
def test_what_is_no_cell_is_refused(variant, reference, said):
    with pytest.raises(ValueError, match=said):
        paired_effect(variant, reference)

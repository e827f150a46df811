import math

import pytest

from perfstudy.analysis import Interval


def test_exp_and_log_undo_each_other():
    interval = Interval(0.5, 0.1, 0.9, 0.9)
    back = interval.exp().log()
    assert (back.estimate, back.low, back.high) == pytest.approx((0.5, 0.1, 0.9))
    assert back.confidence == 0.9


def test_a_loss_of_log_time_is_a_speed_up():
    speedup = (-Interval(-math.log(2), -math.log(4), 0.0)).exp()
    assert (speedup.estimate, speedup.low, speedup.high) == pytest.approx((2, 1, 4))


def test_infinite_bounds_survive_both_scales():
    ratio = Interval(0.0, -math.inf, math.inf).exp()
    assert (ratio.low, ratio.high) == (0, math.inf)
    assert ratio.log() == Interval(0.0, -math.inf, math.inf)
    assert Interval(1e3, 0, 1e4).exp().high == math.inf


def test_bounds_belong_to_the_interval():
    interval = Interval(2, 1, 3)
    assert not interval.excludes(1)
    assert not interval.excludes(3)
    assert interval.excludes(0.999)
    assert interval.excludes(3.001)
    assert interval.within(1, 3)
    assert not interval.within(1.1, 3)
    assert not interval.within(1, 2.9)
    assert interval.width == 2


@pytest.mark.parametrize(
    ("low", "high", "meets"),
    [(3, 5, True), (3.1, 5, False), (0, 1, True), (0, 0.9, False), (2, None, True), (4, None, False)],
)
def test_ranges_may_be_open_above(low, high, meets):
    assert Interval(2, 1, 3).overlaps(low, high) is meets


@pytest.mark.parametrize("values", [(1, 2, 0), (1, math.nan, 2), (math.nan, 0, 1), (1, 0, 2, 1.0), (1, 0, 2, 0.0)])
def test_what_is_no_interval_is_refused(values):
    with pytest.raises(ValueError, match=r"interval|confidence"):
        Interval(*values)


def test_it_reads_well():
    assert str(Interval(1.23456, 1.1, 1.4)) == "1.23 [1.1, 1.4]"

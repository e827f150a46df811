import math

import numpy as np
import pytest

from perfstudy.analysis import Interval, NoiseFloor, measure_noise_floor

from .simulate import Lab


def test_a_quiet_lab_has_a_lower_floor_than_a_noisy_one():
    quiet, noisy = (measure_noise_floor(*Lab(process=p, request=p).pair(1)) for p in (0.005, 0.1))
    assert 0 < quiet.value < noisy.value
    assert quiet.percent == pytest.approx(100 * (math.exp(quiet.value) - 1))
    assert quiet.factor == pytest.approx(math.exp(quiet.value))


def test_it_holds_the_difference_that_was_seen():
    first, second = Lab().pair(4)
    floor = measure_noise_floor(first, second)
    assert floor.value > abs(floor.effect.estimate)


def test_it_is_the_same_for_either_label():
    cells = [np.full(8, 0.1) for _ in range(12)], [np.full(8, 0.11) for _ in range(12)]
    assert measure_noise_floor(*cells).value == pytest.approx(math.log(1.1))
    assert measure_noise_floor(*reversed(cells)).value == pytest.approx(math.log(1.1))


def test_an_a_a_pair_that_differs_in_earnest_is_unsound():
    assert (
        NoiseFloor(0.3, Interval(0.2, 0.1, 0.3), 10).unsound().startswith("the reference differs from itself by 1.11")
    )
    assert NoiseFloor(0.3, Interval(-0.2, -0.3, -0.1), 10).unsound()
    assert not NoiseFloor(0.3, Interval(0.2, 0.08, 0.32), 10).unsound()  # at 99%, 0.03 to 0.37
    assert NoiseFloor(0.3, Interval(0.2, 0.08, 0.32), 10).unsound(threshold=0.01)


def test_chance_alone_is_sound(figure):
    unsound = sum(bool(measure_noise_floor(*Lab().pair(seed), resamples=200).unsound()) for seed in range(200))
    figure(f"A/A pairs that invalidate a study by chance: {unsound} of 200 (at most 2)")
    assert unsound <= 2

from time import process_time

import numpy as np
import pytest

from perfstudy.analysis import average_blocks, choose_wider, compare, paired_effect
from perfstudy.analysis.bootstrap import effect_interval, percentile_interval, resample_means
from perfstudy.analysis.effect import log_midmean
from perfstudy.analysis.interval import Interval

from .simulate import Lab


def test_a_seed_decides_every_draw():
    variant, reference = Lab().pair(1, -0.3)
    found = [effect_interval(variant, reference, resamples=500, seed=seed) for seed in (7, 7, 8)]
    assert found[0] == found[1]
    assert found[0] != found[2]


def test_the_noise_of_requests_is_counted_once():
    variant, reference = Lab(process=0.0, request=0.5).pair(3, -0.3)
    middles = [[[float(np.exp(log_midmean(cell)))] for cell in cells] for cells in (variant, reference)]
    assert effect_interval(variant, reference).width == pytest.approx(effect_interval(*middles).width)


def test_global_randomness_plays_no_part():
    variant, reference = Lab().pair(1, -0.3)
    state = np.random.get_state()[1].copy()
    first = effect_interval(variant, reference, resamples=200)
    assert np.array_equal(np.random.get_state()[1], state)
    np.random.seed(99)
    assert effect_interval(variant, reference, resamples=200) == first


def test_it_agrees_with_student_on_gaussian_logs(figure):
    lab = Lab(blocks=30, process=0.2, request=0.05)
    ratios = []
    for seed in range(20):
        variant, reference = lab.pair(seed, -1.0)
        student = paired_effect(variant, reference).mean
        bootstrap = effect_interval(variant, reference, seed=seed)
        assert bootstrap.estimate == pytest.approx(student.estimate)
        ratios.append(bootstrap.width / student.width)
    figure(f"width of the bootstrap interval over Student's, Gaussian logs, 30 blocks: {np.mean(ratios):.3f}")
    assert np.mean(ratios) == pytest.approx(1, abs=0.06)


def test_every_block_is_drawn_equally_often():
    means = resample_means(np.eye(4), resamples=20_000, seed=1)
    assert means.mean(axis=0) == pytest.approx([0.25] * 4, abs=0.01)
    assert means.sum(axis=1) == pytest.approx(np.ones(20_000))


def test_ragged_cells_are_welcome():
    random = np.random.default_rng(2)
    variant = [random.lognormal(-1, 0.1, n) for n in (5, 40, 17, 200, 6)]
    reference = [random.lognormal(0, 0.1, n) for n in (9, 5, 60, 33, 20)]
    interval = effect_interval(variant, reference)
    assert interval.low < -1 < interval.high
    assert interval.width < 0.3


def test_cells_must_pair():
    with pytest.raises(ValueError, match="1 cells against 2"):
        effect_interval([[1.0]], [[1.0], [2.0]])


def test_a_usual_study_takes_a_second_or_two(figure):
    variant, reference = Lab(blocks=30, requests=200).pair(0, -0.5)
    start = process_time()
    found = compare(variant, reference)
    figure(f"comparison of 30 blocks of 200 requests with 10,000 resamples: {process_time() - start:.2f} s of one core")
    assert found.verdict.outcome == "faster"


def test_percentiles():
    draws = np.linspace(0, 1, 1_001)
    found = percentile_interval(draws, 0.4, 0.9)
    assert (found.estimate, found.low, found.high) == pytest.approx((0.4, 0.05, 0.95))
    assert found.confidence == 0.9


def test_where_both_agree_student_is_published():
    assert choose_wider(Interval(0, -1, 1), Interval(0, -1.1, 1.1)).source == "student"


@pytest.mark.parametrize(
    ("bootstrap", "source"),
    [((-1.5, 1.5), "bootstrap"), ((-0.5, 0.5), "student"), ((-1.3, 1.0), "bootstrap"), ((-0.5, 1.5), "student")],
)
def test_where_they_differ_the_wider_is_published(bootstrap, source):
    published = choose_wider(Interval(0, -1, 1), Interval(0, *bootstrap))
    assert published.source == source
    assert published.interval.width == max(2, bootstrap[1] - bootstrap[0])


def test_one_block_publishes_that_nothing_is_known():
    published = compare([[1.0, 1.1]], [[2.0, 2.2]]).published
    assert published.source == "student"
    assert published.interval.width == np.inf


def test_over_blocks_takes_each_column_by_itself():
    values = np.random.default_rng(0).normal([1.0, 5.0], [0.1, 2.0], (20, 2))
    both, alone = average_blocks(values, seed=3), average_blocks(values[:, 1:], seed=3)
    assert both[1].student == alone[0].student
    assert both[1].bootstrap.width == pytest.approx(alone[0].bootstrap.width)
    assert both[0].interval.estimate == pytest.approx(values[:, 0].mean())

import math

import pytest

from perfstudy.analysis import ClaimedRange, compare, judge_claim, measure_noise_floor

from .simulate import Lab

LAB = Lab(blocks=12, requests=40)


def test_from_samples_to_verdict():
    variant, reference = LAB.pair(1, -math.log(4))
    floor = measure_noise_floor(*LAB.pair(2))
    found = compare(variant, reference, floor, seed=5)
    assert found.verdict.outcome == "faster"
    assert found.speedup.low < 4 < found.speedup.high
    assert found.measured.floor == floor.value
    assert (found.measured.narrow or found.speedup) == (-found.published.interval).exp()
    assert judge_claim(ClaimedRange(3, 5), found.measured).outcome == "supported"
    assert judge_claim(ClaimedRange(6, 12), found.measured).outcome == "fell short"


def test_the_same_seed_gives_the_same_comparison():
    pair = LAB.pair(1, -0.2)
    assert compare(*pair, seed=3).published == compare(*pair, seed=3).published


def test_tails_are_compared_where_there_are_samples_enough():
    variant, reference = LAB.pair(1, -1.0)
    p95, p99 = (compare(variant, reference, q=q) for q in (0.95, 0.99))
    assert p95.verdict.outcome == "faster"
    assert p99.speedup is None
    assert p99.published is None
    assert p99.verdict.outcome == "inconclusive"
    assert p99.verdict.reason == "p99 needs 2000 samples, 20 of them beyond it, and there are 480"


def test_many_small_cells_do_not_make_a_tail():
    lab = Lab(blocks=40, requests=15)
    assert "in each cell" in compare(*lab.pair(1), q=0.95).verdict.reason


def test_answers_that_differ_void_the_verdict_and_keep_the_figures():
    found = compare(*LAB.pair(1, -1.0), invalid="3 of 40 answers differ")
    assert (found.verdict.outcome, found.verdict.reason) == ("invalid", "3 of 40 answers differ")
    assert found.speedup is not None


def test_an_unsound_floor_voids_the_verdict():
    biased = measure_noise_floor(*LAB.pair(1, -0.5))
    found = compare(*LAB.pair(2, -1.0), biased, invalid="answers differ")
    assert found.verdict.outcome == "invalid"
    assert "answers differ; the reference differs from itself" in found.verdict.reason


def test_a_twin_is_equivalent():
    variant, _ = Lab(process=0.002, request=0.01).pair(1)
    twin = compare(variant, variant)
    assert twin.verdict.outcome == "equivalent"
    assert twin.speedup.estimate == pytest.approx(1)

"""The method on trial: studies whose truth is known, a thousand at a time."""

from functools import cache

import numpy as np
import pytest

from benchmarks.method import HEAD, WORLDS, run_trial
from perfstudy.analysis import (
    ClaimedRange,
    Interval,
    Measured,
    average_blocks,
    compare,
    judge_claim,
    measure_noise_floor,
    paired_effect,
)

from .simulate import Lab, expected

STUDIES = 1_000
EFFECT = -np.log(2)
LABS = {
    "independent requests": Lab(),
    "few, slow requests": Lab(requests=5, request=0.3),
    "autocorrelated requests": Lab(requests=40, memory=0.8),
    "requests scatter more than processes": Lab(process=0.0, request=0.3),
    "restless machine": Lab(block=1.0, process=0.15),
}


@pytest.mark.parametrize("name", LABS)
def test_a_95_percent_interval_covers_the_truth_in_95_percent_of_studies(name, figure):
    effects = (paired_effect(*LABS[name].pair(seed, EFFECT)) for seed in range(STUDIES))
    covered = sum(not effect.mean.excludes(EFFECT) for effect in effects)
    low, high = expected(0.95, STUDIES)
    figure(f"coverage of the 95 % Student interval, {name}: {covered} of {STUDIES} (expected {low} to {high})")
    assert low <= covered <= high


@pytest.mark.parametrize("name", list(LABS)[:1] + list(LABS)[2:4])
def test_the_published_interval_covers_at_least_as_often(name, figure):
    studies = [compare(*LABS[name].pair(seed, EFFECT), resamples=500, seed=seed) for seed in range(STUDIES)]
    covered = sum(not study.published.interval.excludes(EFFECT) for study in studies)
    bootstrapped = sum(not study.published.bootstrap.excludes(EFFECT) for study in studies)
    chosen = sum(study.published.source == "bootstrap" for study in studies)
    low, _ = expected(0.95, STUDIES)
    figure(
        f"coverage of the published interval, {name}: {covered} of {STUDIES} (at least {low}); "
        f"of the bootstrap alone {bootstrapped}; the bootstrap was the wider in {chosen}"
    )
    assert covered >= low


def test_a_tail_quantile_is_covered_like_the_median(figure):
    lab = Lab(requests=80)
    effects = (paired_effect(*lab.pair(seed, EFFECT), q=0.95) for seed in range(STUDIES))
    covered = sum(not effect.mean.excludes(EFFECT) for effect in effects)
    low, high = expected(0.95, STUDIES)
    figure(f"coverage of the 95 % Student interval of p95: {covered} of {STUDIES} (expected {low} to {high})")
    assert low <= covered <= high


def test_an_a_a_study_cries_wolf_in_5_percent(figure):
    effects = [paired_effect(*Lab().pair(10_000 + seed)) for seed in range(STUDIES)]
    alarms = sum(effect.mean.excludes(0) for effect in effects)
    significant = sum(effect.p < 0.05 for effect in effects)
    low, high = expected(0.05, STUDIES)
    figure(f"false alarms of A/A studies, interval excludes 1: {alarms} of {STUDIES} (expected {low} to {high})")
    assert low <= alarms <= high
    assert significant == alarms


def test_a_verdict_hardly_ever_cries_wolf(figure):
    wolves = floors = 0
    for seed in range(STUDIES // 2):
        first, second, third = Lab().cells(np.random.default_rng(20_000 + seed), np.zeros(3))
        floor = measure_noise_floor(first, second, resamples=1_000, seed=seed)
        study = compare(third, first, floor, resamples=1_000, seed=seed)
        wolves += study.verdict.outcome in {"faster", "slower"}
        floors += abs(study.effect.mean.estimate) > floor.value
    figure(f"false verdicts faster or slower between equals: {wolves} of {STUDIES // 2} (at most 5)")
    figure(f"equals further apart than the noise floor: {floors} of {STUDIES // 2} (at most 50, one in ten)")
    assert wolves <= 5
    assert floors <= 50


def test_a_real_gain_beyond_the_floor_is_found(figure):
    found = 0
    for seed in range(200):
        first, second, third = Lab().cells(np.random.default_rng(seed), np.array([0.0, 0.0, -np.log(1.5)]))
        floor = measure_noise_floor(first, second, resamples=1_000, seed=seed)
        found += compare(third, first, floor, resamples=1_000, seed=seed).verdict.outcome == "faster"
    figure(f"a true gain of 1.5 times judged faster: {found} of 200 (at least 190)")
    assert found >= 190


RESTLESS = Lab(requests=5, process=0.15)
"""A lab in which ten blocks leave small gains open."""


@cache
def estimate_equals() -> tuple[Interval, ...]:
    """Return the speed-up of each of many studies in which both arms are equal."""
    effects = (paired_effect(*RESTLESS.pair(30_000 + study)) for study in range(STUDIES))
    return tuple((-effect.mean).exp() for effect in effects)


def judge_claims(claimed: float, true: float) -> list[str]:
    """Return the verdicts on a claim of at least *claimed* times where the truth is *true*.

    A true factor multiplies the estimate and both bounds, since effects are differences of logarithms.
    """
    scaled = (Interval(true * one.estimate, true * one.low, true * one.high) for one in estimate_equals())
    return [judge_claim(ClaimedRange(claimed), Measured(speedup=one, blocks=10)).outcome for one in scaled]


@pytest.mark.parametrize("claimed", [1.06, 1.1, 1.2])
def test_a_true_claim_is_denied_in_at_most_2_5_percent(claimed, figure):
    verdicts = judge_claims(claimed, claimed)
    denied = {word: verdicts.count(word) for word in ("ruled out", "refuted", "fell short")}
    _, high = expected(0.025, len(verdicts))
    said = ", ".join(f"{word} {count}" for word, count in denied.items())
    figure(f"a claim of at least {claimed} times, just true: {said} of {len(verdicts)} (together at most {high})")
    assert sum(denied.values()) <= high


@pytest.mark.parametrize(("true", "power"), [(1.0, 0.9), (1.05, 0.9), (1.2, 0.6)])
def test_a_claim_that_is_too_high_is_denied(true, power, figure):
    verdicts = judge_claims(1.5, true)
    ruled, denied = verdicts.count("ruled out"), sum(map(verdicts.count, ("ruled out", "refuted", "fell short")))
    figure(
        f"1.5 times claimed, {true} true: ruled out {ruled}, denied {denied} of {len(verdicts)} (at least {power:.0%})"
    )
    assert denied >= power * len(verdicts)
    assert ruled > 0


def test_intervals_of_means_over_blocks_cover(figure):
    random = np.random.default_rng(5)
    studies = [average_blocks(random.normal(1.0, 0.3, (12, 4)), resamples=500, seed=i) for i in range(250)]
    covered = sum(not published.interval.excludes(1.0) for study in studies for published in study)
    low, high = expected(0.95, STUDIES)
    figure(f"coverage of the published interval of contrasts: {covered} of {STUDIES} (expected {low} to {high})")
    assert low <= covered <= high


OF_EACH = 80
"""Studies of each world: enough for bounds that a broken method misses and a sound one does not."""


@pytest.mark.parametrize("world", WORLDS)
def test_a_world_is_judged_soundly(world, figure):
    line = run_trial(world, OF_EACH, seed=7)
    figure(f"{OF_EACH} studies, {HEAD.strip()}")
    figure(f"{OF_EACH} studies, {line}")
    waves = world == "autocorrelated blocks"
    assert line.safe * OF_EACH >= expected(0.85 if waves else 0.93, OF_EACH)[0]
    assert line.alarms * OF_EACH <= expected(0.05, OF_EACH)[1]
    assert line.wrong == 0
    assert waves or line.invalid * OF_EACH <= expected(0.01, OF_EACH)[1]
    assert line.power * OF_EACH >= (0.25 if waves else 0.6) * OF_EACH

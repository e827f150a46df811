"""Looks before the end of a study, Stein's two stages, and intervals that may be read at any time."""

import numpy as np
import pytest
from scipy.special import ndtr
from scipy.stats import t

from perfstudy.analysis.effect import student_interval
from perfstudy.analysis.sequential import (
    REACH,
    find_bounds,
    find_confidence,
    plan_blocks,
    stein_interval,
)

from .simulate import Array, expected

STUDIES = 4_000
LOOKS = (10, 20, 40)
SPREAD = 0.1
"""The standard deviation of a block's log ratio."""


def draw(studies: int, blocks: int, factor: float = 1.0, seed: int = 1) -> Array:
    """Return log ratios of shape (studies, blocks)."""
    return np.random.default_rng(seed).normal(-np.log(factor), SPREAD, (studies, blocks))


def look(differences: Array) -> tuple[Array, Array]:
    """Return where each study stopped (a number of blocks), and whether its interval there excluded no effect."""
    stopped = np.full(len(differences), LOOKS[-1])
    alarmed = np.zeros(len(differences), dtype=bool)
    for blocks in LOOKS:
        seen = differences[:, :blocks]
        critical = t.ppf((1 + find_confidence(LOOKS, blocks)) / 2, blocks - 1)
        beyond = np.abs(seen.mean(axis=1)) > critical * seen.std(axis=1, ddof=1) / np.sqrt(blocks)
        stopped = np.where(beyond & ~alarmed, blocks, stopped)
        alarmed |= beyond
    return stopped, alarmed


def test_the_bounds_are_those_that_are_published() -> None:
    # One-sided, four equal looks at 0.05, as SeqBounds.jl gives them.
    assert find_bounds((2, 4, 6, 8), 0.05) == pytest.approx([3.74955, 2.53993, 2.01604, 1.72014], abs=1e-4)
    levels = [2 * float(ndtr(-bound)) for bound in find_bounds(LOOKS)]
    assert levels == pytest.approx([0.0000147, 0.00305, 0.0490], rel=5e-3)
    critical = [t.ppf(1 - p / 2, blocks - 1) for p, blocks in zip(levels, LOOKS, strict=True)]
    assert critical == pytest.approx([8.42, 3.39, 2.032], abs=0.01)


@pytest.mark.parametrize(("blocks", "look"), [(3, 10), (10, 10), (13, 10), (20, 20), (39, 20), (40, 40)])
def test_the_last_look_that_was_reached_gives_the_confidence(blocks: int, look: int) -> None:
    assert find_confidence(LOOKS, blocks) == find_confidence(LOOKS, look)


def test_a_look_too_early_to_spend_anything_has_the_widest_bound() -> None:
    assert find_bounds((10, 100, 200)) == pytest.approx([REACH, 2.963, 1.969], abs=1e-3)
    assert find_bounds((100, 200)) == pytest.approx(find_bounds((10, 100, 200))[1:], abs=1e-6)


def test_a_study_that_its_clock_ends_spends_the_rest() -> None:
    assert find_confidence(LOOKS, 7, timed_out=True) == pytest.approx(0.95)
    after_one = find_confidence(LOOKS, 15, timed_out=True)
    assert find_confidence(LOOKS, 15) > after_one > 0.95, "a little was spent at the look before"
    assert find_confidence(LOOKS, 40, timed_out=True) == find_confidence(LOOKS, 40)


def test_without_looks_it_is_95_percent() -> None:
    assert find_confidence((), 7) == 0.95


def test_looks_that_do_not_ascend_are_refused() -> None:
    with pytest.raises(ValueError, match="looks ascend"):
        find_bounds((10, 10))


def test_looking_three_times_cries_wolf_in_5_percent(figure) -> None:
    _, alarmed = look(draw(STUDIES, LOOKS[-1]))
    low, high = expected(0.05, STUDIES)
    figure(f"false alarms of A/A studies at looks of {LOOKS}: {alarmed.sum()} of {STUDIES} (expected {low} to {high})")
    assert low <= alarmed.sum() <= high


def test_every_look_covers_the_truth_together(figure) -> None:
    differences = draw(STUDIES, LOOKS[-1], factor=2.0, seed=2)
    missed = np.zeros(STUDIES, dtype=bool)
    for blocks in LOOKS:
        confidence = find_confidence(LOOKS, blocks)
        missed |= [student_interval(row[:blocks], confidence).excludes(-np.log(2)) for row in differences]
    low, high = expected(0.05, STUDIES)
    figure(f"coverage of the intervals of all looks together: {STUDIES - missed.sum()} of {STUDIES}")
    assert low <= missed.sum() <= high


def test_a_large_effect_is_found_early(figure) -> None:
    means = {factor: look(draw(STUDIES, LOOKS[-1], factor, seed=3))[0].mean() for factor in (1.0, 1.05, 1.5)}
    said = ", ".join(f"{mean:.1f} at a factor of {factor:g}" for factor, mean in means.items())
    figure(f"mean number of blocks with looks of {LOOKS}: {said}")
    assert means[1.5] < means[1.05] < means[1.0] <= LOOKS[-1]


def test_steins_interval_covers_and_is_as_narrow_as_planned(figure) -> None:
    random, half = np.random.default_rng(4), 0.03
    covered, widths = 0, []
    for _ in range(1_000):
        pilot = random.normal(0.3, SPREAD, 10)
        blocks = plan_blocks(pilot, half)
        interval = stein_interval(np.concatenate([pilot, random.normal(0.3, SPREAD, blocks - 10)]))
        covered += not interval.excludes(0.3)
        widths.append(interval.width / 2)
    low, high = expected(0.95, 1_000)
    figure(f"coverage of Stein's interval: {covered} of 1000 (expected {low} to {high})")
    assert low <= covered <= high
    assert max(widths) <= np.log1p(half) * (1 + 1e-9)

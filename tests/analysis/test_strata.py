"""The effect over several machines: against closed forms, and on simulated studies whose truth is known."""

import numpy as np
import pytest
from scipy.stats import t

from perfstudy.analysis.agreement import say_agreement
from perfstudy.analysis.comparison import compare
from perfstudy.analysis.strata import combine_strata, estimate_between

from .simulate import expected

STUDIES = 400
EFFECT = -np.log(1.5)
NOISE = 0.08
"""The standard deviation of a block's log ratio."""
WORLDS = {
    "2 machines": ([5, 5], 0.03),
    "3 machines": ([4, 4, 4], 0.03),
    "8 machines": ([4] * 8, 0.03),
    "3 machines of 20, 2 and 2 blocks": ([20, 2, 2], 0.05),
    "8 machines of 1 to 12 blocks": ([1, 2, 3, 4, 5, 6, 7, 12], 0.03),
    "8 machines, far apart": ([4] * 8, 0.2),
}
"""The blocks of each machine, and tau, the standard deviation between machines."""


def draw(
    seed: int, blocks: list[int], between: float, effect: float = EFFECT, broken: float = 0.0
) -> list["np.ndarray[tuple[int], np.dtype[np.float64]]"]:
    """Return the log ratios of every machine; the last one is *broken* by so many times the noise."""
    random = np.random.default_rng(seed)
    spreads = [NOISE] * (len(blocks) - 1) + [NOISE * (broken or 1)]
    return [random.normal(effect + random.normal(0, between), s, n) for n, s in zip(blocks, spreads, strict=True)]


@pytest.mark.parametrize("world", WORLDS)
def test_the_combined_interval_covers_the_truth_and_hardly_cries_wolf(world, figure):
    blocks, between = WORLDS[world]
    studies = [combine_strata(draw(seed, blocks, between)) for seed in range(STUDIES)]
    covered = sum(not study.combined.excludes(EFFECT) for study in studies)
    equals = [combine_strata(draw(50_000 + seed, blocks, between, effect=0.0)) for seed in range(STUDIES)]
    alarms = sum(study.combined.excludes(0.0) for study in equals)
    low, most = expected(0.95, STUDIES)[0], expected(0.05, STUDIES)[1]
    width = np.median([study.combined.width for study in studies])
    figure(
        f"{world}: the combined interval covers the truth in {covered} of {STUDIES} studies (at least {low}), "
        f"false alarms in {alarms} (at most {most}), median width {width:.2f}"
    )
    assert covered >= low
    assert alarms <= most
    assert sum(study.p < 0.05 for study in equals) == alarms


@pytest.mark.parametrize("machines", [3, 8])
def test_a_broken_machine_costs_precision_and_not_truth(machines, figure):
    blocks = [4] * machines
    studies = [combine_strata(draw(seed, blocks, 0.03, broken=10)) for seed in range(STUDIES)]
    covered = sum(not study.combined.excludes(EFFECT) for study in studies)
    low, _ = expected(0.95, STUDIES)
    figure(f"{machines} machines, one with ten times the noise: {covered} of {STUDIES} covered (at least {low})")
    assert covered >= low


def test_equal_machines_far_apart_give_the_interval_of_their_means():
    """With equal blocks the weights are equal, so that the means are a sample, as in Student's interval."""
    strata = [np.array([mean - 0.01, mean + 0.01]) for mean in (0.1, 0.5, 0.6, 1.2)]
    found = combine_strata(strata)
    low, high = t.interval(0.95, 3, 0.6, np.std([0.1, 0.5, 0.6, 1.2], ddof=1) / 2)
    assert (found.combined.estimate, found.combined.low, found.combined.high) == pytest.approx((0.6, low, high))
    assert found.between**2 == pytest.approx(np.var([0.1, 0.5, 0.6, 1.2], ddof=1) - 0.0002 / 2)


def test_alike_machines_are_not_told_apart():
    assert estimate_between(np.array([1.0, 1.01, 0.99]), np.array([0.1, 0.1, 0.1])) == 0
    assert combine_strata([[0.5], [0.5]]).combined.width == 0
    assert combine_strata([[0.5], [0.7]]).combined.estimate == pytest.approx(0.6), "no machine has a variance"


@pytest.mark.parametrize("strata", [[], [[1.0, 2.0]], [[1.0], []]])
def test_one_machine_has_nothing_to_be_combined_with(strata):
    with pytest.raises(ValueError, match="from two on"):
        combine_strata(strata)


def test_a_comparison_is_judged_by_the_combined_interval_and_says_where_it_holds():
    random = np.random.default_rng(3)
    machines = [1, 2, 3] * 5
    reference = [np.exp(random.normal(0, 0.02, 9)) for _ in machines]
    faster = [cell / {1: 2.0, 2: 2.1, 3: 1.9}[one] for cell, one in zip(reference, machines, strict=True)]
    mixed = [cell / {1: 2.0, 2: 1.0, 3: 1.0}[one] for cell, one in zip(reference, machines, strict=True)]
    pooled = compare(faster, reference)
    found = compare(faster, reference, machines=machines)
    assert found.verdict.outcome == "faster"
    assert found.verdict.reason.endswith("it holds on all three machines")
    assert found.speedup.width > pooled.speedup.width
    unlike = compare(mixed, reference, machines=machines)
    assert unlike.verdict.outcome == "inconclusive"
    assert unlike.verdict.reason.endswith("faster on machine 1; equivalent on machines 2 and 3")
    assert compare(faster, reference, machines=[2] * 15).speedup == pooled.speedup


@pytest.mark.parametrize(
    ("outcome", "each", "words"),
    [
        ("faster", ["faster"] * 2, "it holds on both machines"),
        ("faster", ["faster"] * 12, "it holds on all 12 machines"),
        (
            "faster",
            ["equivalent", "faster", "equivalent"],
            "it holds only on machine 2; equivalent on machines 1 and 3",
        ),
        ("inconclusive", ["inconclusive"] * 3, "inconclusive on all three machines"),
        ("faster", ["inconclusive"] * 3, "inconclusive on all three machines"),
    ],
)
def test_agreement_is_said_in_words(outcome, each, words):
    is_open = outcome == "inconclusive"
    assert say_agreement(outcome, dict(enumerate(each, 1)), is_open=is_open) == words

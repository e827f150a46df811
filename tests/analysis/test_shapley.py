from fractions import Fraction
from itertools import combinations, permutations
from math import factorial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfstudy.analysis import attribute
from perfstudy.analysis.shapley import find_largest, shapley_weights

from .simulate import expected, fixed

NAMES = "abcdef"


def powerset(names):
    return [frozenset(c) for size in range(len(names) + 1) for c in combinations(names, size)]


def by_orders(value, names, feasible):
    """Shapley's own definition: the mean of what each adds, over all orders that stay feasible."""
    added, orders = dict.fromkeys(names, Fraction(0)), 0
    for order in permutations(names):
        steps = [frozenset(order[:i]) for i in range(len(order) + 1)]
        if all(step in feasible for step in steps):
            orders += 1
            for name, before, after in zip(order, steps, steps[1:], strict=False):
                added[name] += value[after] - value[before]
    return {name: total / orders for name, total in added.items()} if orders else None


@st.composite
def games(draw):
    names = NAMES[: draw(st.integers(1, 5))]
    sets = powerset(names)
    values = draw(st.lists(st.integers(-1000, 1000), min_size=len(sets), max_size=len(sets)))
    left_out = draw(st.sets(st.sampled_from(sets[1:-1]), max_size=6)) if len(sets) > 2 else set()
    table = {s: Fraction(v, 7) for s, v in zip(sets, values, strict=True) if s not in left_out}
    return names, table


@fixed
@given(games())
def test_the_shares_are_the_mean_over_orders_and_sum_exactly_to_the_total(game):
    names, table = game
    goal = frozenset(names)
    expected_shares = by_orders(table, names, table)
    if expected_shares is None:
        with pytest.raises(ValueError, match="passes through a set that was not measured"):
            shapley_weights(table, goal)
        return
    shares = {name: sum(w * table[s] for s, w in row.items()) for name, row in shapley_weights(table, goal).items()}
    assert shares == expected_shares
    assert sum(shares.values()) == table[goal] - table[frozenset()]


@fixed
@given(games().filter(lambda game: len(game[1]) == 2 ** len(game[0])), st.integers(1, 4))
def test_the_published_shares_sum_to_the_total_to_the_last_digits(game, blocks):
    names, table = game
    random = np.random.default_rng(0)
    times = {s: float(v) + random.normal(size=blocks) for s, v in table.items()}
    found = attribute(times, resamples=50)
    total = float(np.mean(times[frozenset()] - times[frozenset(names)]))
    assert sum(p.interval.estimate for p in found.shares.values()) == pytest.approx(total, rel=1e-12, abs=1e-11)
    assert found.total.interval.estimate == pytest.approx(total, rel=1e-12, abs=1e-12)


def test_weights_are_the_textbook_ones():
    names = NAMES[:5]
    row = shapley_weights(powerset(names), frozenset(names))["a"]
    for s in powerset(names[1:]):
        w = Fraction(factorial(len(s)) * factorial(4 - len(s)), factorial(5))
        assert row[s | {"a"}] == w
        assert row[s] == -w


def test_additive_gains_are_shared_as_they_are():
    gains = dict(zip(NAMES, (0.7, 0.4, 0.2, 0.0, -0.1, 2.0), strict=True))
    found = attribute({s: np.full(3, -sum(gains[n] for n in s)) for s in powerset(NAMES)}, resamples=50)
    for name, gain in gains.items():
        assert found.shares[name].interval.estimate == pytest.approx(gain)
        assert found.speedup(name).estimate == pytest.approx(np.exp(gain))
    assert found.portion("f") == pytest.approx(2.0 / 3.2)
    assert found.blocks == 3


def test_a_joint_gain_is_halved_and_a_bystander_gets_nothing():
    table = {s: [-1.0 if {"a", "b"} <= s else 0.0] for s in powerset("abc")}
    shares = attribute(table, resamples=10).shares
    assert [shares[n].interval.estimate for n in "abc"] == pytest.approx([0.5, 0.5, 0.0])


def test_intervals_cover_the_true_shares(figure):
    random = np.random.default_rng(8)
    sets = powerset("abcd")
    base = {s: -0.5 * len(s) - (0.8 if {"a", "d"} <= s else 0) for s in sets}
    true = by_orders({s: -v for s, v in base.items()}, "abcd", base)
    covered, studies = 0, 250
    for seed in range(studies):
        level = random.normal(0, 1, 12)
        found = attribute({s: base[s] + level + random.normal(0, 0.1, 12) for s in sets}, resamples=500, seed=seed)
        covered += sum(not found.shares[n].interval.excludes(float(true[n])) for n in "abcd")
    low, high = expected(0.95, 4 * studies)
    figure(f"coverage of Shapley intervals: {covered} of {4 * studies} (expected {low} to {high})")
    assert low <= covered <= high


def test_conflicting_sets_leave_the_orders_through_them_out():
    table = {s: -float(len(s)) for s in powerset("abc") if s != frozenset("ab")}
    shares = attribute(table, resamples=10).shares
    assert [shares[n].interval.estimate for n in "abc"] == pytest.approx([1, 1, 1])


def test_each_maximal_set_is_a_total_of_its_own():
    table = {s: -float(len(s)) for s in powerset("abc") if not {"a", "b"} <= s}
    with pytest.raises(ValueError, match=r"name the goal: a\+c or b\+c"):
        attribute(table)
    assert set(attribute(table, frozenset("ac"), resamples=10).shares) == {"a", "c"}


def test_what_is_missing_is_named():
    with pytest.raises(ValueError, match="the baseline"):
        attribute({frozenset("a"): 0.0})
    with pytest.raises(ValueError, match="one log time per block"):
        attribute({frozenset(): [0.0, 1.0], frozenset("a"): [0.0]})
    with pytest.raises(ValueError, match="no set holds all others"):
        find_largest([])


def test_the_baseline_alone_has_nothing_to_share():
    found = attribute({frozenset(): [1.0, 2.0]}, resamples=10)
    assert found.shares == {}
    assert found.total.interval.estimate == 0

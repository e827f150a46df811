"""Shapley values: the shares of optimizations in the total speed-up, in any order."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike

from perfstudy.analysis.bootstrap import RESAMPLES
from perfstudy.analysis.combine import Published, average_blocks
from perfstudy.analysis.interval import Interval
from perfstudy.analysis.quantile import Array

Coalition = frozenset[str]


@dataclass(frozen=True)
class Attribution:
    """The shares of optimizations in the log speed-up of ``goal`` over the baseline.

    They sum to the total.
    """

    goal: Coalition
    shares: dict[str, Published]
    total: Published
    blocks: int

    def speedup(self, name: str) -> Interval:
        """Return one share as a factor; all factors multiply to the total speed-up."""
        return self.shares[name].interval.exp()

    def portion(self, name: str) -> float:
        """Return the share as a part of the total log speed-up; it may be negative.

        0.25 is a quarter.
        """
        return self.shares[name].interval.estimate / self.total.interval.estimate


def attribute(
    log_times: Mapping[Coalition, ArrayLike],
    goal: Coalition | None = None,
    *,
    confidence: float = 0.95,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Attribution:
    """Return exact Shapley values of the log speed-up, with intervals over blocks.

    *log_times* maps each measured set of optimizations to the log times of its cells, shape (blocks,), the empty
    set being the baseline; *goal* is the set whose speed-up is shared out, by default the largest measured.

    v(S) = log time(baseline) - log time(S);   phi_i = sum_S w(S) [v(S + i) - v(S)],   w as in :func:`weights`

    phi is linear in the log times, so each block gives its own values, and their mean is the value of the means:
    a block bootstrap and Student's interval, the wider one published. The shares sum to v(goal) by construction.

    Raises:
        ValueError: the baseline or *goal* is missing, sets differ in blocks, or *goal* is not unique or not reachable.
    """
    goal = find_largest(log_times) if goal is None else goal
    weighed = shapley_weights(log_times, goal)
    used = sorted({s for row in weighed.values() for s in row} | {goal, frozenset()}, key=_sort_key)
    table = _stack(log_times, used)
    names = [*weighed, "total"]
    whole: dict[Coalition, Fraction] = {frozenset(): Fraction(-1), goal: Fraction(1)} if goal else {}
    rows = [*weighed.values(), whole]
    matrix = np.array([[float(row.get(s, 0)) for s in used] for row in rows])
    published = dict(
        zip(names, average_blocks(-table @ matrix.T, confidence, resamples=resamples, seed=seed), strict=True)
    )
    total = published.pop("total")
    return Attribution(goal, published, total, len(table))


def shapley_weights(coalitions: Collection[Coalition], goal: Coalition) -> dict[str, dict[Coalition, Fraction]]:
    """Return for each optimization in *goal* the exact weights of v(S) in its value.

    phi_i is the mean of what *i* adds, over all orders of applying the members of *goal* one by one:
    Shapley, *A value for n-person games* (1953). An order counts only where every set on its way is in *coalitions*;
    so a set that was left out (its members conflict, or it was not measured) takes the orders through it along, and
    all others count alike: Faigle and Kern, *The Shapley value for cooperative games under precedence constraints*
    (1992). With u(S) orders from the baseline to S and d(S) from S on to the goal,

        w(S to S + i) = u(S) d(S + i) / u(goal),   ``|S|! (n - |S| - 1)! / n!`` where nothing is left out.

    Whatever was left out, each order's steps telescope, so the shares sum to v(goal) - v(baseline) exactly.

    Raises:
        ValueError: the baseline or *goal* is missing, or no order goes from one to the other.
    """
    reachable = sorted((s for s in set(coalitions) if s <= goal), key=_sort_key)
    if frozenset() not in reachable or goal not in reachable:
        raise ValueError(
            f"an attribution to {_name_coalition(goal)} needs the times of the baseline and of {_name_coalition(goal)}"
        )
    up = _count_paths(reachable, frozenset())
    down = _count_paths([goal - s for s in reachable], frozenset())
    if not up[goal]:
        raise ValueError(f"every order of applying {_name_coalition(goal)} passes through a set that was not measured")
    found: dict[str, dict[Coalition, Fraction]] = {name: {} for name in sorted(goal)}
    for after in reachable:
        for name in after & set(found):
            before = after - {name}
            if weight := Fraction(up.get(before, 0) * down[goal - after], up[goal]):
                row = found[name]
                row[after] = row.get(after, Fraction(0)) + weight
                row[before] = row.get(before, Fraction(0)) - weight
    return found


def find_largest(coalitions: Collection[Coalition]) -> Coalition:
    """Return the set in *coalitions* that contains all others.

    Raises:
        ValueError: there is none, since optimizations conflict: then each maximal set is a total of its own, and the
            caller says which is meant.
    """
    maximal = sorted((s for s in coalitions if not any(s < other for other in coalitions)), key=_sort_key)
    if len(maximal) != 1:
        raise ValueError(
            f"no set holds all others, so name the goal: {' or '.join(map(_name_coalition, maximal)) or 'none'}"
        )
    return maximal[0]


def _count_paths(coalitions: Collection[Coalition], start: Coalition) -> dict[Coalition, int]:
    """Return the number of paths from *start* to each set in *coalitions*.

    A path adds one member at a time, through sets of *coalitions* alone.
    """
    ways = {start: 1}
    for coalition in sorted(coalitions, key=len):
        if coalition != start:
            ways[coalition] = sum(ways.get(coalition - {name}, 0) for name in coalition)
    return ways


def _stack(log_times: Mapping[Coalition, ArrayLike], used: Collection[Coalition]) -> Array:
    columns = [np.atleast_1d(np.asarray(log_times[s], dtype=np.float64)) for s in used]
    if len({column.shape for column in columns}) != 1 or columns[0].ndim != 1:
        raise ValueError(f"each set needs one log time per block, and these differ: {[c.shape for c in columns]}")
    return np.column_stack(columns)


def _sort_key(coalition: Coalition) -> tuple[int, list[str]]:
    return len(coalition), sorted(coalition)


def _name_coalition(coalition: Coalition) -> str:
    return "+".join(sorted(coalition)) or "baseline"

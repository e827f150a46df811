"""The two-level factorial: the effects and interactions of optimizations."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from perfstudy.analysis.bootstrap import RESAMPLES
from perfstudy.analysis.combine import Published, average_blocks
from perfstudy.analysis.interval import Interval
from perfstudy.analysis.quantile import Array


@dataclass(frozen=True)
class Term:
    """A main effect or a two-way interaction, as a difference of log times.

    A main effect has one factor, an interaction two.

    A negative effect saves time. A main effect is the mean over all settings of the other factors of switching one on.
    An interaction is half the difference between one factor's effect with the other on and with it off.
    """

    factors: tuple[str, ...]
    effect: Published

    @property
    def speedup(self) -> Interval:
        """The term as a factor of speed-up, exp(-effect).

        For two factors it is the factor by which each one's gain is above (> 1) or below its own average while the
        other is on; both together gain by its square more than the product of what each gains alone.
        """
        return (-self.effect.interval).exp()


@dataclass(frozen=True)
class Factorial:
    """The terms of a factorial study, main effects first.

    ``omitted`` names the pairs with an interaction that cannot be estimated, because the design lacks one of
    off-off, on-off, off-on and on-on (they may conflict); ``blocks`` is the number of complete blocks.
    """

    terms: tuple[Term, ...]
    omitted: tuple[tuple[str, str], ...]
    blocks: int

    def term(self, *factors: str) -> Term:
        """Return the term of *factors*, in either order.

        Raises:
            KeyError: there is none.
        """
        for term in self.terms:
            if set(term.factors) == set(factors):
                return term
        raise KeyError(f"no term of {' and '.join(factors)}; there are {[' x '.join(t.factors) for t in self.terms]}")


def fit_two_level(
    log_times: ArrayLike,
    design: ArrayLike,
    factors: Sequence[str],
    *,
    interactions: bool = True,
    confidence: float = 0.95,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Factorial:
    """Return main effects and two-way interactions with a block effect.

    They are on the log scale.

    *log_times* has the shape (blocks, variants), NaN where a cell is missing: such a block is left out.
    *design* has the shape (variants, factors), true where the variant has the factor.

    y = block + sum_i b_i x_i + sum_{i<j} b_ij x_i x_j + error,   x = -1 (off) or +1 (on);   effect = 2 b

    by least squares: Box, Hunter and Hunter, *Statistics for experimenters* (2nd ed., 2005), chapters 5 and 4.
    In a full factorial the contrasts are orthogonal, and interactions of three and more leave these terms alone;
    in an incomplete one they are part of what the terms average over.
    As each block holds every variant, its level drops out, and the fit to all blocks is the mean of the fits to each.
    The spread between those is therefore the error of a term: a Student interval over blocks and
    a block bootstrap, the wider one published, with no assumption that all variants scatter alike.

    Raises:
        ValueError: the shapes disagree, no block is complete, or a term cannot be distinguished from others.
    """
    y = np.asarray(log_times, dtype=np.float64)
    on = np.asarray(design, dtype=bool)
    if y.ndim != 2 or on.shape != (y.shape[1], len(factors)):
        raise ValueError(f"log times {y.shape} and design {on.shape} do not fit {len(factors)} factors")
    complete = y[~np.isnan(y).any(axis=1)]
    if not len(complete):
        raise ValueError(f"none of the {len(y)} blocks holds every variant of the factorial")
    pairs = list(combinations(range(len(factors)), 2)) if interactions else []
    used = [pair for pair in pairs if _is_crossed(on, *pair)]
    named = [(name,) for name in factors] + [(factors[i], factors[j]) for i, j in used]
    per_block = 2 * complete @ np.linalg.pinv(_contrasts(on, used, named)).T[:, 1:]
    published = average_blocks(per_block, confidence, resamples=resamples, seed=seed)
    terms = tuple(Term(term, effect) for term, effect in zip(named, published, strict=True))
    omitted = tuple((factors[i], factors[j]) for i, j in pairs if (i, j) not in used)
    return Factorial(terms, omitted, len(complete))


def _is_crossed(on: NDArray[np.bool_], i: int, j: int) -> bool:
    return len(np.unique(2 * on[:, i] + 1 * on[:, j])) == 4


def _contrasts(on: NDArray[np.bool_], pairs: Sequence[tuple[int, int]], named: Sequence[tuple[str, ...]]) -> Array:
    """Return the model's columns, shape (variants, 1 + terms).

    They are ones, the factors as -1 and +1, and their products.
    """
    x = np.where(on, 1.0, -1.0)
    columns = np.column_stack([np.ones(len(x)), x, *(x[:, i] * x[:, j] for i, j in pairs)])
    if np.linalg.matrix_rank(columns) < columns.shape[1]:
        raise ValueError(
            f"{_find_aliased(columns, named)} cannot be distinguished from the terms before it: add variants"
        )
    return columns


def _find_aliased(columns: Array, named: Sequence[tuple[str, ...]]) -> str:
    first = next(k for k in range(1, columns.shape[1]) if np.linalg.matrix_rank(columns[:, : k + 1]) <= k)
    return " x ".join(named[first - 1])

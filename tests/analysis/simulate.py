"""Simulated studies with known effects."""

from dataclasses import dataclass

import numpy as np
from hypothesis import settings
from numpy.typing import NDArray
from scipy.stats import binom

Array = NDArray[np.float64]

fixed = settings(derandomize=True, deadline=None, max_examples=200)
"""The same examples in every run, on however busy a machine."""


@dataclass(frozen=True)
class Lab:
    """A simulated lab: log time = level + effect + block + process + request, each noise with its own spread.

    ``block`` is shared by both variants of a block, ``process`` is a cell's own, ``request`` scatters within the cell,
    with ``memory`` as the autocorrelation of neighbours (AR(1), stationary).
    """

    blocks: int = 10
    requests: int = 20
    block: float = 0.2
    process: float = 0.05
    request: float = 0.1
    memory: float = 0.0

    def cells(self, random: np.random.Generator, effects: Array) -> Array:
        """Return seconds of shape (variants, blocks, requests) for variants of the given log effects."""
        shape = (len(effects), self.blocks, self.requests)
        level = random.normal(0, self.block, shape[1])[None, :, None] + random.normal(0, self.process, (*shape[:2], 1))
        log_times: Array = effects[:, None, None] + level + self.request * self._noise(random, shape)
        return 0.01 * np.exp(log_times)

    def pair(self, seed: int, effect: float = 0.0) -> tuple[Array, Array]:
        """Return the cells of a variant of log *effect* and of its reference, each (blocks, requests)."""
        variant, reference = self.cells(np.random.default_rng(seed), np.array([effect, 0.0]))
        return variant, reference

    def _noise(self, random: np.random.Generator, shape: tuple[int, ...]) -> Array:
        noise = random.standard_normal(shape)
        for i in range(1, shape[-1]):
            noise[..., i] = self.memory * noise[..., i - 1] + np.sqrt(1 - self.memory**2) * noise[..., i]
        return noise


def expected(share: float, trials: int) -> tuple[int, int]:
    """Return the counts between which a binomial of that share falls in 99.9 % of cases."""
    low, high = binom.interval(0.999, trials, share)
    return int(low), int(high)

"""Trials of the method: simulated studies of a known effect."""

from dataclasses import dataclass

import numpy as np

from perfstudy.analysis.effect import paired_effect
from perfstudy.analysis.interval import Interval

BLOCKS, REQUESTS = 10, 20
BLOCK, PROCESS, REQUEST = 0.2, 0.05, 0.1
"""Spreads of log times: of blocks, shared by both variants; of processes; of requests."""


@dataclass(frozen=True)
class Trial:
    """The number of simulated studies, of covered truths and of false alarms.

    ``covered`` counts the 95% intervals that contained the true effect. ``alarms`` counts those that excluded no effect
    although there was none. Each is out of ``studies``.
    """

    studies: int
    covered: int
    alarms: int


def simulate_coverage(studies: int = 1_000, speedup: float = 2.0, seed: int = 1) -> Trial:
    """Return how often the paired interval was right in simulated *studies*.

    As many studies are of a variant with a true *speedup* as of one with none.

    Log times are normal, with a level for each block, for each process in it, and for each request.
    """
    random = np.random.default_rng(seed)
    truth = -float(np.log(speedup))
    covered = sum(not _simulate_interval(random, truth).excludes(truth) for _ in range(studies))
    return Trial(studies, covered, sum(_simulate_interval(random, 0.0).excludes(0) for _ in range(studies)))


def _simulate_interval(random: np.random.Generator, truth: float) -> Interval:
    shape = (2, BLOCKS, REQUESTS)
    levels = random.normal(0, BLOCK, (1, BLOCKS, 1)) + random.normal(0, PROCESS, (2, BLOCKS, 1))
    variant, reference = np.exp(levels + random.normal(0, REQUEST, shape) + np.array([truth, 0.0])[:, None, None])
    return paired_effect(list(variant), list(reference)).mean

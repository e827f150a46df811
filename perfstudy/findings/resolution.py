"""The smallest effect that a number of blocks can tell."""

from math import exp, sqrt

import numpy as np
from scipy.special import stdtrit

from perfstudy.findings.findings import Findings

POWER = 0.8
"""The share of studies in which the effect is found."""


def find_smallest_effect(found: Findings, blocks: int) -> float | None:
    """Return the smallest factor that *blocks* blocks find in four of five studies.

    exp((t_{B-1}(0.975) + t_{B-1}(0.8)) s / sqrt(B)), s the standard deviation over blocks of the log ratio of the
    reference to its control in *found*, at the place where it is largest: the usual approximation for a paired test,
    Student's t in place of the normal quantiles. None where the run has no A/A pair of two blocks.
    """
    spreads = [
        float(np.std(floor.differences, ddof=1))
        for place in found.places
        if not place.is_noop and (floor := found.floor(place)) is not None and len(floor.differences) > 1
    ]
    if not spreads or blocks < 2:
        return None
    quantiles = float(stdtrit(blocks - 1, 0.975) + stdtrit(blocks - 1, POWER))
    return exp(quantiles * max(spreads) / sqrt(blocks))

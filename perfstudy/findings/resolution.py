"""The smallest effect that a number of blocks can tell."""

import numpy as np

from perfstudy.analysis.effect import find_detectable
from perfstudy.findings.findings import Findings


def find_smallest_effect(found: Findings, blocks: int) -> float | None:
    """Return the smallest factor that *blocks* blocks find in four of five studies.

    The spread is that of the log ratios of the reference to its control in *found*, at the place where it is largest.
    None where the run has no A/A pair of two blocks, or *blocks* is less than two.
    """
    spreads = [
        float(np.std(floor.differences, ddof=1))
        for place in found.places
        if not place.is_noop and (floor := found.floor(place)) is not None and len(floor.differences) > 1
    ]
    return find_detectable(max(spreads), blocks) if spreads and blocks > 1 else None

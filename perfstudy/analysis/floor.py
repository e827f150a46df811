"""The noise floor: how far apart the baseline lies from itself."""

from dataclasses import dataclass
from math import exp, log1p

import numpy as np

from perfstudy.analysis.bootstrap import RESAMPLES, resample
from perfstudy.analysis.effect import Cells, paired_effect
from perfstudy.analysis.interval import Interval

PERCENTILE = 0.95


@dataclass(frozen=True)
class Floor:
    """The noise floor F of a study, from its A/A pair.

    ``value`` is F on the log scale; ``effect`` is the A/A pair's own mean D with its Student interval.
    """

    value: float
    effect: Interval
    blocks: int
    q: float = 0.5

    @property
    def factor(self) -> float:
        """The floor as a ratio: gains below it are not told from noise."""
        return exp(self.value)

    @property
    def percent(self) -> float:
        """The floor in per cent, 100 (exp F - 1)."""
        return 100 * (self.factor - 1)

    def unsound(self, threshold: float = 0.05) -> str:
        """Return why the study's noise invalidates its verdicts, '' where it does not.

        Two labels of one variant differ by chance, which F accounts for.
        Where their whole interval lies beyond log(1 + threshold), chance is a poor excuse:
        something in the schedule or on the machine favours one label, and it may favour any.
        """
        if self.effect.low > log1p(threshold) or self.effect.high < -log1p(threshold):
            found = self.effect.exp()
            return f"the baseline differs from itself by {found.low:.3g} to {found.high:.3g} times"
        return ""


def noise_floor(first: Cells, second: Cells, q: float = 0.5, *, resamples: int = RESAMPLES, seed: int = 0) -> Floor:
    """Return the noise floor from one variant under two labels, *first* and *second*, in the same blocks.

    F = the 95th percentile of |mean D*| over the two-level bootstrap of mean D, so it holds both the
    difference that was seen and the spread that it might have had. The A/A test is that of Kohavi, Longbotham,
    Sommerfield and Henne, *Controlled experiments on the web* (2009).
    """
    draws = np.abs(resample(first, second, q, resamples=resamples, seed=seed))
    effect = paired_effect(first, second, q)
    return Floor(float(np.quantile(draws, PERCENTILE)), effect.mean, effect.blocks, q)

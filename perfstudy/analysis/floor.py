"""The noise floor: how far the reference differs from itself."""

from dataclasses import dataclass
from math import exp, log1p

import numpy as np
from scipy.special import stdtrit

from perfstudy.analysis.bootstrap import RESAMPLES, resample_means
from perfstudy.analysis.effect import Cells, paired_effect
from perfstudy.analysis.interval import Interval
from perfstudy.formatting import times

PERCENTILE = 0.95
SOUNDNESS = 0.99
"""The confidence for calling a study unsound.

It is higher than a verdict's, since it voids all verdicts at once.
"""


@dataclass(frozen=True)
class NoiseFloor:
    """The noise floor F of a study, from its A/A pair.

    ``value`` is F on the log scale; ``effect`` is the A/A pair's own mean D with its Student interval;
    ``differences`` are its log ratios by block, which show dependence between blocks.
    """

    value: float
    effect: Interval
    blocks: int
    q: float = 0.5
    differences: tuple[float, ...] = ()

    @property
    def factor(self) -> float:
        """The noise floor as a ratio; smaller gains cannot be distinguished from noise."""
        return exp(self.value)

    @property
    def percent(self) -> float:
        """The floor in per cent, 100 (exp F - 1)."""
        return 100 * (self.factor - 1)

    def unsound(self, threshold: float = 0.05) -> str:
        """Return why noise invalidates the study's verdicts, '' where it does not.

        Two labels of one variant differ by chance, which F accounts for.
        Where their whole 99% interval lies beyond log(1 + threshold), chance is an unlikely explanation:
        something in the schedule or on the machine favours one label, and it may favour any.
        At 95% a noisy but sound study was called unsound in up to 5% of cases.
        """
        surer = self._at(SOUNDNESS)
        if surer.low > log1p(threshold) or surer.high < -log1p(threshold):
            found = self.effect.exp()
            return f"the reference differs from itself by {times(found.low, found.high)}"
        return ""

    def _at(self, confidence: float) -> Interval:
        """Return the A/A pair's Student interval at another *confidence*."""
        if self.blocks < 2:
            return self.effect
        now, then = (float(stdtrit(self.blocks - 1, (1 + c) / 2)) for c in (self.effect.confidence, confidence))
        mean, share = self.effect.estimate, then / now
        low, high = (mean + share * (bound - mean) for bound in (self.effect.low, self.effect.high))
        return Interval(mean, low, high, confidence)


def measure_noise_floor(
    first: Cells,
    second: Cells,
    q: float = 0.5,
    *,
    confidence: float = PERCENTILE,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> NoiseFloor:
    """Return the noise floor from one variant measured twice in the same blocks.

    *first* and *second* are its cells under two labels.

    F = the 95th percentile of ``|mean D*|`` over the bootstrap of mean D over blocks, so it includes both the
    observed difference and its sampling spread; at a planned look it is the percentile of the look's *confidence*.
    The A/A test is that of Kohavi, Longbotham, Sommerfield and Henne, *Controlled experiments on the web* (2009).
    """
    effect = paired_effect(first, second, q)
    draws = np.abs(resample_means(effect.differences, resamples=resamples, seed=seed))
    floor = float(np.quantile(draws, confidence))
    return NoiseFloor(floor, effect.mean, effect.blocks, q, tuple(effect.differences.tolist()))

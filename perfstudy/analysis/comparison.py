"""One comparison from samples to verdict: the other modules in order."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from perfstudy.analysis.bootstrap import RESAMPLES, effect_interval
from perfstudy.analysis.combine import Published, choose_wider
from perfstudy.analysis.dependence import LEVEL, check_dependence, widen_interval
from perfstudy.analysis.effect import Cells, Effect, paired_effect
from perfstudy.analysis.floor import NoiseFloor
from perfstudy.analysis.interval import Interval
from perfstudy.analysis.quantile import refuse_quantile
from perfstudy.analysis.sequential import stein_interval
from perfstudy.analysis.strata import Strata, combine_strata
from perfstudy.analysis.verdict import THRESHOLD, Measured, Verdict, judge


@dataclass(frozen=True, eq=False)
class Comparison:
    """A variant against its reference, at one quantile.

    ``effect`` holds the log ratio of each block, ``published`` both intervals of their mean and the one to show;
    both are None where the quantile was refused, and ``measured.refused`` says why.
    ``strata`` has the effect on each machine, where several measured; their combined one is then judged.
    ``measured`` is what :func:`~perfstudy.analysis.verdict.judge_claim` takes for a claim about this comparison.
    """

    q: float
    measured: Measured
    verdict: Verdict
    effect: Effect | None = None
    published: Published | None = None
    strata: Strata | None = None

    @property
    def speedup(self) -> Interval | None:
        """The published speed-up, a ratio."""
        return self.measured.speedup


def compare(
    variant: Cells,
    reference: Cells,
    floor: NoiseFloor | None = None,
    *,
    q: float = 0.5,
    threshold: float = THRESHOLD,
    confidence: float = 0.95,
    resamples: int = RESAMPLES,
    seed: int = 0,
    invalid: str = "",
    pilot: int = 0,
    machines: Sequence[int] = (),
) -> Comparison:
    """Return the comparison of two variants in the same blocks.

    It is judged against *floor*. *invalid* is the reason for giving no verdict, such as different answers; an
    unsound floor is added to it.
    Without a floor the practical threshold alone decides. With a *pilot*, the number of blocks was planned from the
    first so many, and the interval is that of Stein's two stages. *machines* has the number of the machine that
    measured each block; blocks of several are combined as :func:`~perfstudy.analysis.strata.combine_strata` does.

    Raises:
        ValueError: the two have not the same number of cells, or a cell is no cell.
    """
    measured = Measured(
        speedup=None,
        blocks=len(variant),
        floor=floor.value if floor else 0.0,
        threshold=threshold,
        refused=_check_quantile(variant, reference, q) or "",
        invalid="; ".join(reason for reason in (invalid, floor.unsound(threshold) if floor else "") if reason),
    )
    if measured.refused:
        return Comparison(q, measured, judge(measured))
    effect = paired_effect(variant, reference, q, confidence)
    student = stein_interval(effect.differences, pilot, confidence) if 1 < pilot < effect.blocks else effect.mean
    published = choose_wider(
        student, effect_interval(variant, reference, q, confidence, resamples=resamples, seed=seed)
    )
    if len(set(machines)) > 1:
        return _compare_strata(measured, effect, published, machines)
    narrow, wide = (-published.interval).exp(), _widen(effect, published, floor)
    measured = replace(measured, speedup=wide or narrow, narrow=narrow if wide else None, p=effect.p)
    return Comparison(q, measured, judge(measured), effect, published)


def _compare_strata(measured: Measured, effect: Effect, published: Published, machines: Sequence[int]) -> Comparison:
    """Return the comparison whose blocks several machines measured."""
    of = np.asarray(machines)
    numbers = sorted(set(machines))
    strata = combine_strata([effect.differences[of == number] for number in numbers], published.interval.confidence)
    each = {
        number: replace(measured, speedup=(-one).exp(), blocks=blocks)
        for number, one, blocks in zip(numbers, strata.each, strata.blocks, strict=True)
    }
    measured = replace(measured, speedup=(-strata.combined).exp(), p=strata.p, machines=each)
    return Comparison(effect.q, measured, judge(measured), effect, published, strata)


def _widen(effect: Effect, published: Published, floor: NoiseFloor | None) -> Interval | None:
    """Return the speed-up with its interval widened for dependent blocks, else None.

    None means that the blocks seem independent. The A/A pair's blocks are tested as well, since what makes one arm
    drift usually affects the others.
    """
    rows = [effect.differences]
    if floor and len(floor.differences) == effect.blocks:
        rows.append(np.array(floor.differences))
    if check_dependence(*rows) > LEVEL:
        return None
    wider = widen_interval(effect.differences, published.interval.confidence)
    return (-wider).exp() if wider.width > published.interval.width else None


def _check_quantile(variant: Cells, reference: Cells, q: float) -> str | None:
    sizes = [[np.size(cell) for cell in cells] for cells in (variant, reference)]
    return refuse_quantile(min(map(sum, sizes)), q, sizes[0] + sizes[1])

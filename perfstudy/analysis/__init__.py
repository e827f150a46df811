"""Turn samples into intervals, attributions and verdicts.

Every module consists of pure functions of numbers and needs numpy and scipy alone.

Times are in seconds and effects are differences of log times: a speed-up is ``exp`` of the reduction in log time.
A *cell* is a one-dimensional array of samples; the cells of a variant are a sequence of them, one per block,
in the order of the blocks; cells may differ in length.
Random numbers come from the caller's seed alone.
"""

from perfstudy.analysis.combine import Published, average_blocks, choose_wider
from perfstudy.analysis.comparison import Comparison, compare
from perfstudy.analysis.effect import Effect, log_quantiles, log_ratios, paired_effect
from perfstudy.analysis.factorial import Factorial, Term, fit_two_level
from perfstudy.analysis.floor import NoiseFloor, measure_noise_floor
from perfstudy.analysis.holm import adjust
from perfstudy.analysis.interval import Interval
from perfstudy.analysis.quantile import Quantile, estimate_quantile, refuse_quantile
from perfstudy.analysis.shapley import Attribution, attribute
from perfstudy.analysis.strata import Strata, combine_strata
from perfstudy.analysis.verdict import ClaimedRange, Measured, Verdict, adjust_by_holm, judge, judge_claim

__all__ = [
    "Attribution",
    "ClaimedRange",
    "Comparison",
    "Effect",
    "Factorial",
    "Interval",
    "Measured",
    "NoiseFloor",
    "Published",
    "Quantile",
    "Strata",
    "Term",
    "Verdict",
    "adjust",
    "adjust_by_holm",
    "attribute",
    "average_blocks",
    "choose_wider",
    "combine_strata",
    "compare",
    "estimate_quantile",
    "fit_two_level",
    "judge",
    "judge_claim",
    "log_quantiles",
    "log_ratios",
    "measure_noise_floor",
    "paired_effect",
    "refuse_quantile",
]

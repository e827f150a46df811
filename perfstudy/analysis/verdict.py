"""Verdicts: conclusions from an interval about a comparison or a claim.

Both judge a speed-up s = reference time / variant time by its interval I = [l, h]. In ratios, let

- T = 1 + practical threshold: a smaller gain does not matter;
- N = exp F: the noise floor, how far the reference differs from itself (1 without an A/A pair);
- D = max(T, N), which is exp(delta) of the method.

**A comparison** is *faster* where l > T and s > N, *slower* where h < 1/T and s < 1/N, *equivalent* where 1/T <= l and
h <= T, and *inconclusive* otherwise. This is the two one-sided tests of Schuirmann (1987), read off an interval.
The noise floor is compared with the estimate, not the bound: the bound already allows for chance in this pair, and
the floor for chance in the A/A pair, so that requiring a bound beyond the floor would count chance twice.
Nor is the floor a margin of equivalence: a noisy study would then find everything equal.

**A claim** states a range C = [c, d], c >= 1, or [c, inf). With c = 1 and no d it claims a direction only: a gain.
Rows are tried from the top, and the first that holds decides:

==  =====================================================  ===================
0a  the claim cannot be tested here                        not testable here
0b  equivalence of the answers or the noise checks failed  invalid
0c  the quantile was refused, so there is no interval      inconclusive
--  -----------------------------------------------------  -------------------
    no gain beyond T is left: h <= T
1a  I misses C                                             refuted
1b  I meets C, C claims a direction only                   refuted
1c  I meets C, equivalent within T, C is a range           supported
1d  I meets C otherwise                                    inconclusive
--  -----------------------------------------------------  -------------------
    a gain: l > min(T, N), s > N, p <= 1 - confidence
2a  I meets C                                              supported
2b  I lies above C                                         exceeded
2c  I lies below C                                         fell short
--  -----------------------------------------------------  -------------------
    neither a gain nor its absence is shown
3a  I lies below C                                         ruled out
3b  otherwise                                              inconclusive
==  =====================================================  ===================

Why the rows are as they are:

- 1 compares the interval with T, not with the noise floor: otherwise one bad cell in the A/A pair would refute a
  true gain.
- 1a covers *slower*, *equivalent* and the straddle between them: whichever is true, the promised gain is not there.
- 1b: a claim of just "faster" claims a gain that matters, so equivalence refutes it.
- 1c: a range such as 1 to 1.34 ("0-25 % faster") allows for no gain, so finding none cannot refute it. It is
  supported as an equivalence is, by an interval too narrow to hold anything else; the reason says that no gain was
  found. A range such as 1.02 to 2 is supported in the same way by an interval that meets it below T.
- 1d: I meets C, and is so wide that a loss is possible too. More blocks or a quieter machine
  would decide.
- 2 requires that I excludes 1 by more than the noise floor: a "gain" that the reference shows against itself supports
  nothing. Without an A/A pair this is the plain l > 1. Where p was adjusted for the study's other claims (Holm),
  it must stay significant as well.
- 2a also supports a range from 1 by a measured gain: 1.1 to 1.2 within 1 to 1.34.
- 3a answers the claim and not whether there is a gain: *fell short* would assert one, and *refuted* would deny it.
  Like 1a it relies on the interval alone, which lies wholly below a true claim in at most 2.5 % of studies at 95 %.
- 3b includes an interval above C within the noise floor: whoever claimed so little may be right, or there is no gain.

Conclusions from fewer than 10 blocks are *indicative*.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import exp, inf, isfinite
from typing import Final, Literal

from perfstudy.analysis.agreement import say_agreement
from perfstudy.analysis.holm import adjust
from perfstudy.analysis.interval import Interval
from perfstudy.formatting import short, times

Outcome = Literal[
    "faster",
    "slower",
    "equivalent",
    "supported",
    "exceeded",
    "fell short",
    "ruled out",
    "refuted",
    "inconclusive",
    "not testable here",
    "invalid",
]

UNTESTED: Final = "not testable here"
"""The word for a claim that a run has no data for."""
ENOUGH_BLOCKS = 10
THRESHOLD = 0.05
OPEN: frozenset[Outcome] = frozenset({"inconclusive", UNTESTED, "invalid"})
"""Outcomes without a conclusion, which *indicative* cannot cap."""


@dataclass(frozen=True, slots=True)
class ClaimedRange:
    """A claimed speed-up of *low* to *high* times, ``None`` leaving it open above.

    Raises:
        ValueError: the range descends, or starts below 1.
    """

    low: float
    high: float | None = None

    def __post_init__(self) -> None:
        if not self.low >= 1 or (self.high is not None and not self.high >= self.low):
            raise ValueError(f"the range {self.low} to {self.high} must ascend and start at 1 or above")

    @property
    def direction_only(self) -> bool:
        """Whether the claim is just "faster"."""
        return self.low == 1 and self.high is None

    def __str__(self) -> str:
        return "faster" if self.direction_only else times(self.low, self.high)


@dataclass(frozen=True, kw_only=True)
class Measured:
    """The measured values that a verdict needs.

    ``speedup`` is a ratio with the interval that is shown and judged, None where the quantile was refused, with
    ``refused`` saying why; ``floor`` is F on the log scale; ``threshold`` a share (0.05 for 5 %); ``p`` the p-value of
    no effect, adjusted for the study's other claims, None to leave it out; ``invalid`` why no verdict can hold, ''
    where one can; ``narrow`` the interval that independent blocks would have, None where they are independent;
    ``machines`` has the same for each machine alone by its number, where several measured.
    """

    speedup: Interval | None
    blocks: int
    floor: float = 0.0
    threshold: float = THRESHOLD
    p: float | None = None
    refused: str = ""
    invalid: str = ""
    narrow: Interval | None = None
    machines: "Mapping[int, Measured]" = field(default_factory=dict)

    @property
    def judged(self) -> Interval:
        """The interval for verdicts; without bounds where nothing was measured."""
        return self.speedup or Interval(1.0, 0.0, inf)

    @property
    def noise(self) -> float:
        """N = exp F, the noise floor as a ratio."""
        return exp(self.floor)

    @property
    def practical(self) -> float:
        """T, the smallest ratio that matters."""
        return 1 + self.threshold

    @property
    def limit(self) -> float:
        """D = max(T, N), which is exp(delta)."""
        return max(self.practical, self.noise)


@dataclass(frozen=True, slots=True)
class Verdict:
    """An outcome, its reason in words, and whether it is capped at indicative."""

    outcome: Outcome
    reason: str
    indicative: bool = False
    agreement: str = ""
    """On which machines it holds, where several measured."""

    def __str__(self) -> str:
        return f"{self.outcome} (indicative)" if self.indicative else self.outcome


def judge(measured: Measured) -> Verdict:
    """Return the verdict on a comparison, by the module's first rule."""
    outcome, reason = _refuse(measured) or _judge_comparison(measured, measured.judged)
    return _cap(outcome, reason, measured, {number: judge(one).outcome for number, one in measured.machines.items()})


def judge_claim(claimed: ClaimedRange, measured: Measured, untestable: str = "") -> Verdict:
    """Return the verdict on a claim, row by row of the module's table.

    *untestable* is the reason why it cannot be tested.
    """
    if untestable:
        return Verdict(UNTESTED, untestable)
    outcome, reason = _refuse(measured) or _judge_surely(claimed, measured)
    each = {number: judge_claim(claimed, one).outcome for number, one in measured.machines.items()}
    return _cap(outcome, reason, measured, each)


def adjust_by_holm(measured: Sequence[Measured]) -> list[Measured]:
    """Return *measured* with p-values adjusted by Holm's method.

    *measured* are the testable claims of one study; those without a p-value stay as they are. An invalid or refused one
    is no test, and does not make the others stricter.
    """
    tests = [m.p if m.p is not None and _refuse(m) is None else None for m in measured]
    adjusted = iter(adjust([p for p in tests if p is not None]).tolist())
    return [m if p is None else replace(m, p=next(adjusted)) for m, p in zip(measured, tests, strict=True)]


Found = tuple[Outcome, str]


def _refuse(measured: Measured) -> Found | None:
    if measured.invalid:
        return "invalid", measured.invalid
    if measured.speedup is None:
        return "inconclusive", measured.refused or "nothing was measured"
    return None


def _judge_comparison(measured: Measured, interval: Interval) -> Found:
    least, noise = measured.practical, measured.noise
    said = f"{_format_times(interval)}, where {short(measured.limit)} times is the least that counts"
    if interval.low > least and interval.estimate > noise:
        return "faster", said
    if interval.high < 1 / least and interval.estimate < 1 / noise:
        return "slower", said
    return ("equivalent" if interval.within(1 / least, least) else "inconclusive"), said


def _judge_range(claimed: ClaimedRange, measured: Measured, interval: Interval) -> Found:
    if interval.high <= measured.practical:
        return _judge_without_gain(claimed, measured, interval)
    if _is_beyond_noise(measured, interval) and _is_significant(measured, interval):
        return _judge_with_gain(claimed, interval)
    return _judge_open(claimed, measured, interval)


def _judge_surely(claimed: ClaimedRange, measured: Measured) -> Found:
    """Return the narrow interval's verdict, unless the widened one leaves a gain open.

    So a wide interval cannot support a range, and a narrow one cannot show a gain.
    """
    found = _judge_range(claimed, measured, measured.judged)
    if measured.narrow is None or found[0] in ("ruled out", "inconclusive"):
        return found
    return _judge_range(claimed, measured, measured.narrow)


def _judge_without_gain(claimed: ClaimedRange, measured: Measured, interval: Interval) -> Found:
    found = f"{_format_times(interval)}: no gain above {short(measured.practical)} times"
    if not interval.overlaps(claimed.low, claimed.high):
        return "refuted", f"{found}, where {claimed} was claimed"
    practical = measured.practical
    if claimed.direction_only:
        return "refuted", found
    if interval.within(1 / practical, practical):
        return "supported", f"{found}, which the claimed {claimed} allows"
    return "inconclusive", f"{found}, but a loss is left open"


def _judge_with_gain(claimed: ClaimedRange, interval: Interval) -> Found:
    if interval.overlaps(claimed.low, claimed.high):
        return "supported", f"{_format_times(interval)} meets the claimed {claimed}"
    if interval.low > claimed.low:
        return "exceeded", f"{_format_times(interval)} lies above the claimed {claimed}"
    return "fell short", f"{_format_times(interval)} lies below the claimed {claimed}"


def _judge_open(claimed: ClaimedRange, measured: Measured, interval: Interval) -> Found:
    if interval.low == 0 and not isfinite(interval.high):
        said = "one block gives no interval"
    elif _is_beyond_noise(measured, interval):
        said = f"{_format_times(interval)}, but p = {measured.p:.2g} after adjustment for the study's other claims"
    else:
        said = f"{_format_times(interval)} does not exclude the noise floor of {short(measured.noise)} times"
    if interval.high < claimed.low:
        return "ruled out", f"{said}; it rules {claimed} out, but leaves open whether there is a gain"
    return "inconclusive", said


def _is_beyond_noise(measured: Measured, interval: Interval) -> bool:
    """Return whether the gain exceeds the noise floor.

    Its lower bound must also exceed the practical threshold or the floor, whichever is less.
    """
    return interval.low > min(measured.noise, measured.practical) and interval.estimate > measured.noise


def _is_significant(measured: Measured, interval: Interval) -> bool:
    return measured.p is None or measured.p <= 1 - interval.confidence


def _cap(outcome: Outcome, reason: str, measured: Measured, each: Mapping[int, Outcome]) -> Verdict:
    if measured.narrow and not _refuse(measured):
        widths = f"{_format_times(measured.narrow)} is widened to {_format_times(measured.judged)}"
        reason = f"{reason}; blocks depend on their neighbours, so the interval of {widths}"
    agreement = say_agreement(outcome, each, is_open=outcome in OPEN) if each and not _refuse(measured) else ""
    reason = "; ".join(filter(None, (reason, agreement)))
    return Verdict(outcome, reason, measured.blocks < ENOUGH_BLOCKS and outcome not in OPEN, agreement)


def _format_times(interval: Interval) -> str:
    return times(interval.low, interval.high)

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfstudy.analysis import ClaimedRange, Interval, Measured, adjust_by_holm, judge, judge_claim
from perfstudy.analysis.verdict import OPEN

from .simulate import fixed

FASTER, RANGE, FROM_ONE, AT_LEAST = ClaimedRange(1), ClaimedRange(3, 5), ClaimedRange(1, 1.34), ClaimedRange(2)
QUIET, NOISY = math.log(1.01), math.log(1.3)


def measured(low, high, floor=QUIET, blocks=12, **more):
    return Measured(speedup=Interval(math.sqrt(low * high), low, high), blocks=blocks, floor=floor, **more)


@pytest.mark.parametrize(
    ("low", "high", "floor", "outcome"),
    [
        (1.06, 1.20, QUIET, "faster"),
        (1.04, 1.20, QUIET, "inconclusive"),
        (1.05, 1.20, QUIET, "inconclusive"),  # touching the limit is not beyond it
        (0.80, 0.90, QUIET, "slower"),
        (0.80, 0.96, QUIET, "inconclusive"),
        (0.96, 1.04, QUIET, "equivalent"),
        (1.01, 1.04, QUIET, "equivalent"),  # a gain, and too small to matter
        (1 / 1.05, 1.05, QUIET, "equivalent"),
        (0.50, 2.00, QUIET, "inconclusive"),
        (1.10, 1.25, NOISY, "inconclusive"),  # noise is no margin of equivalence
        (1.10, 1.60, NOISY, "faster"),  # the estimate is beyond the floor, the bound beyond what matters
        (1.10, 1.35, NOISY, "inconclusive"),
        (1.35, 1.50, NOISY, "faster"),
        (0.50, 0.70, NOISY, "slower"),
    ],
)
def test_a_comparison(low, high, floor, outcome):
    assert judge(measured(low, high, floor)).outcome == outcome


ROWS = [
    # 1a: no gain is left, and the interval misses the range
    ("1a", RANGE, 0.97, 1.03, QUIET, "refuted"),
    ("1a", RANGE, 0.50, 0.60, QUIET, "refuted"),
    ("1a", RANGE, 0.80, 0.97, QUIET, "refuted"),  # slower or equivalent, whichever
    ("1a", FASTER, 0.50, 0.60, QUIET, "refuted"),
    ("1a", FASTER, 0.96, 0.99, QUIET, "refuted"),
    ("1a", FROM_ONE, 0.80, 0.90, QUIET, "refuted"),
    ("1a", FROM_ONE, 0.96, 0.99, QUIET, "refuted"),
    ("1a", AT_LEAST, 0.97, 1.03, QUIET, "refuted"),
    ("1a", ClaimedRange(1.5, 2), 1.01, 1.04, QUIET, "refuted"),
    # 1b: a direction is claimed, and the gain is too small to matter
    ("1b", FASTER, 0.97, 1.03, QUIET, "refuted"),
    ("1b", FASTER, 1.02, 1.04, QUIET, "refuted"),
    ("1b", FASTER, 0.80, 1.03, QUIET, "refuted"),
    # 1c: the range allows for no gain, or for one too small to matter
    ("1c", FROM_ONE, 0.97, 1.03, QUIET, "supported"),
    ("1c", FROM_ONE, 1.01, 1.04, QUIET, "supported"),
    ("1c", ClaimedRange(1.02, 2), 1.01, 1.04, QUIET, "supported"),
    ("1c", ClaimedRange(1.02), 1.01, 1.04, QUIET, "supported"),
    # 1d: a loss keeps the range in play
    ("1d", FROM_ONE, 0.80, 1.03, QUIET, "inconclusive"),
    # 2a: a gain is shown, and the interval meets the range
    ("2a", RANGE, 2.50, 3.50, QUIET, "supported"),
    ("2a", RANGE, 3.50, 4.50, QUIET, "supported"),
    ("2a", RANGE, 1.02, 9.00, QUIET, "supported"),
    ("2a", RANGE, 2.00, 3.00, QUIET, "supported"),  # ranges share their bounds
    ("2a", RANGE, 5.00, 7.00, QUIET, "supported"),
    ("2a", FASTER, 1.02, 1.20, QUIET, "supported"),
    ("2a", FROM_ONE, 1.10, 1.20, QUIET, "supported"),
    ("2a", FROM_ONE, 1.20, 2.00, QUIET, "supported"),
    ("2a", AT_LEAST, 1.90, 2.10, QUIET, "supported"),
    ("2a", AT_LEAST, 50.0, 90.0, QUIET, "supported"),
    ("2a", FROM_ONE, 1.20, 1.60, NOISY, "supported"),  # the estimate is beyond the floor
    # 2b: above
    ("2b", RANGE, 5.01, 7.00, QUIET, "exceeded"),
    ("2b", FROM_ONE, 1.40, 1.60, QUIET, "exceeded"),
    # 2c: below
    ("2c", RANGE, 1.20, 2.90, QUIET, "fell short"),
    ("2c", RANGE, 1.02, 1.10, QUIET, "fell short"),
    ("2c", AT_LEAST, 1.20, 1.90, QUIET, "fell short"),
    # 3a: neither a gain nor its absence is shown, and the range is out of reach
    ("3a", RANGE, 0.90, 1.30, QUIET, "ruled out"),
    ("3a", RANGE, 0.90, 2.99, QUIET, "ruled out"),
    ("3a", AT_LEAST, 0.99, 1.90, QUIET, "ruled out"),
    ("3a", RANGE, 1.05, 1.25, NOISY, "ruled out"),  # a noise floor that one bad cell inflates does not refute it
    # 3b: the claim cannot be told from no gain
    ("3b", RANGE, 0.90, 6.00, QUIET, "inconclusive"),
    ("3b", RANGE, 0.90, 3.00, QUIET, "inconclusive"),  # touching the range is not below it
    ("3b", FASTER, 0.99, 1.20, QUIET, "inconclusive"),
    ("3b", FASTER, 1.005, 1.20, QUIET, "inconclusive"),  # above 1, and within the noise floor
    ("3b", FROM_ONE, 0.95, 1.20, QUIET, "inconclusive"),
    ("3b", FROM_ONE, 1.04, 1.70, NOISY, "inconclusive"),
    # A noise floor that one bad cell inflates refutes nothing
    ("3b", FROM_ONE, 1.05, 1.25, NOISY, "inconclusive"),
    ("3b", FASTER, 1.05, 1.25, NOISY, "inconclusive"),
    ("3b", ClaimedRange(1.1, 1.2), 1.21, 1.28, NOISY, "inconclusive"),
]


@pytest.mark.parametrize(("row", "claimed", "low", "high", "floor", "outcome"), ROWS)
def test_every_row_of_the_table(row, claimed, low, high, floor, outcome):
    verdict = judge_claim(claimed, measured(low, high, floor))
    assert verdict.outcome == outcome, verdict.reason
    assert f"{low:.3g} to {high:.3g} times" in verdict.reason
    assert not verdict.indicative


def test_what_cannot_be_tested_comes_first():
    broken = Measured(speedup=None, blocks=3, invalid="the answers differ", refused="p99 needs more")
    verdict = judge_claim(RANGE, broken, untestable="no PgBouncer on this machine")
    assert (verdict.outcome, verdict.reason) == ("not testable here", "no PgBouncer on this machine")
    assert judge_claim(RANGE, broken).outcome == judge(broken).outcome == "invalid"
    assert judge_claim(RANGE, broken).reason == "the answers differ"


def test_a_refused_quantile_concludes_nothing():
    refused = Measured(speedup=None, blocks=12, refused="p99 needs 2000 samples")
    for verdict in (judge(refused), judge_claim(FASTER, refused)):
        assert (verdict.outcome, verdict.reason) == ("inconclusive", "p99 needs 2000 samples")


def test_an_invalid_measurement_supports_nothing_however_clear():
    assert judge_claim(RANGE, measured(3, 4, invalid="the reference differs from itself")).outcome == "invalid"


@pytest.mark.parametrize(("blocks", "capped"), [(1, True), (9, True), (10, False), (30, False)])
def test_few_blocks_are_indicative(blocks, capped):
    assert judge(measured(2, 3, blocks=blocks)).indicative is capped
    verdict = judge_claim(RANGE, measured(3, 4, blocks=blocks))
    assert verdict.indicative is capped
    assert str(verdict) == ("supported (indicative)" if capped else "supported")


def test_no_conclusion_is_not_capped():
    assert str(judge(measured(0.5, 2, blocks=3))) == "inconclusive"


def test_a_gain_that_other_claims_drown_supports_nothing():
    lone, drowned = measured(3, 4, p=0.01), measured(3, 4, p=0.2)
    assert judge_claim(RANGE, lone).outcome == "supported"
    assert judge_claim(RANGE, drowned).outcome == "inconclusive"
    assert "p = 0.2 after adjustment" in judge_claim(RANGE, drowned).reason
    assert judge_claim(FROM_ONE, measured(0.97, 1.03, p=0.9)).outcome == "supported"
    assert judge_claim(RANGE, measured(0.97, 1.03, p=0.9)).outcome == "refuted"


def test_holm_counts_only_what_was_tested():
    claims = [measured(2, 3, p=0.01), measured(2, 3, p=0.02), measured(2, 3), measured(2, 3, p=0.5, invalid="differs")]
    assert [m.p for m in adjust_by_holm(claims)] == pytest.approx([0.02, 0.02, None, 0.5])


def test_a_range_is_ruled_out_whatever_keeps_the_gain_open():
    for found in (measured(0.9, 1.3, blocks=3), measured(1.1, 1.3, p=0.2, blocks=3)):
        verdict = judge_claim(RANGE, found)
        assert str(verdict) == "ruled out (indicative)"
        assert "rules 3 to 5 times out, but leaves open whether there is a gain" in verdict.reason


def test_blocks_that_depend_on_each_other_show_no_gain_below_a_range():
    found = measured(0.9, 1.5, narrow=Interval(1.16, 1.1, 1.23))
    assert judge_claim(RANGE, found).outcome == "ruled out"
    assert judge_claim(RANGE, measured(1.1, 1.23)).outcome == "fell short"


def test_unknown_spread_concludes_nothing():
    unknown = Measured(speedup=Interval(3, 0, math.inf), blocks=1)
    assert judge(unknown).outcome == judge_claim(RANGE, unknown).outcome == "inconclusive"


def test_without_an_a_a_pair_one_is_the_floor():
    assert judge_claim(RANGE, measured(1.001, 9, floor=0)).outcome == "supported"
    assert judge_claim(RANGE, measured(1.0, 9, floor=0)).outcome == "inconclusive"


@pytest.mark.parametrize("bounds", [(0.9, 2), (3, 2), (math.nan, 2), (2, math.nan)])
def test_what_is_no_range_is_refused(bounds):
    with pytest.raises(ValueError, match="must ascend"):
        ClaimedRange(*bounds)


def test_ranges_read_as_people_say_them():
    assert [str(r) for r in (FASTER, RANGE, AT_LEAST)] == ["faster", "3 to 5 times", "at least 2 times"]


RATIO = st.floats(0.05, 50)
CLAIMS = st.builds(
    lambda low, more: ClaimedRange(low, None if more is None else low + more),
    st.sampled_from([1.0, 1.02, 1.5, 3.0, 10.0]),
    st.sampled_from([None, 0.0, 0.34, 2.0]),
)


@fixed
@given(CLAIMS, RATIO, RATIO, st.floats(0, 0.5))
def test_claims_and_comparisons_never_contradict_each_other(claimed, one, other, floor):
    found = measured(min(one, other), max(one, other), floor)
    claim, comparison = judge_claim(claimed, found).outcome, judge(found).outcome
    if comparison == "slower":
        assert claim == "refuted"
    if comparison == "faster":
        assert claim in {"supported", "exceeded", "fell short"}
    if comparison == "equivalent":
        assert claim not in {"exceeded"} or found.speedup.low > found.noise
    if claim in {"exceeded", "fell short"}:
        assert found.speedup.low > 1
        assert found.speedup.estimate > found.noise
        assert not found.speedup.overlaps(claimed.low, claimed.high)
    if claim == "ruled out":
        assert found.speedup.high < claimed.low
    if claim == "supported":
        assert found.speedup.overlaps(claimed.low, claimed.high)
        assert found.speedup.low > 1 or comparison == "equivalent"


@fixed
@given(CLAIMS, RATIO, st.floats(0, 0.3), st.floats(1, 3), st.floats(1, 3))
def test_a_wider_interval_never_turns_one_conclusion_into_its_opposite(claimed, centre, floor, narrow, more):
    inner = judge_claim(claimed, measured(centre / narrow, centre * narrow, floor)).outcome
    outer = judge_claim(claimed, measured(centre / narrow / more, centre * narrow * more, floor)).outcome
    if inner in OPEN:
        assert outer in OPEN | {"supported"}
    if inner == "supported":
        assert outer in OPEN | {"supported"}
    if inner == "ruled out":
        assert outer in {"ruled out", "inconclusive"}
    if inner == "refuted":
        assert outer not in {"exceeded", "fell short"}

"""Claims: each is about variants that exist, and carries the report's own numbers."""

import pytest

from perfstudy.analysis.interval import Interval
from perfstudy.analysis.verdict import ClaimedRange, Measured, judge_claim
from perfstudy.listing.claims import CLAIMS, REPORT_CLAIMS
from perfstudy.listing.optimization import Optimization
from perfstudy.listing.optimizations import ALL
from perfstudy.listing.scenarios import QUESTIONS, SCENARIOS
from perfstudy.listing.studies import STUDIES
from perfstudy.listing.variant import parse
from perfstudy.model.claim import Claim, list_special_scenarios


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda c: c.id)
def test_a_claim_is_of_variants_that_can_be_served(claim: Claim) -> None:
    variant, reference = parse(claim.variant), parse(claim.reference)
    assert claim.variant == variant.name
    assert claim.reference == reference.name
    assert variant != reference or claim.temperature != claim.reference_temperature
    assert claim.temperature == "cold" or variant.caches


def test_ids_are_unique() -> None:
    ids = [claim.id for claim in CLAIMS]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("optimization", ALL, ids=lambda o: o.name)
def test_every_optimization_has_a_claim_of_variants_that_hold_it(optimization: Optimization) -> None:
    assert optimization.claims
    # What the report claims of joins it claims of dictionaries too, and of each step it names the state thereafter.
    assert any(optimization in parse(claim.variant) for claim in optimization.claims)


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda c: c.id)
def test_a_study_can_judge_every_claim(claim: Claim) -> None:
    names = ("factorial",) if claim in REPORT_CLAIMS else ("headers",) if claim.scenarios else ("beyond",)
    for study in map(STUDIES.__getitem__, names):
        assert {claim.variant, claim.reference} <= {arm.name for arm in study.arms}
        assert any(claim.is_about(name, list_special_scenarios(CLAIMS)) for name in study.scenarios)


def test_claims_about_special_requests_name_scenarios_that_exist() -> None:
    special = list_special_scenarios(CLAIMS)
    assert special <= SCENARIOS.keys() - set(QUESTIONS)
    etag, plain = (claim for claim in CLAIMS if claim.id in ("etag-list", "bytes-hit"))
    assert [etag.is_about(name, special) for name in ("all-known", "all", "page-known")] == [True, False, False]
    assert [plain.is_about(name, special) for name in ("all-known", "all", "noop")] == [False, True, False]


@pytest.mark.parametrize(
    ("low", "high", "outcome"), [(0.98, 1.02, "supported"), (0.7, 0.8, "refuted"), (1.3, 1.4, "exceeded")]
)
def test_a_claim_of_no_loss_is_borne_out_by_no_difference(low: float, high: float, outcome: str) -> None:
    claims = [claim for claim in CLAIMS if claim.high == 1.1]
    assert {claim.id for claim in claims} >= {"breaker-hit", "threads-alone"}
    measured = Measured(speedup=Interval((low * high) ** 0.5, low, high), blocks=10, floor=0.01)
    for claim in claims:
        assert judge_claim(ClaimedRange(claim.low, claim.high), measured).outcome == outcome


SECONDS = {
    "index-response": (5.0, 1.5, 2.0),
    "rows-response": (1.5, 0.8, 1.0),
    "connections-response": (0.8, 0.6, 0.8),
    "cache-hit": (0.6, 0.05, 0.1),
    "together-cold": (5.0, 0.5, 1.0),
    "together-warm": (5.0, 0.05, 0.1),
}


@pytest.mark.parametrize("id", SECONDS)
def test_a_range_is_that_of_the_seconds_in_the_report(id: str) -> None:
    claim = next(c for c in CLAIMS if c.id == id)
    before, best, worst = SECONDS[id]
    assert claim.low == pytest.approx(before / worst, rel=0.01)
    assert claim.high == pytest.approx(before / best, rel=0.01)

"""Claims: each is about variants that exist, and carries the report's own numbers."""

import pytest

from perfstudy.claims import CLAIMS, REPORT_CLAIMS
from perfstudy.measure.study import STUDIES
from perfstudy.optimization import Claim
from perfstudy.variant import parse


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


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda c: c.id)
def test_a_study_can_judge_every_claim(claim: Claim) -> None:
    name = "factorial" if claim in REPORT_CLAIMS else "beyond"
    measured = {arm.variant for arm in STUDIES[name].arms}
    assert {claim.variant, claim.reference} <= measured


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

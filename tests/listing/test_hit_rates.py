"""Traces against a cache: what is counted agrees, and what is predicted is what chance gives."""

from collections.abc import Iterator

import numpy as np
import pytest

from perfstudy.analysis.hitratio import overall_hit_ratio, zipf_rates
from perfstudy.errors import PerfstudyError
from perfstudy.listing import hit_rates
from perfstudy.listing.lab import Database, Lab
from perfstudy.listing.variant import parse


@pytest.fixture(scope="module")
def stage(lab: Lab, tiny: Database) -> Iterator[hit_rates.Stage]:
    variant = parse("related+values+connections+cache")
    tiny.reconcile(variant)
    with hit_rates.prepare_stage(lab, tiny, variant) as stage:
        yield stage


def test_service_redis_and_arithmetic_count_the_same(stage: hit_rates.Stage) -> None:
    stage.empty()
    rows = hit_rates.count_hits(stage, 60).rows
    assert len({(row["hits"], row["misses"]) for row in rows}) == 1
    assert int(str(rows[0]["hits"])) + int(str(rows[0]["misses"])) == 60
    assert len({row["counted by"] for row in rows}) == 3


def test_answers_end_by_the_clock_of_redis(stage: hit_rates.Stage) -> None:
    """In a life time that is over at once nothing hits but what comes at once; in a long one only firsts miss."""
    found = hit_rates.measure_hit_rates(stage, (0.001, 1.0), rate=100, seconds=0.5).measured
    assert found["ratio"].iloc[0] < 0.2
    assert found["ratio"].iloc[1] > found["ratio"].iloc[0] + 0.1
    assert (abs(found["ratio"] - found["arrivals"]) < 0.1).all()


def test_a_variant_that_keeps_nothing_is_refused(lab: Lab, tiny: Database) -> None:
    with (
        hit_rates.prepare_stage(lab, tiny, parse("related")) as stage,
        pytest.raises(PerfstudyError, match="name a variant with the report's own cache"),
    ):
        hit_rates.measure_hit_rates(stage, (0.1,), rate=50, seconds=0.1)


@pytest.mark.parametrize("lifetime", [0.1, 1.0, 5.0])
def test_arrivals_hit_as_often_as_theory_predicts(lifetime: float) -> None:
    rates = zipf_rates(200.0, 60, hit_rates.EXPONENT)
    came = hit_rates.draw_arrivals(rates, lifetime + 60, seed=3)
    hits = [hit for (at, _), hit in zip(came, hit_rates.predict_hits(came, lifetime), strict=True) if at >= lifetime]
    assert np.mean(hits) == pytest.approx(overall_hit_ratio(rates, lifetime), abs=0.02)


def test_arrivals_are_the_same_for_the_same_seed() -> None:
    rates = zipf_rates(50.0, 5, 1.0)
    assert hit_rates.draw_arrivals(rates, 3, seed=1) == hit_rates.draw_arrivals(rates, 3, seed=1)
    assert hit_rates.draw_arrivals(rates, 3, seed=1) != hit_rates.draw_arrivals(rates, 3, seed=2)
    assert hit_rates.draw_arrivals(rates, 3, seed=1) == sorted(hit_rates.draw_arrivals(rates, 3, seed=1))

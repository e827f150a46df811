"""Ladders in any order: the credits multiply to one total, whatever the order, and are those of the published data."""

import numpy as np
import pandas as pd
import pytest

from perfstudy import findings
from perfstudy.errors import UsageError
from perfstudy.findings import by_order
from perfstudy.listing.optimizations import ORIGINAL
from perfstudy.results.published import load_published

REPORTED = ", ".join(o.name for o in ORIGINAL)
BACK = ", ".join(o.name for o in reversed(ORIGINAL))


@pytest.fixture(scope="module")
def run() -> findings.Run:
    return load_published("factorial-medium")


@pytest.mark.parametrize("order", [REPORTED, BACK])
def test_every_order_arrives_at_the_same_place(run: findings.Run, order: str) -> None:
    rows = by_order.order_ladder(run, order)
    total = np.exp(findings.attribution(run).query("temperature == 'warm'")["shapley"].sum())
    assert rows["speedup"].prod() == pytest.approx(total)
    assert rows["reached"].iloc[-1] == pytest.approx(total)
    assert (rows["low"] <= rows["speedup"]).all()
    assert (rows["speedup"] <= rows["high"]).all()


def test_a_first_step_is_the_speed_up_of_its_variant_alone(run: findings.Run) -> None:
    alone = findings.comparisons(run).query("label == 'cache' and temperature == 'warm'").iloc[0]
    assert by_order.order_ladder(run, "cache").iloc[0]["speedup"] == pytest.approx(alone["speedup"])


def test_shapley_is_the_mean_over_all_orders(run: findings.Run) -> None:
    steps = (
        by_order.order_steps(run)
        .query("temperature == 'warm'")
        .assign(log=lambda f: np.log(f["speedup"]) * f["orders"])
    )
    sums = steps.groupby("optimization")[["log", "orders"]].sum()
    assert set(sums["orders"]) == {720}
    shapley = findings.attribution(run).query("temperature == 'warm'").set_index("optimization")["shapley"]
    pd.testing.assert_series_equal(sums["log"] / sums["orders"], shapley, check_names=False, check_like=True)


def test_credits_stand_side_by_side(run: findings.Run) -> None:
    frame = by_order.order_credits(run, reported=REPORTED, back=BACK)
    assert list(frame.index) == [o.name for o in ORIGINAL]
    assert list(frame.columns) == ["reported", "back"]
    assert np.allclose(frame.prod(), frame.iloc[:, 0].prod())


@pytest.mark.parametrize("temperature", ["cold", "warm"])
def test_the_best_order_takes_the_largest_step_first(run: findings.Run, temperature: str) -> None:
    order = by_order.best_order(run, temperature=temperature)
    assert sorted(order.split(", ")) == sorted(REPORTED.split(", "))
    first = by_order.order_ladder(run, order, temperature=temperature).iloc[0]["speedup"]
    steps = by_order.order_steps(run).query("temperature == @temperature and after == 'baseline'")
    assert first == pytest.approx(steps["speedup"].max())


@pytest.mark.parametrize(
    ("order", "said"),
    [("cahce", "did you mean cache"), ("cache, cache", "names an optimization twice"), ("", "unknown optimization")],
)
def test_an_impossible_order_is_refused(run: findings.Run, order: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        by_order.order_ladder(run, order)


def test_a_run_that_crosses_nothing_says_what_to_do() -> None:
    with pytest.raises(UsageError, match="--study factorial"):
        by_order.best_order(load_published("aa-medium"))

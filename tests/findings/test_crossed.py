"""The gains of a stranger's own switches are attributed to them."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from perfstudy import findings
from perfstudy.findings import by_order
from perfstudy.measure.schedule import draw_schedule
from perfstudy.model.arm import Arm
from perfstudy.model.crossing import crossed
from perfstudy.model.scenario import Scenario
from perfstudy.model.service import Service
from perfstudy.model.study import Study
from perfstudy.results import CellResult, Run, Store

PLANTED = {"zpool": 4.0, "nagle": 1.25, "brotli": 0.8}
"""By what factor each switch is faster in the planted data; its order is not that of the alphabet."""
BOTH = 1.5
"""How much faster two of them are together than apart."""


def seconds(factors: tuple[str, ...]) -> float:
    """Return the planted median response time."""
    together = BOTH if {"zpool", "nagle"} <= set(factors) else 1.0
    return 1 / (together * float(np.prod([PLANTED[name] for name in factors])))


@pytest.fixture(scope="module", params=[True, False], ids=["declared", "undeclared"])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return a run of ten blocks with the planted effects.

    Its study is of a service of one's own, and declares its factors or does not.
    """
    switches = {name: {"environment": {name.upper(): "1"}} for name in PLANTED}
    study = Study(
        name="orders",
        title="Switches",
        service=Service(command="serve --bind {host}:{port}"),
        arms=crossed(Arm("base"), **switches),
        scenarios=(Scenario("list", "/api/orders"),),
        factors=tuple(PLANTED) if request.param else (),
    )
    cells = draw_schedule(study, 1)
    store = Store.open(Path(tmp_path_factory.mktemp("crossed")) / "store.sqlite")
    planned = store.plan("orders", study.declaration(), 1, study.blocks, cells, {"cpus": 2}, {})
    random = np.random.default_rng(5)
    factors = {arm.label: arm.factors for arm in study.arms}
    for cell in cells:
        times = seconds(factors[cell.label]) * np.exp(random.normal(0, 0.01, 20))
        store.append(
            planned,
            cell,
            CellResult((times * 1e9).astype(np.int64), None, 0.0, datetime.now(UTC), 1),
        )
    store.finish(planned, {})
    return store.run(planned)


def test_shares_and_interactions_hold_what_was_planted(run: Run) -> None:
    frame = findings.attribution(run)
    cold = frame[frame["temperature"] == "cold"].set_index("optimization")
    assert list(cold.index) == list(PLANTED)
    half = np.log(BOTH) / 2
    for name, gain in PLANTED.items():
        expected = np.log(gain) + (half if name in ("zpool", "nagle") else 0)
        assert cold.loc[name, "shapley"] == pytest.approx(expected, abs=0.02)
        assert cold.loc[name, "main"] == pytest.approx(expected, abs=0.02)
    assert cold["portion"].sum() == pytest.approx(1)
    assert set(findings.interactions(run)["temperature"]) == {"cold"}, "nothing is cached, so nothing is said twice"
    pairs = findings.interactions(run).set_index(["one", "other"])["effect"]
    assert set(pairs.index) == {("zpool", "nagle"), ("zpool", "brotli"), ("nagle", "brotli")}
    assert pairs[("zpool", "nagle")] > 0.1 > abs(pairs[("zpool", "brotli")])


def test_every_order_of_the_switches_is_credited(run: Run) -> None:
    orders = by_order
    steps = orders.order_ladder(run, "brotli, zpool, nagle", temperature="cold")
    assert list(steps["change"]) == ["+ brotli", "+ zpool", "+ nagle"]
    assert steps["reached"].iloc[-1] == pytest.approx(1 / seconds(tuple(PLANTED)), rel=0.02)
    assert orders.best_order(run, temperature="cold") == "zpool, nagle, brotli"
    credits = orders.order_credits(run, temperature="cold", there="zpool, nagle, brotli", back="brotli, nagle, zpool")
    assert list(credits.index) == list(PLANTED)
    assert credits.loc["zpool", "back"] / credits.loc["zpool", "there"] == pytest.approx(BOTH, rel=0.03)
    everything = orders.order_steps(run).query("temperature == 'cold'")
    assert len(everything) == 12

"""The cost side, measured on real servers; no test asserts a time."""

from collections.abc import Callable
from functools import cache

import psycopg
import pytest

from perfstudy.listing import costs
from perfstudy.listing.lab import Database, Lab
from perfstudy.listing.optimization import Optimization
from perfstudy.listing.optimizations import ALL, BY_NAME
from perfstudy.listing.variant import Variant
from perfstudy.model.catalog import load_studies
from perfstudy.model.study import add_control


@pytest.fixture(scope="module")
def copies(lab: Lab):  # type: ignore[no-untyped-def]
    """Give a working copy for each state of the schema."""
    opened: dict[tuple[str, ...], Database] = {}

    def give(scale: str, variant: Variant) -> Database:
        key = tuple(o.schema for o in variant if o.schema)
        if key not in opened:
            opened[key] = lab.database(scale)
        opened[key].reconcile(variant)
        return opened[key]

    yield give
    for database in opened.values():
        database.close()


DIGEST = b"SELECT md5(string_agg(t::text, '' ORDER BY id)) FROM ads_programregistry t"


@pytest.fixture(scope="module")
def measured(lab: Lab, copies) -> Callable[[str], list[costs.Cost]]:  # type: ignore[no-untyped-def]
    """Measure what an optimization costs, once for all tests."""
    cost_side = costs.CostSide(lab, copies, rounds=3)
    return cache(lambda name: list(cost_side.measured("tiny", BY_NAME[name])))


@pytest.mark.parametrize("optimization", ALL, ids=lambda o: o.name)
def test_costs_are_positive_and_named(measured: Callable[[str], list[costs.Cost]], optimization: Optimization) -> None:
    found = measured(optimization.name)
    assert {cost.optimization for cost in found} <= {optimization.name}
    assert all(cost.value >= 0 and cost.unit for cost in found)
    quantities = [cost.quantity for cost in found]
    assert len(quantities) == len(set(quantities))
    assert bool(found) == bool(optimization.schema or optimization.caches or "DATABASES" in optimization.settings)


def test_kept_connections_are_seen_at_the_server(measured: Callable[[str], list[costs.Cost]]) -> None:
    held = {cost.quantity.rsplit(", ", 1)[1]: cost.value for cost in measured("connections")}
    assert held["baseline"] == held["gunicorn"] == 0
    assert held["connections"] == costs.CLIENTS
    assert 0 < held["connections+gunicorn"] <= 2


def test_writes_leave_the_data_as_they_were(lab: Lab, copies) -> None:  # type: ignore[no-untyped-def]
    database = copies("tiny", Variant((BY_NAME["index"],)))
    # An open transaction would keep VACUUM from shortening the table, which it tries for seconds.
    with psycopg.connect(database.url, autocommit=True) as connection:
        before = connection.execute(DIGEST).fetchone()
        list(costs.CostSide(lab, copies, rounds=1).measured("tiny", BY_NAME["index"]))
        assert connection.execute(DIGEST).fetchone() == before


def test_the_costs_of_what_a_run_leaves_out_are_not_measured() -> None:
    ladder = load_studies()["ladder"]
    chosen = ("related+values+cache",)
    narrowed = ladder.narrow(arms=add_control([ladder.service.reference, *map(ladder.service.arm, chosen)]))
    assert [optimization.name for optimization in costs.list_measured(narrowed)] == ["related", "values", "cache"]
    assert {optimization.name for optimization in costs.list_measured(ladder)} == set(ladder.factors)

"""Schedules: complete, balanced, drawn from the seed alone."""

from collections import Counter
from itertools import groupby, pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfstudy.listing.studies import STUDIES
from perfstudy.measure.schedule import balance_orders, count, draw_schedule, estimate_block, estimate_seconds
from perfstudy.model.study import Study


@given(st.integers(1, 9), st.integers(1, 20), st.integers())
def test_each_order_holds_each_thing_once(count: int, rows: int, seed: int) -> None:
    orders = balance_orders(count, rows, Random(seed))
    assert len(orders) == rows
    assert all(sorted(order) == list(range(count)) for order in orders)


@given(st.integers(1, 9), st.integers(1, 3), st.integers())
def test_whole_groups_are_balanced(count: int, groups: int, seed: int) -> None:
    orders = balance_orders(count, count * groups, Random(seed))
    for place in range(count):
        assert set(Counter(order[place] for order in orders).values()) == {groups}


@pytest.mark.parametrize("study", STUDIES.values(), ids=lambda s: s.name)
def test_every_block_holds_every_cell_once(study: Study) -> None:
    cells = draw_schedule(study.narrow(blocks=3), seed=7)
    assert len({cell.key for cell in cells}) == len(cells)
    blocks = [{cell.key[1:] for cell in cells if cell.block == block} for block in range(3)]
    assert blocks[0] == blocks[1] == blocks[2]
    warm = {cell.variant for cell in cells if cell.temperature == "warm"}
    assert warm == {arm.name for arm in study.arms if arm.caches}
    assert {cell.scenario for cell in cells} == {*study.scenarios, "noop"}


@pytest.mark.parametrize("study", STUDIES.values(), ids=lambda s: s.name)
def test_the_cells_of_a_process_follow_each_other(study: Study) -> None:
    cells = draw_schedule(study.narrow(blocks=2), seed=7)
    processes = [(cell.block, cell.label, cell.scale) for cell in cells]
    changes = 1 + sum(one != other for one, other in pairwise(processes))
    assert changes == len(set(processes))


def test_the_actions_in_one_page_follow_each_other() -> None:
    cells = draw_schedule(STUDIES["frontend"].narrow(blocks=4), seed=7)
    for _, group in groupby(cells, key=lambda cell: (cell.block, cell.label)):
        asked = [(cell.scenario, cell.temperature) for cell in group if cell.scenario not in ("noop", "keys-server")]
        assert asked == [
            *(("open", "cold"), ("open", "warm"), ("elsewhere", "cold"), ("scroll", "cold")),
            *(("keys", "cold"), ("clear", "cold"), ("choose", "cold")),
        ]
    for before, cell in pairwise(draw_schedule(STUDIES["whole"].narrow(blocks=2), seed=7)):
        if cell.temperature == "warm":
            assert (before.scenario, before.temperature) == (cell.scenario, "cold")


@given(st.integers())
def test_a_seed_draws_one_schedule(seed: int) -> None:
    study = STUDIES["ladder"].narrow(blocks=2)
    assert draw_schedule(study, seed) == draw_schedule(study, seed)


def test_different_seeds_draw_different_schedules() -> None:
    assert draw_schedule(STUDIES["ladder"], 1) != draw_schedule(STUDIES["ladder"], 2)


def test_more_blocks_take_longer() -> None:
    study = STUDIES["ladder"]
    ten, twenty = (estimate_seconds(study.narrow(blocks=blocks)) for blocks in (10, 20))
    assert twenty > ten > 0
    assert estimate_block(study) == pytest.approx((twenty - ten) / 10)


@pytest.mark.parametrize("study", STUDIES.values(), ids=lambda s: s.name)
def test_cells_are_counted_without_drawing_them(study: Study) -> None:
    study = study.narrow(blocks=2)
    assert count(study) == len(draw_schedule(study, 1))

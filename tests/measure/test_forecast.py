"""The forecast of a run: near the truth before it begins, and led by what was measured from then on."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from perfstudy.listing.compiling import arms
from perfstudy.listing.studies import STUDIES
from perfstudy.listing.variant import BASELINE
from perfstudy.measure.forecast import START, Forecast, guess_evidence, name_cell, plan_cells, recall_seconds
from perfstudy.measure.schedule import draw_schedule, estimate_seconds
from perfstudy.model.catalog import restore
from perfstudy.model.progress import Step
from perfstudy.results import CellResult, Store
from perfstudy.results.published import load_published

STUDY = STUDIES["ladder"].narrow(blocks=4)


@pytest.mark.parametrize("name", ["aa-medium", "ladder-medium", "scale-tiny-to-large", "depth-medium-best"])
def test_the_first_estimate_is_within_a_third_of_what_a_published_run_took(name: str) -> None:
    published = load_published(name)
    took = sum(published.record["notes"]["wall_seconds"].values())
    assert estimate_seconds(restore(published.declaration)) == pytest.approx(took, rel=1 / 3)


def test_an_earlier_run_tells_how_long_a_request_takes(tmp_path: Path) -> None:
    study = STUDY.narrow(arms=arms([BASELINE]), scenarios=("page",), costs=None)
    page, noop = np.full(40, 10**8), np.full(40, 10**6)
    with Store.open(tmp_path / "store.sqlite") as store:
        assert recall_seconds(store, study) == {}
        run = store.plan(study.name, study.declaration(), 1, study.blocks, draw_schedule(study, 1), {}, {})
        assert recall_seconds(store, study) == {}, "nothing of it is measured"
        for cell in store.schedule(run):
            latencies = noop if cell.scenario == "noop" else page
            store.append(run, cell, CellResult(latencies, None, 0.1, datetime.now(UTC), 5))
        known = recall_seconds(store, study)
    assert known[name_cell(cell)] == pytest.approx(latencies[0] / 1e9)
    cells = study.blocks * len(study.arms) * (START + 0.1 * (5 + 30) + 0.001 * (5 + 40))
    assert estimate_seconds(study, known) == pytest.approx(cells + guess_evidence(study)), "3 seconds hold 30 requests"


class Clock:
    """A clock that goes on when it is told to."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def run_blocks(blocks: int, slower: float) -> tuple[list[Step], list[float]]:
    """Return the steps of so many blocks that take *slower* times their guess, and the time that each began."""
    clock, steps, times = Clock(), list[Step](), list[float]()
    forecast, cells = Forecast(steps.append, clock), draw_schedule(STUDY, 1)
    plan_cells(forecast, STUDY, cells)
    guesses = {name_cell(cell): forecast.expect(name_cell(cell)) * slower for cell in cells}
    forecast.drop(lambda work: work[0] == "start")
    for cell in cells:
        if cell.block < blocks:
            times.append(clock.now)
            forecast.begin(name_cell(cell), f"block {cell.block + 1}")
            clock.now += guesses[name_cell(cell)]
    forecast.end()
    assert forecast.left() == pytest.approx(sum(guesses.values()) * (STUDY.blocks - blocks))
    return steps, times


@pytest.mark.parametrize("slower", [0.2, 1.0, 5.0])
def test_after_the_first_block_the_time_left_is_that_of_the_cells_measured(slower: float) -> None:
    steps, times = run_blocks(STUDY.blocks, slower)
    whole = times[-1] + steps[-1].left
    for step, time in zip(steps, times, strict=True):
        if step.stage != "block 1":
            assert step.done + step.left == pytest.approx(whole)
            assert step.done == pytest.approx(time)
    half = steps[len(steps) // 8]
    assert half.left == pytest.approx(whole - half.done, rel=0.5), "half a block tells how slow the machine is"


def test_what_is_dropped_takes_no_time() -> None:
    forecast = Forecast()
    plan_cells(forecast, STUDY, draw_schedule(STUDY, 1))
    before = forecast.left()
    forecast.drop(lambda work: work[1] == "baseline")
    assert 0 < forecast.left() < before
    forecast.drop(lambda work: True)
    assert forecast.left() == 0

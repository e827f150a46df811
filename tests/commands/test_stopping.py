"""``--until`` and ``--within``: what they take, and when a run ends."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from perfstudy.commands.stopping import Deadline, describe_end, make_stop, parse_duration, plan_stop
from perfstudy.errors import UsageError
from perfstudy.findings.findings import Findings
from perfstudy.listing.compiling import arms
from perfstudy.listing.studies import declare
from perfstudy.listing.variant import BASELINE, parse
from perfstudy.measure.schedule import draw_schedule
from perfstudy.model.claim import Claim
from perfstudy.model.study import Study
from perfstudy.results import CellResult, Store
from perfstudy.results.remarks import STOPPED

STUDY = declare("stops", "Stops", arms([BASELINE, parse("index")]), scenarios=("page",), blocks=4)

NOISE = 0.04
"""The standard deviation of a cell's log time: about 4%."""


def fill(store: Store, study: Study, factor: float, blocks: int) -> str:
    """Store a run whose variant is *factor* times as fast, measured in its first *blocks*."""
    random = np.random.default_rng(1)
    run = store.plan(study.name, study.declaration(), 1, study.blocks, draw_schedule(study, 1), {}, {})
    for cell in store.schedule(run):
        if cell.block < blocks:
            level = np.log(0.01 / (factor if cell.label == "index" else 1)) + random.normal(0, NOISE)
            seconds = np.exp(level + random.normal(0, 0.01, 20))
            store.append(run, cell, make_result(seconds))
    return run


def make_result(seconds: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> CellResult:
    """Return the result of a cell whose requests took so many *seconds*."""
    return CellResult(
        latencies=(seconds * 1e9).astype(np.int64),
        first_ns=None,
        setup_seconds=0.0,
        started_at=datetime.now(UTC),
        warmups=0,
        server_timing={},
        bytes=1,
        errors=0,
    )


@pytest.mark.parametrize(("factor", "why"), [(2.0, "everything is decided"), (1.02, "")])
def test_a_study_stops_at_a_look_when_everything_is_decided(tmp_path: Path, factor: float, why: str) -> None:
    claim = Claim("gain", "an index is faster", variant="index", reference="baseline")
    study = plan_stop(replace(STUDY, claims=(claim,)), "decided", None)
    assert (study.looks, study.blocks) == ((10, 20, 40), 40)
    with Store.open(str(tmp_path / "store.sqlite")) as store:
        stop = make_stop(study, store, fill(store, study, factor, blocks=10), Deadline(None))
        assert stop(9) == "", "no look is planned there"
        assert stop(10) == why


def test_a_width_is_planned_from_the_first_ten_blocks(tmp_path: Path) -> None:
    study = plan_stop(STUDY, "5%", None)
    with Store.open(str(tmp_path / "store.sqlite")) as store:
        stop = make_stop(study, store, fill(store, study, 2.0, blocks=12), Deadline(None))
        assert stop(9) == "", "the pilot is not complete"
        assert "planned to reach 0.05" in next(filter(None, map(stop, range(10, study.blocks))))


def test_time_is_up_at_the_end_of_a_block(tmp_path: Path) -> None:
    with Store.open(str(tmp_path / "store.sqlite")) as store:
        run = fill(store, STUDY, 2.0, blocks=2)
        over, ahead = Deadline(-1.0), Deadline(3600)
        assert make_stop(STUDY, store, run, over)(2) == "", "its time has not begun"
        over.begin()
        ahead.begin()
        assert make_stop(STUDY, store, run, over)(2) == "its time was up"
        assert make_stop(STUDY, store, run, ahead)(2) == ""
        assert make_stop(STUDY, store, run, over)(STUDY.blocks) == "", "it was at its end anyway"


def test_a_run_that_stopped_is_finished_and_says_why(tmp_path: Path) -> None:
    study = plan_stop(STUDY, "decided", None)
    with Store.open(str(tmp_path / "store.sqlite")) as store:
        run = fill(store, study, 2.0, blocks=10)
        store.note(run, STOPPED, {"blocks": 10, "why": "everything is decided"})
        store.finish(run, {})
        assert store.run(run).finished
        assert describe_end(Findings(store.run(run))) == "stopped after 10 of 40 blocks, since everything is decided"


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("20m", 1200), ("1.5h", 5400)])
def test_a_duration_has_a_unit(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "20", "m", "-5m", "0s", "1e9h", "999999h", "5 m", "٣m"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--within is"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["", "later", "5", "0%", "0.01%", "101%", "-5%", "nan%"])
def test_what_is_nothing_to_go_on_for_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--until is"):
        plan_stop(STUDY, text, None)


def test_too_few_blocks_to_look_at_are_refused() -> None:
    with pytest.raises(UsageError, match="too few to look at"):
        plan_stop(STUDY, "decided", 4)

"""The runner: complete runs, whole cells, and runs that were killed and resumed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from perfstudy.listing.compiling import arms
from perfstudy.listing.lab import Lab
from perfstudy.listing.studies import declare
from perfstudy.listing.variant import BASELINE, parse
from perfstudy.listing.versioned_cache import LEASE_SECONDS
from perfstudy.measure.runner import Runner
from perfstudy.measure.schedule import draw_schedule
from perfstudy.model.progress import Step
from perfstudy.results import Store
from perfstudy.results.remarks import RESTARTED
from tests.measure.bending import bend_an_answer

STUDY = declare(
    name="small",
    title="A small study",
    arms=arms([BASELINE, parse("index+related+values+cache")]),
    scenarios=("page", "business"),
    scales=("tiny",),
    blocks=2,
    requests=5,
    least=2,
    costs=None,
)

STEPS: list[Step] = []
"""What the finished run reported."""


LEASED = "connections+gunicorn+cache+invalidate+lease+bytes+near"
"""A variant that answers hits from its memory, for a moment even after its cache was emptied."""


@pytest.fixture(scope="module")
def store(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Return a store that holds one finished run."""
    opened = Store.open(tmp_path_factory.mktemp("runner") / "store.sqlite")
    runner = Runner(lab, opened, steps=STEPS.append)
    runner.fill(runner.start(STUDY, seed=5))
    return opened


def test_each_step_says_what_is_measured_and_how_long_the_rest_takes(store: Store) -> None:
    schedule = store.schedule(store.run().id)
    stages = list(dict.fromkeys(step.stage for step in STEPS))
    assert stages == ["evidence", "block 1 of 2", "block 2 of 2"]
    assert [step.detail for step in STEPS if step.is_block and ", " in step.detail] == [
        f"{cell.label}, {cell.scenario}" for cell in schedule
    ]
    assert {step.detail for step in STEPS if step.stage == "evidence"} == {arm.name for arm in STUDY.arms}
    assert STEPS[0].done == 0 < STEPS[0].left
    assert STEPS[-1].left == pytest.approx(STEPS[-1].now), "nothing is left after the last cell"
    assert [step.done for step in STEPS] == sorted(step.done for step in STEPS)


def test_every_planned_cell_is_measured_once(store: Store) -> None:
    run = store.run()
    assert run.finished
    assert RESTARTED not in run.notes
    assert [cell.key for cell in draw_schedule(STUDY, 5)] == [cell.key for cell in store.schedule(run.id)]
    assert len(run.cells) == len(draw_schedule(STUDY, 5))
    assert store.missing(run.id) == []


def test_a_cold_cell_after_a_warm_one_is_cold_though_the_process_remembers(lab: Lab, tmp_path: Path) -> None:
    leased = declare(
        name="leased",
        title="Leases",
        arms=arms([parse(LEASED)], control=False),
        scenarios=("page", "business"),
        scales=("tiny",),
        blocks=8,
        requests=5,
        least=5,
        costs=None,
    )
    assert leased.arms[0].remembers > LEASE_SECONDS
    with Store.open(tmp_path / "store.sqlite") as opened:
        runner = Runner(lab, opened)
        run = runner.start(leased, seed=1)
        runner.fill(run)
        assert opened.missing(run) == []


def test_each_process_has_one_first_request(store: Store) -> None:
    cells = store.run().cells
    first = cells[cells["first_ns"].notna()]
    assert len(first) == len(STUDY.arms) * STUDY.blocks == len(first[["block", "label"]].drop_duplicates())


def test_the_evidence_explains_each_scenario(store: Store) -> None:
    evidence = {(e["variant"], e["scenario"], e["temperature"]): e for e in store.run().evidence}
    baseline = evidence["baseline", "page", "cold"]
    cached = "index+related+values+cache"
    assert baseline["statement_count"] > 20
    assert evidence[cached, "page", "cold"]["statement_count"] == 3
    assert evidence[cached, "page", "warm"]["statement_count"] == 0
    assert evidence[cached, "page", "cold"]["cache"] == "MISS"
    assert evidence[cached, "page", "warm"]["cache"] == "HIT"
    assert baseline["gate_differences"] == 0 < baseline["gate_requests"]


def test_each_purpose_of_a_run_has_its_seconds_and_none_counts_twice(store: Store) -> None:
    """What no purpose accounts for would be negative if a second were counted under two of them."""
    run = store.run()
    spent = run.notes["wall_seconds"]
    assert set(spent) == {"evidence", "set-up", "timed", "costs", "other"}
    assert spent["timed"] == pytest.approx(run.samples["seconds"].sum())
    assert spent["set-up"] > run.cells["setup_seconds"].sum()
    assert spent["evidence"] > 0 <= spent["other"]


def test_a_variant_that_answers_otherwise_is_excluded(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service that is wrong on purpose: its variant gives one business's programs another name."""
    study = STUDY.narrow(arms=arms([BASELINE, parse("related")], control=False), scenarios=("page",), blocks=1)
    bend_an_answer(lab, monkeypatch)
    with Store.open(tmp_path / "store.sqlite") as opened:
        runner = Runner(lab, opened)
        runner.fill(run := runner.start(study, seed=1))
        found = opened.run(run)
        assert list(found.excluded) == ["related"]
        assert "1 of" in found.excluded["related"]
        assert set(found.cells["variant"]) == {"baseline"}


KILLED = f"""
from perfstudy import Arm, Scenario, Service, Study

STUDY = Study(
    name="killed",
    title="A service that is served anew for each cell",
    service=Service(
        command=({sys.executable!r}, {str(Path(__file__).with_name("odd_service.py"))!r}, "sound", "{{port}}"),
        python={sys.executable!r},
        ready="/health",
    ),
    arms=(Arm("one"), Arm("other")),
    scenarios=(Scenario("list", "/list"),),
    blocks=6,
    requests=5,
)
"""
"""A study whose evidence is collected quickly: it is collected once more with each resumption."""


def test_a_run_that_is_killed_again_and_again_resumes_without_a_duplicate(tmp_path: Path) -> None:
    """Kill -9 once 1 and 5 cells are stored; nothing stays behind, and the schedule stays what was planned."""
    file, study = tmp_path / "store.sqlite", tmp_path / "killed.py"
    study.write_text(KILLED)
    environment = os.environ | {"PERFSTUDY_STORE": str(file)}
    command, arguments = [sys.executable, "-m", "perfstudy", "run"], [str(study)]
    planned = None
    for cells in (1, 5):
        opened = _killed([*command, *arguments], environment, file, cells)
        run = opened.summaries()[0].id
        planned = planned or opened.schedule(run)
        assert opened.schedule(run) == planned
        assert cells <= len(planned) - len(opened.missing(run)) < len(planned)
        arguments = ["--resume", run]
    resumed = subprocess.run([*command, *arguments], env=environment, capture_output=True, text=True, check=False)
    assert resumed.returncode == 0, resumed.stderr
    assert opened.schedule(run) == planned
    measured = opened.run(run).cells
    assert (
        len(measured) == len(planned) == len(measured[["block", "label", "scenario", "temperature"]].drop_duplicates())
    )


def _killed(command: list[str], environment: dict[str, str], file: Path, cells: int) -> Store:
    """Kill a run once *cells* are stored, and return the store; what it had started ends with it."""
    running = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    opened = _wait_for(running, file, cells)
    children: list[psutil.Process] = []
    while not children:  # between two cells there is no service for a moment
        children = psutil.Process(running.pid).children(recursive=True)
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    _, alive = psutil.wait_procs(children, timeout=60)
    assert not [child for child in alive if child.status() != psutil.STATUS_ZOMBIE]
    return opened


def _wait_for(running: "subprocess.Popen[bytes]", file: Path, cells: int) -> Store:
    opened: Store | None = None
    while running.poll() is None:
        if opened is None and file.exists():
            opened = Store.open(file)
        if opened is not None and opened.summaries() and opened.summaries()[0].measured >= cells:
            return opened
        time.sleep(0.02)
    raise AssertionError(f"it ended before {cells} cells were measured")

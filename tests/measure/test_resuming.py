"""Going on with a run: only where it began, only one process, and only with commands that its reader has read."""

import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from perfstudy import __version__
from perfstudy.errors import UsageError
from perfstudy.listing.compiling import arms, declare_competitor
from perfstudy.listing.lab import Lab
from perfstudy.listing.studies import declare
from perfstudy.listing.variant import BASELINE, parse
from perfstudy.measure.resuming import check_environment, join_run
from perfstudy.measure.runner import Runner
from perfstudy.measure.schedule import draw_schedule
from perfstudy.model.study import Study
from perfstudy.results import CellResult, Store, document
from perfstudy.results.machines import MACHINES, MERGED, read_machines
from tests.commands.test_commands import here, perfstudy
from tests.measure.bending import bend_an_answer

STUDY = declare(
    name="resumed",
    title="A small study",
    arms=arms([BASELINE, parse("related")], control=False),
    scenarios=("page",),
    scales=("tiny",),
    blocks=2,
    requests=2,
    least=2,
    costs=None,
)


RESULT = CellResult(np.array([5_000_000]), None, 0.1, datetime(2026, 11, 2, tzinfo=UTC), 1, {}, 10)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "store.sqlite") as opened:
        yield opened


def planned(store: Store, study: Study, identity: Mapping[str, Any]) -> str:
    """Plan a run of *study* in an environment of that *identity*."""
    return store.plan(study.name, study.declaration(), 1, study.blocks, draw_schedule(study, 1), identity, {})


def resumed(store: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return here("run", "--resume", *arguments, store=store)


def leaves(value: Mapping[str, Any], *above: str) -> Iterator[tuple[str, ...]]:
    for key, inner in value.items():
        yield from leaves(inner, *above, key) if isinstance(inner, Mapping) else [(*above, key)]


def other(value: Mapping[str, Any], *place: str) -> dict[str, Any]:
    """Return a copy of *value* with another value at *place*."""
    first, *rest = place
    return {**value, first: other(value[first], *rest) if rest else "another"}


def test_every_part_of_the_environment_must_be_as_it_was(lab: Lab, store: Store) -> None:
    identity = Runner(lab, store)._identity(STUDY)
    check_environment(store.run(planned(store, STUDY, identity)), identity)
    places = list(leaves(identity))
    assert {"cpu", "kernel", "python", "perfstudy", "commit"} <= {place[0] for place in places}
    assert {"servers", "settings", "packages"} <= {place[0] for place in places}
    run = store.run()
    for place in places:
        with pytest.raises(UsageError, match=rf"cannot go on here, .*\({'.'.join(place)}: ") as caught:
            check_environment(replace(run, environment=other(run.environment, *place)), identity)
        assert len(str(caught.value).splitlines()) == 1


def test_a_run_from_another_machine_is_refused_before_a_request(lab: Lab, store: Store, tmp_path: Path) -> None:
    run = planned(store, STUDY, Runner(lab, store)._identity(STUDY) | {"cpu": "of another machine"})
    found = resumed(tmp_path / "store.sqlite", run)
    assert (found.returncode, found.stderr.splitlines()[-1].partition(": ")[0]) == (2, "error")
    assert "cpu: 'of another machine' and " in found.stderr
    assert "Traceback" not in found.stderr
    assert store.run(run).evidence == []


def test_commands_of_an_imported_run_are_shown_and_not_run(store: Store, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    rival = declare_competitor("theirs", "Theirs", ("touch", str(ran)))
    foreign = STUDY.narrow(arms=(*arms([BASELINE], control=False), rival))
    with Store.open(tmp_path / "theirs.sqlite") as theirs:
        run = document.restore(store, document.dump(theirs, planned(theirs, foreign, {"cpu": "theirs"})))
    found = resumed(tmp_path / "store.sqlite", run)
    assert (found.returncode, len(found.stderr.splitlines())) == (2, 1)
    assert f"touch {ran}" in found.stderr
    assert "--trust-commands" in found.stderr
    trusted = resumed(tmp_path / "store.sqlite", run, "--trust-commands")
    assert trusted.returncode == 2
    assert "cannot go on here" in trusted.stderr, "trust in commands is none in their machine"
    assert not ran.exists()


def test_a_runner_asks_for_trust_too(lab: Lab, store: Store, tmp_path: Path) -> None:
    rival = declare_competitor("theirs", "Theirs", ("touch", str(tmp_path / "ran")))
    runner = Runner(lab, store)
    foreign = STUDY.narrow(arms=(rival,))
    with Store.open(tmp_path / "theirs.sqlite") as theirs:
        run = document.restore(store, document.dump(theirs, planned(theirs, foreign, runner._identity(STUDY))))
    with pytest.raises(UsageError, match="add --trust-commands"):
        runner.fill(run)
    assert not (tmp_path / "ran").exists()
    runner.fill(run, trust_commands=True)
    assert (tmp_path / "ran").exists()
    assert "not testable here" in store.run(run).excluded[rival.name]


def test_a_study_that_cannot_be_read_is_one_line(lab: Lab, store: Store) -> None:
    runner = Runner(lab, store)
    for declaration in ({}, {"arms": 5}, {"arms": [5]}, STUDY.declaration() | {"more": 1}):
        run = store.plan("x", declaration, 1, 1, draw_schedule(STUDY, 1), runner._identity(STUDY), {})
        with pytest.raises(UsageError, match="its study cannot be read"):
            runner.fill(run)


class StoppedError(Exception):
    """The reader had enough."""


def test_the_gate_is_passed_again(lab: Lab, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the two parts of a run the service becomes wrong in one answer of one variant."""

    def stop(stage: str, done: float, total: float) -> None:
        if stage == "measuring" and done == 2:
            raise StoppedError

    run = Runner(lab, store).start(STUDY, seed=1)
    with pytest.raises(StoppedError):
        Runner(lab, store, stop).fill(run)
    assert {entry["variant"] for entry in store.evidence(run)} == {"baseline", "related"}
    bend_an_answer(lab, monkeypatch)
    Runner(lab, store).fill(run)
    assert "1 of" in store.run(run).excluded["related"]


def test_a_run_that_is_alive_is_refused_at_once(lab: Lab, store: Store, tmp_path: Path) -> None:
    run = Runner(lab, store).start(STUDY, seed=1)
    with store.hold_claim(run):
        found = perfstudy("run", "--resume", run, store=tmp_path / "store.sqlite")
        assert (found.returncode, len(found.stderr.splitlines())) == (2, 1)
        assert f"is being measured already, by process {os.getpid()}" in found.stderr
    assert resumed(tmp_path / "store.sqlite", run).returncode == 0


def test_the_study_file_that_an_imported_run_names_is_shown_and_not_run(store: Store, tmp_path: Path) -> None:
    ran, file = tmp_path / "ran", tmp_path / "study.py"
    file.write_text(f"from pathlib import Path\nPath({str(ran)!r}).touch()\n")
    declaration = STUDY.declaration() | {"file": str(file)}
    with Store.open(tmp_path / "theirs.sqlite") as theirs:
        planned_there = theirs.plan("x", declaration, 1, 1, draw_schedule(STUDY, 1), {"cpu": "theirs"}, {})
        run = document.restore(store, document.dump(theirs, planned_there))
    found = resumed(tmp_path / "store.sqlite", run)
    assert not ran.exists()
    assert (found.returncode, len(found.stderr.splitlines())) == (2, 1)
    assert str(file) in found.stderr
    assert "--trust-commands" in found.stderr


def test_a_run_joined_from_parts_goes_on_elsewhere_by_whole_blocks(store: Store) -> None:
    there, here = {"cpu": "theirs", "perfstudy": __version__}, {"cpu": "ours", "perfstudy": __version__}
    run = planned(store, STUDY, there)
    first, *_ = store.schedule(run)
    store.note(run, MERGED, [run])
    join_run(store, store.run(run), here)
    assert [one.blocks for one in read_machines(store.run(run).notes)] == [{0, 1}], "nothing was measured yet"
    store.append(run, first, RESULT)
    store.note(run, MACHINES, [{"identity": there, "blocks": [0]}])
    with pytest.raises(UsageError, match=r"block 1 was begun on another machine \(theirs\)"):
        join_run(store, store.run(run), here)
    for cell in store.missing(run):
        if cell.block == 0:
            store.append(run, cell, RESULT)
    join_run(store, store.run(run), here)
    found = read_machines(store.run(run).notes)
    assert [(one.identity["cpu"], one.blocks) for one in found] == [("theirs", {0}), ("ours", {1})]
    with pytest.raises(UsageError, match=r"this is 0\.0: go on with that version"):
        join_run(store, store.run(run), here | {"perfstudy": "0.0"})

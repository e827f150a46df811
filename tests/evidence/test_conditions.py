"""A joined run has the warnings of each machine that measured it, of its worst moment."""

from pathlib import Path

import pytest

from perfstudy.evidence.conditions import list_run_warnings
from perfstudy.results import Store, document
from perfstudy.results.joining import add_part
from perfstudy.results.merging import Part, merge_parts
from tests.results.conftest import IDENTITY, plan, planned, result
from tests.results.test_merging import OTHER, change
from tests.results.test_sharing import make_part

LOADS = {0: 0.5, 1: 1.75, 2: 1.25}


def make(block: int) -> Part:
    """Block 1 on a machine of its own, each under another load."""
    part = make_part(block, 3, cpu=(OTHER if block == 1 else IDENTITY)["cpu"])
    return change(part, "run", "telemetry_before", to={"load": [LOADS[block]], "available_gib": 8.0 - block})


@pytest.mark.parametrize("joined", ["merged", "added"])
def test_each_machine_keeps_its_warnings(joined: str, tmp_path: Path) -> None:
    with Store.open(tmp_path / "results.sqlite") as store:
        if joined == "merged":
            body = merge_parts([make(block) for block in LOADS])
            run = document.restore(store, body)
        else:
            run = plan(store)
            for block in LOADS:
                add_part(store, run, make(block))
        found = store.run(run)
        said = list_run_warnings(found.environment, found.telemetry["before"], found.notes)
        assert [warning.split(": ")[1] for warning in said] == [
            "load of 1.2 on 2 CPUs",
            "load of 1.8 on 2 CPUs",
        ]
        assert [warning.partition(":")[0] for warning in said] == ["machine 1", "machine 2"]


def test_a_run_on_one_machine_names_none(tmp_path: Path) -> None:
    with Store.open(tmp_path / "results.sqlite") as store:
        run = store.plan("ladder", {}, 7, 1, planned(1), IDENTITY, {"load": [9.0]})
        for cell in store.missing(run):
            store.append(run, cell, result(cell))
        found = store.run(run)
        (warning,) = list_run_warnings(found.environment, found.telemetry["before"], found.notes)
        assert warning.startswith("load of 9.0 on 2 CPUs: ")

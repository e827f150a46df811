"""A run of several machines: every place that shows it says on which of them a verdict holds."""

from pathlib import Path
from typing import Any

import pytest

from perfstudy.commands.verdicts import print_verdicts
from perfstudy.findings.findings import Findings
from perfstudy.findings.machines import COMBINED
from perfstudy.report import render, summarise
from perfstudy.results import Store
from perfstudy.results.machines import MACHINES
from tests.report.shop import store_run


def note(*blocks: range) -> dict[str, Any]:
    """Return the note of a run whose *blocks* were measured on as many machines."""
    identities = [{"cpu": f"Processor {number}", "cpus": 2, "kernel": "6"} for number in range(1, len(blocks) + 1)]
    rows = [{"identity": one, "blocks": list(mine)} for one, mine in zip(identities, blocks, strict=True)]
    return {MACHINES: rows}


@pytest.fixture
def found(tmp_path: Path) -> Findings:
    """The findings of a run on three machines, the last of which measured one block."""
    with Store.open(tmp_path / "store.sqlite") as store:
        return Findings(store_run(store, notes=note(range(4), range(4, 9), range(9, 10))))


def test_each_machine_has_its_row_and_the_combined_one(found: Findings) -> None:
    frame = found.on_machines
    rows = frame[(frame["label"] == "prefetch") & (frame["scenario"] == "list")].set_index("machine")
    assert list(rows.index) == ["machine 1", "machine 2", "machine 3", COMBINED]
    assert list(rows["blocks"]) == [4, 5, 1, 10]
    shown = found.comparisons.query("label == 'prefetch' and scenario == 'list'").iloc[0]
    assert rows.loc[COMBINED, ["speedup", "low", "high"]].tolist() == shown[["speedup", "low", "high"]].tolist()


def test_the_report_the_summary_and_the_terminal_say_it(
    found: Findings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = render(found, tmp_path / "report.html").read_text(encoding="utf-8")
    print_verdicts(found)
    said = "it holds only on machines 1 and 2; inconclusive on machine 3"
    for text in (page, summarise(found), capsys.readouterr().out):
        assert said in " ".join(text.split())
    assert '<h2 id="machines-title"' in page
    assert "differs from machine 1 in" in page
    assert "Machine 3: Processor 3, 2 CPUs; 1 block." in summarise(found)


def test_a_run_of_one_machine_says_nothing_of_it(tmp_path: Path) -> None:
    with Store.open(tmp_path / "store.sqlite") as store:
        alone = Findings(store_run(store, notes=note(range(10))))
        page = render(alone, tmp_path / "report.html").read_text(encoding="utf-8")
    assert alone.machines == []
    assert alone.on_machines.empty
    assert 'id="machines"' not in page
    assert "machine 1" not in summarise(alone)

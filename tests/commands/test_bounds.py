"""Runs that are too large to plan, and a program that is told to stop."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from perfstudy.errors import PerfstudyError
from perfstudy.measure.logs import save_log
from perfstudy.results import Store
from tests.commands.test_commands import here
from tests.results.conftest import complete, plan

HUGE = ("99999999999999999999", "9" * 400, str(2**63))


@pytest.mark.parametrize("option", ["--blocks", "--requests", "--seed"])
@pytest.mark.parametrize("value", HUGE, ids=len)
def test_a_number_that_is_too_large_is_one_line(option: str, value: str, tmp_path: Path) -> None:
    found = here("run", "--plan", option, value, store=tmp_path / "store.sqlite")
    assert (found.returncode, len(found.stderr.splitlines())) == (2, 1), found.stderr
    assert len(found.stderr) < 200


def test_the_largest_plan_is_counted_without_drawing_it(tmp_path: Path) -> None:
    found = here("run", "--plan", "--blocks", "10000", "--seed", str(2**31 - 1), store=tmp_path / "store.sqlite")
    assert (found.returncode, len(found.stderr.splitlines())) == (0, 1), found.stderr


WAIT = """
import signal
from perfstudy.commands.outcome import run_app
run_app(lambda: (print("ready", flush=True), signal.pause(), print("went on", flush=True)))
"""


@pytest.mark.parametrize("deaf", [True, False])
def test_an_interrupt_to_the_leader_alone_is_noticed(deaf: bool) -> None:
    """A program that a shell put into the background ignores Ctrl-C from its birth."""
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN if deaf else signal.default_int_handler)
    try:
        pipe = subprocess.PIPE
        command = [sys.executable, "-c", WAIT]
        program = subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, start_new_session=True)
    finally:
        signal.signal(signal.SIGINT, handler)
    assert program.stdout.readline() == "ready\n"
    program.send_signal(signal.SIGINT)
    try:
        said = program.communicate(timeout=60)
    finally:
        program.kill()
    assert (program.returncode, said) == (130, ("", "stopped.\n"))


def test_the_log_of_a_failure_outlives_its_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERFSTUDY_HOME", str(tmp_path / "home"))
    log = tmp_path / "service.log"
    log.write_text("what went wrong")
    kept = save_log(log, "run-1")
    log.unlink()
    assert kept.read_text() == "what went wrong"
    assert kept.is_relative_to(tmp_path / "home")
    assert save_log(log, "run-2") == log


def test_a_run_whose_servers_ended_names_the_supervisor_and_the_way_on() -> None:
    from perfstudy.commands.guarding import guard

    def failing() -> None:
        raise OSError("nothing answers")

    for lost, words in ((True, "supervisor has ended"), (False, "nothing answers")):
        with pytest.raises(PerfstudyError, match=f"{words}.*; `perfstudy run --resume one` goes on"):
            guard(failing, lambda: "perfstudy run --resume one", lambda lost=lost: lost)


def test_cells_that_got_fewer_requests_than_planned_say_so(tmp_path: Path) -> None:
    with Store.open(tmp_path / "store.sqlite") as store:
        complete(store, n=25)
    assert "75 of 1,200" in here("results", store=tmp_path / "store.sqlite").stdout


def test_the_report_says_that_cells_got_fewer_requests_than_planned(tmp_path: Path) -> None:
    path, page = tmp_path / "store.sqlite", tmp_path / "report.html"
    with Store.open(path) as store:
        cells = len(store.run(complete(store, n=25)).cells)
    assert here("report", "--output", str(page), store=path).returncode == 0
    text = page.read_text()
    assert f"{cells} of {cells} cells got fewer than the 400 requests planned" in text
    assert ">75 of 1,200<" in text
    assert "cells got fewer than the 400 requests planned" in here("verdicts", store=path).stdout


@pytest.mark.parametrize(
    "arguments", [("verdicts",), ("compare", "latest", "latest"), ("publish", "latest"), ("results",), ("report",)]
)
def test_a_run_stopped_before_its_first_cell_is_one_line(arguments: tuple[str, ...], tmp_path: Path) -> None:
    """Ctrl-C in the evidence leaves a run that is planned and has no cell."""
    with Store.open(tmp_path / "store.sqlite") as store:
        run = plan(store, 1)
    found = here(*arguments, store=tmp_path / "store.sqlite")
    assert (found.returncode, found.stdout, len(found.stderr.splitlines())) == (1, "", 1), found.stderr
    assert f"`perfstudy run --resume {run}` goes on with it" in found.stderr

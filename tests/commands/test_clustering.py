"""``run --cluster``: one run on two labs with homes of their own, of which one is killed in mid-block."""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from distributed import Client, Future

from perfstudy.commands import clustering
from perfstudy.commands.failing import Ending
from perfstudy.commands.stopping import Deadline
from perfstudy.drivers.load import restore_tally
from perfstudy.errors import PerfstudyError
from perfstudy.lab.processes import wait_until
from perfstudy.measure.cluster import ClusterRun, connect
from perfstudy.measure.lab_process import COSTS
from perfstudy.measure.labs import Answer
from perfstudy.measure.schedule import estimate_block
from perfstudy.model.progress import Step
from perfstudy.results import Store
from perfstudy.results.machines import read_machines
from tests.commands.test_commands import here
from tests.drivers.load.server import serving
from tests.measure.test_own import SOUND, write
from tests.results.conftest import plan, result

PATIENCE = 120
FILE = "study of my own.py"


class Cluster:
    """A scheduler, and workers that are labs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.processes: list[subprocess.Popen[str]] = []
        scheduler = self._start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
        assert scheduler.stderr
        self.address = next(m[1] for line in scheduler.stderr if (m := re.search(r"Scheduler at:\s+(\S+)", line)))
        threading.Thread(target=scheduler.stderr.read, daemon=True).start()

    def add_lab(self, name: str, **environment: str) -> subprocess.Popen[str]:
        """Start a worker with a home of its own, and wait until the scheduler knows it."""
        options = ["--no-nanny", "--nthreads", "1", "--resources", "lab=1", "--no-dashboard", "--memory-limit", "0"]
        home = {"PERFSTUDY_HOME": str(self.folder / name)} | environment
        worker = self._start("worker", self.address, *options, "--host", "127.0.0.1", "--name", name, **home)
        assert worker.stderr
        next(line for line in worker.stderr if "Registered to" in line)
        threading.Thread(target=worker.stderr.read, daemon=True).start()
        return worker

    def _start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "dask", *arguments]
        process = subprocess.Popen(
            command, stderr=subprocess.PIPE, text=True, env=os.environ | environment, cwd=self.folder
        )
        self.processes.append(process)
        return process

    def stop(self) -> None:
        for process in reversed(self.processes):
            process.terminate()
            process.wait()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    one = Cluster(tmp_path)
    yield one
    one.stop()


def test_a_lost_lab_s_block_is_measured_elsewhere(cluster: Cluster, tmp_path: Path) -> None:
    study = write(tmp_path, SOUND + 'odd("other", "prints"),').narrow(blocks=3)
    labs = {name: cluster.add_lab(name) for name in ("one", "two")}
    with Store.open(tmp_path / "store.sqlite") as store, Client(cluster.address, set_as_default=False) as client:
        steps: list[Step] = []
        said: list[str] = []
        work = ClusterRun(store, client, study, 1, steps=steps.append, tell=said.append)
        names = {about["id"]: address for address, about in client.scheduler_info()["workers"].items()}
        with ThreadPoolExecutor() as pool:
            measured = pool.submit(work.measure)

            def has_block() -> bool:
                return measured.done() or any("block:" in key for key in client.processing()[names["one"]])

            assert wait_until(has_block, PATIENCE), "the first lab never had a block"
            for lab in labs.values():
                lab.kill()
            assert wait_until(lambda: measured.done() or bool(said), PATIENCE), "nobody said that no lab is left"
            cluster.add_lab("three")
            measured.result()
        assert said == ["no lab is there: what the lost ones did waits for the next"]
        assert work.run is not None
        run = store.run(work.run)
        assert run.finished
        assert len(run.cells) == len(store.schedule(run.id))
        assert sorted(block for one in read_machines(run.notes) for block in one.blocks) == [0, 1, 2]
        assert (steps[0].stage, steps[-1].stage) == ("block 1 of 3", "block 3 of 3")
        assert 0 < steps[0].left <= 3 * estimate_block(study), "no block has told its time yet"
    with pytest.raises(PerfstudyError, match="no scheduler answers"):
        connect("tcp://127.0.0.1:9")


def test_a_lab_that_must_not_measure_gets_no_block(cluster: Cluster, tmp_path: Path) -> None:
    study = write(tmp_path, SOUND)
    said: list[str] = []
    with Store.open(tmp_path / "store.sqlite") as store, Client(cluster.address, set_as_default=False) as client:
        work = ClusterRun(store, client, study, 1, tell=said.append)
        with pytest.raises(PerfstudyError, match="no worker has the resource 'lab'"):
            work.measure()
        cluster.add_lab("one")
        work.order = replace(work.order, package="0.1")
        with pytest.raises(PerfstudyError, match=r"no lab is left .*the run is of perfstudy 0\.1"):
            work.measure()
        assert len(said) == 1
        assert store.summaries() == []


def test_costs_that_are_left_when_time_is_up_leave_the_run_open(cluster: Cluster, tmp_path: Path) -> None:
    study = replace(write(tmp_path, SOUND), costs=lambda *given: iter(()))
    cluster.add_lab("one")
    with Store.open(tmp_path / "store.sqlite") as store, Client(cluster.address, set_as_default=False) as client:
        run = plan(store)
        for cell in store.missing(run):
            store.append(run, cell, result(cell))
        work = ClusterRun(store, client, study, 1, run)
        work.measure(is_over=lambda: True)
        assert not store.run(run).finished
        assert work._list_tasks(1) == [COSTS]
        # There may be none: a lab that has looked is not asked again.
        done: Future[Answer] = client.submit(lambda: {"lab": "one", "host": "here", "parts": []})
        work._pending[done], work._since[done] = COSTS, 0.0
        work._take(done)
        assert work._list_tasks(1) == []


def test_a_run_that_is_not_whole_passes_no_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    study = write(tmp_path, SOUND)
    with Store.open(tmp_path / "store.sqlite") as store:
        run = plan(store)
        monkeypatch.setattr(clustering, "measure", lambda *given: run)
        for ending in (Ending(strict=True), Ending(kinds=("slower",)), Ending(summary=tmp_path / "summary.md")):
            with pytest.raises(PerfstudyError, match=r"has no verdict for --fail-on, --strict or --summary"):
                clustering.run(store, "tcp://a:1", None, study, 1, Deadline(1), ending)
        clustering.run(store, "tcp://a:1", None, study, 1, Deadline(1), Ending())
        assert f"`perfstudy run --resume {run} --cluster tcp://a:1` goes on" in capsys.readouterr().out


def test_generators_on_every_lab_are_one_load(cluster: Cluster, tmp_path: Path) -> None:
    for name in ("one", "two"):
        cluster.add_lab(name)
    file = tmp_path / "sum.json"
    with serving() as (url, _):
        options = ["--rate", "40", "--duration", "1", "--path", "/", "--save", str(file)]
        done = here("load", url, *options, "--cluster", cluster.address)
    assert done.returncode == 0, done.stderr
    whole = restore_tally(file)
    assert (whole.rate, whole.duration) == (40, 1)
    assert whole.answered == whole.due > 0
    gone = here("load", url, *options, "--cluster", cluster.address)
    assert (gone.returncode, gone.stderr.count("\n")) == (1, 1)
    assert "nothing answers" in gone.stderr


def test_ctrl_c_leaves_a_run_that_goes_on_without_the_cluster(cluster: Cluster, tmp_path: Path) -> None:
    study, path = write(tmp_path, SOUND + 'odd("other", "prints"),').narrow(blocks=6), tmp_path / "store.sqlite"
    cluster.add_lab("one")
    command = [sys.executable, "-m", "perfstudy", "run", str(tmp_path / FILE), "--blocks", "6", "--store", str(path)]
    with (
        Store.open(path) as store,
        subprocess.Popen([*command, "--cluster", cluster.address], stderr=subprocess.PIPE, text=True) as process,
    ):

        def has_cells() -> bool:
            return process.poll() is not None or any(len(store.run(one.id).cells) for one in store.unfinished())

        assert wait_until(has_cells, PATIENCE), "the first block was never stored"
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=PATIENCE)
        (left,) = store.unfinished()
        assert f"`perfstudy run --resume {left.id}` goes on" in said
        assert process.returncode == 130
        before = store.run(left.id).cells
        assert 0 < len(before) < len(store.schedule(left.id))
        done = here("run", "--resume", left.id, "--trust-commands", store=path)
        assert done.returncode == 0, done.stderr
        run = store.run(left.id)
        assert run.finished
        assert len(run.cells) == len(store.schedule(left.id))
        assert sorted(block for one in read_machines(run.notes) for block in one.blocks) == list(range(study.blocks))

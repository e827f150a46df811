"""Measure a run on the labs of a Dask cluster; only this process stores results.

Every worker with the resource ``lab`` is a lab. As many tasks are under way as there are labs, so that a block goes to
whichever is idle. What is not stored is measured again: by Dask where a worker is lost, and here where a lab fails.
"""

from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from math import ceil
from statistics import fmean
from time import monotonic
from typing import TYPE_CHECKING
from uuid import uuid4

from perfstudy import __version__
from perfstudy.errors import PerfstudyError, UsageError
from perfstudy.evidence import environment
from perfstudy.measure.bench import Document
from perfstudy.measure.forecast import recall_seconds
from perfstudy.measure.lab_process import COSTS, PREPARE, Order
from perfstudy.measure.labs import Answer, ask_lab, close_lab
from perfstudy.measure.participating import add
from perfstudy.measure.schedule import draw_schedule, estimate_block
from perfstudy.model.progress import Step, Steps, ignore_step
from perfstudy.model.service import Progress, ignore_progress
from perfstudy.model.study import Study
from perfstudy.results import Run, Store
from perfstudy.results.joining import check_shared, list_free_blocks

if TYPE_CHECKING:
    from distributed import Client, Future

LAB = "lab"
RESOURCES = {LAB: 1}
TRIES = 3
"""How often a block is measured, and a lab may fail, before they are given up."""
LOOK = 2.0
"""Seconds after which it is looked whether labs came or went."""


def connect(address: str) -> "Client":
    """Return a client of the scheduler at *address*, as in ``tcp://HOST:8786``.

    Raises:
        UsageError: Dask is not installed, or *address* is none.
        PerfstudyError: no scheduler answers there.
    """
    try:
        from distributed import Client
    except ModuleNotFoundError:
        raise UsageError("--cluster needs Dask: install perfstudy[cluster]") from None
    try:
        return Client(address, timeout=10, set_as_default=False)
    except ValueError as error:
        raise UsageError(f"--cluster is {address!r}: give a scheduler, as in tcp://HOST:8786 ({error})") from None
    except (OSError, TimeoutError):
        raise PerfstudyError(f"no scheduler answers at {address!r}: start one by `dask scheduler`") from None


def list_labs(client: "Client") -> list[str]:
    """Return the addresses of the workers that are labs."""
    workers = client.scheduler_info(n_workers=-1)["workers"]
    return [address for address, about in workers.items() if about["resources"].get(LAB)]


def measure_on(client: "Client", study: Study, seed: int = 1, store: Store | None = None) -> Run:
    """Measure *study* on the labs of *client*, and return the stored run.

    It is stored in *store*, or where the command line stores results.

    Raises:
        PerfstudyError: no lab is left, or a block failed on several.
    """
    work = ClusterRun(store or Store.open(), client, study, seed)
    work.measure()
    assert work.run is not None, "a run that ended without an error was planned"
    return work.store.run(work.run)


class ClusterRun:
    """One run that labs measure: *run* of the store, or a new one of *study*."""

    def __init__(
        self,
        store: Store,
        client: "Client",
        study: Study,
        seed: int,
        run: str | None = None,
        progress: Progress = ignore_progress,
        steps: Steps = ignore_step,
        tell: Callable[[str], None] = lambda line: None,
    ) -> None:
        self.store, self.client, self.study, self.seed, self.run = store, client, study, seed, run
        self._progress, self._steps, self._tell = progress, steps, tell
        self.order = Order(f"{study.name}-{uuid4().hex}", study.declaration(), seed, __version__)
        self._pending: dict[Future[Answer], int] = {}
        self._since: dict[Future[Answer], float] = {}
        self._claim = ExitStack()
        self._failures: Counter[str] = Counter()
        self._tries: Counter[int] = Counter()
        self._refused: dict[str, str] = {}
        self._hosts: dict[str, str] = {}
        self._guess = estimate_block(study, recall_seconds(store, study))
        self._seconds: list[float] = []
        self._is_waiting = False
        self._has_costs = False
        """Whether a lab measured the costs; there may be none."""
        self._began = monotonic()

    def measure(self, is_over: Callable[[], bool] = lambda: False) -> None:
        """Have labs measure what is missing, until nothing is or *is_over*.

        Raises:
            PerfstudyError: no lab is left, or a block failed on several.
            UsageError: the run cannot be shared; or another process measures it.
        """
        with self._claim, self.client.as_current():
            if self.run is not None:
                self._hold(self.run)
            try:
                self._work(is_over)
            finally:
                self._leave()
            if self.run and not self.store.missing(self.run) and not self._lacks_costs():
                self.store.finish(self.run, environment.read_telemetry())

    def _hold(self, run: str) -> None:
        check_shared(self.store, run)
        self._claim.enter_context(self.store.hold_claim(run))

    def _work(self, is_over: Callable[[], bool]) -> None:
        from distributed import wait

        self._submit_more(is_over)
        while self._pending:
            try:
                done = wait(list(self._pending), timeout=LOOK, return_when="FIRST_COMPLETED").done
            except TimeoutError:
                done = set()
            for future in done:
                self._take(future)
            self._submit_more(is_over)
            self._report()

    def _submit_more(self, is_over: Callable[[], bool]) -> None:
        """Keep as many tasks under way as there are labs.

        Where the last lab was lost, what it did waits for another one.
        """
        labs = [lab for lab in list_labs(self.client) if lab not in self._refused]
        if not labs and self._pending and not self._is_waiting:
            self._tell("no lab is there: what the lost ones did waits for the next")
        self._is_waiting = not labs
        if not labs and (self._refused or not self._pending):
            said = "; ".join(f"{lab}: {why}" for lab, why in self._refused.items())
            raise PerfstudyError(f"no lab is left ({said})" if said else f"no worker has the resource {LAB!r}: {START}")
        for task in [] if is_over() else self._list_tasks(len(labs))[: max(0, len(labs) - len(self._pending))]:
            key = f"{self.order.key}:{'prepare' if task == PREPARE else 'block'}:{task}:{uuid4().hex[:8]}"
            future = self.client.submit(
                ask_lab, self.order, task, key=key, pure=False, resources=RESOURCES, retries=TRIES - 1
            )
            self._pending[future], self._since[future] = task, monotonic()

    def _list_tasks(self, labs: int) -> list[int]:
        """Return what is to be done and not under way; the first lab plans a new run."""
        if self.run is None:
            return [PREPARE] * (labs - len(self._pending))
        busy = set(self._pending.values())
        blocks = list_free_blocks(self.store, self.run)
        if blocks:
            return [block for block in blocks if block not in busy]
        return [COSTS] if self._lacks_costs() and COSTS not in busy else []

    def _lacks_costs(self) -> bool:
        assert self.run is not None, "a run that has costs was planned"
        return self.study.costs is not None and not self._has_costs and not len(self.store.costs(self.run))

    def _take(self, future: "Future[Answer]") -> None:
        """Store what a task measured, and forget it; or note that it failed."""
        task, since = self._pending.pop(future), self._since.pop(future)
        try:
            answer: Answer = future.result()
        except Exception as error:  # whatever Dask met, of which it has many kinds
            self._fail(task, "a worker", str(error) or type(error).__name__)
            return
        finally:
            future.release()
        lab = answer["lab"]
        self._hosts[lab] = answer["host"]
        if "refused" in answer:
            self._refuse(lab, answer["refused"])
        elif "failed" in answer:
            self._failures[lab] += 1
            if self._failures[lab] >= TRIES:
                self._refuse(lab, answer["failed"])
            self._fail(task, answer["host"], answer["failed"])
        else:
            self._add(lab, answer["parts"])
            self._has_costs |= task == COSTS
            if task >= 0:
                self._seconds.append(monotonic() - since)

    def _add(self, lab: str, parts: list[Document]) -> None:
        """Store *parts*, of which the first plans a new run; refuse a lab that differs."""
        try:
            for part in parts:
                if self.run is None:
                    self.run = self._plan(part)
                    self._hold(self.run)
                add(self.store, self.run, part)
        except UsageError as error:
            self._refuse(lab, str(error))

    def _plan(self, part: Document) -> str:
        schedule, before = draw_schedule(self.study, self.seed), part["run"]["telemetry_before"]
        about = self.study.name, self.study.declaration(), self.seed, self.study.blocks
        return self.store.plan(*about, schedule, part["environment"], before)

    def _fail(self, task: int, where: str, why: str) -> None:
        self._tries[task] += 1
        if task != PREPARE and self._tries[task] >= TRIES:
            raise PerfstudyError(f"block {task + 1} failed {TRIES} times, at last on {where}: {why}")

    def _refuse(self, lab: str, why: str) -> None:
        """Give *lab* no more tasks: it would take one after the other, being always idle."""
        self._refused[lab] = why
        self._tell(f"lab {lab} is left out: {why}")
        self.client.retire_workers([lab], close_workers=True)

    def _report(self) -> None:
        """Say how far the run is, and which lab does what."""
        if self.run is None:
            return
        left = len(list_free_blocks(self.store, self.run))
        done = self.study.blocks - left
        self._progress("measuring", done, self.study.blocks)
        stage = f"block {min(done + 1, self.study.blocks)} of {self.study.blocks}"
        spent, seconds = monotonic() - self._began, self._estimate(left)
        self._steps(Step(stage, self._describe_labs(), spent, min(LOOK, seconds), seconds))

    def _estimate(self, blocks: int) -> float:
        """Return the seconds that *blocks*, some of them under way, should take.

        A block takes what the last ones took, one of each lab; before there is any, what the study's forecast says.
        """
        under_way = [since for future, since in self._since.items() if self._pending[future] >= 0]
        labs = max(1, len(under_way))
        each = fmean(self._seconds[-labs:] or [self._guess])
        passed = monotonic() - min(under_way) if under_way else 0.0
        return ceil(blocks / labs) * each - min(passed, each)

    def _describe_labs(self) -> str:
        """Return which lab has which block, as Dask's scheduler says."""
        names = {future.key: task for future, task in self._pending.items()}
        said = []
        for lab, keys in sorted(self.client.processing().items()):
            blocks = [f"block {names[key] + 1}" for key in keys if names.get(key, -1) >= 0]
            if blocks:
                said.append(f"{self._hosts.get(lab, lab)} {blocks[0]}")
        return ", ".join(said)

    def _leave(self) -> None:
        """Give up what is under way, and close the labs."""
        for future in self._pending:
            future.cancel()
        self._pending.clear()
        self._since.clear()
        self.client.run(close_lab, self.order.key, on_error="ignore")


START = "`dask worker tcp://SCHEDULER:8786 --nworkers 1 --nthreads 1 --resources lab=1` starts one"

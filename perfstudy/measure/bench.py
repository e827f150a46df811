"""Measure single blocks of a run, each into a part that its caller stores."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from sqlalchemy import delete

from perfstudy.lab import Lab
from perfstudy.measure.copies import Copies
from perfstudy.measure.execution import RunExecution
from perfstudy.measure.runner import Runner
from perfstudy.model.progress import Steps, ignore_step
from perfstudy.model.service import Progress, ignore_progress
from perfstudy.model.study import Study
from perfstudy.results import Store, document, schema

MEMORY = "sqlite://"
SPENT = "wall_seconds"
Document = dict[str, Any]


class BlockBench:
    """A lab that keeps its servers, and measures blocks of one run as it is asked to.

    It has a store in memory, with the whole schedule. What it measures is handed over as a document, and forgotten.
    """

    def __init__(self, runner: Runner, run: str, execution: RunExecution) -> None:
        self._runner, self._run, self._execution = runner, run, execution
        self._counted: dict[str, float] = {}

    def prepare(self) -> Document:
        """Collect the evidence and compare answers; return them as a part without a block.

        Raises:
            PerfstudyError: the reference itself cannot be served, or a server is gone.
        """
        self._execution.collect()
        return self._hand_over()

    def measure(self, block: int) -> Document:
        """Measure *block*, and return it as a part.

        Raises:
            PerfstudyError: an arm that every run needs cannot be served, or a server is gone.
        """
        store = self._runner.store
        cells = [cell for cell in store.missing(self._run) if cell.block == block]
        try:
            with self._runner.noting_restarts(self._run):
                for _ in self._execution.measure_block(cells):
                    pass
            return self._hand_over()
        finally:
            with store.writing() as session:
                session.execute(delete(schema.Sample).where(schema.Sample.run == self._run))

    def measure_costs(self) -> Document:
        """Measure the costs of the study's factors, and return them as a part."""
        self._execution.measure_costs()
        return self._hand_over()

    def _hand_over(self) -> Document:
        """Return what the store holds, with the time that was spent since the last part."""
        store, spent = self._runner.store, self._execution.clock.spent()
        store.note(self._run, SPENT, {name: spent[name] - self._counted.get(name, 0.0) for name in spent})
        self._counted = spent
        return document.dump(store, self._run)


@contextmanager
def open_bench(
    lab: Lab, study: Study, seed: int, progress: Progress = ignore_progress, steps: Steps = ignore_step
) -> Iterator[BlockBench]:
    """Give a bench for the run of *study* that *seed* draws, in *lab*.

    Raises:
        PerfstudyError: a server is gone.
    """
    with Store.open(MEMORY) as store, ExitStack() as stack:
        runner = Runner(lab, store, progress, steps)
        run = runner.start(study, seed)
        runner.note_sources(run, lab.describe_sources())
        yield BlockBench(runner, run, runner.execute(run, study, seed, Copies(lab, stack, progress)))

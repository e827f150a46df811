"""The runner: plans a run, collects evidence, measures the cells block by block."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

from perfstudy.evidence import environment
from perfstudy.lab import Lab
from perfstudy.lab.starts import find_restarted, read_starts
from perfstudy.measure import resuming
from perfstudy.measure.context import RunContext
from perfstudy.measure.copies import Copies, Databases
from perfstudy.measure.execution import RunExecution, Stop, never
from perfstudy.measure.forecast import Forecast
from perfstudy.measure.page import describe_browser
from perfstudy.measure.schedule import draw_schedule
from perfstudy.model.progress import Steps, ignore_step
from perfstudy.model.service import Progress, ignore_progress
from perfstudy.model.shard import WHOLE, Shard
from perfstudy.model.study import Study
from perfstudy.results import Store
from perfstudy.results.machines import MERGED
from perfstudy.results.remarks import RESTARTED, SHARED, SOURCES


class Runner:
    """Runs studies in *lab* and stores their results in *store*."""

    def __init__(
        self, lab: Lab, store: Store, progress: Progress = ignore_progress, steps: Steps = ignore_step
    ) -> None:
        self.lab = lab
        self.store = store
        self.progress = progress
        self.steps = steps

    def start(self, study: Study, seed: int, shard: Shard = WHOLE) -> str:
        """Store the schedule of a new run of *study*, and return the run's id.

        The schedule is the whole one, of which the run measures the blocks of *shard*.
        """
        return self.store.plan(
            study.name,
            study.declaration(),
            seed,
            study.blocks,
            draw_schedule(study, seed),
            self._identity(study),
            environment.read_telemetry(),
            shard.note(),
        )

    def fill(
        self,
        run: str,
        study: Study | None = None,
        database: Databases | None = None,
        *,
        trust_commands: bool = False,
        stop: Stop = never,
    ) -> None:
        """Measure the cells that *run* still lacks, in the order of its schedule.

        A cell is stored when it is whole; stopping at any moment loses at most the cell under way.
        *study* is restored from the run's declaration where it is not given. *database* gives a working copy where
        the caller has them already. The commands of a run that was imported are run only with *trust_commands*. After
        each block *stop* says why the run ends there, or nothing.

        Raises:
            PerfstudyError: the reference itself cannot be served, or a server is gone.
            UsageError: another process measures the run, it began in another environment, or its commands are not
                trusted.
        """
        with self.store.hold_claim(run), ExitStack() as stack:
            found = self.store.run(run)
            resuming.check_commands(found, trusted=trust_commands)
            study = study or resuming.restore_study(found)
            if found.notes.get(MERGED):
                resuming.join_run(self.store, found, self._identity(study))
            else:
                resuming.check_environment(found, self._identity(study))
            sources = self.lab.describe_sources()
            resuming.check_sources(found, sources)
            resuming.check_tenant(found, given=database is not None)
            copies = database or Copies(self.lab, stack, self.progress)
            self.note_sources(run, sources)
            stack.enter_context(self.noting_restarts(run))
            self.execute(run, study, found.seed, copies).fill(stop)
            self.store.finish(run, environment.read_telemetry())

    def collect(self, run: str, study: Study) -> None:
        """Collect the evidence of *run* and compare its arms' answers; time nothing.

        Raises:
            PerfstudyError: the reference itself cannot be served, or a server is gone.
            UsageError: the reference answers an error.
        """
        with ExitStack() as stack:
            found = self.store.run(run)
            copies = Copies(self.lab, stack, self.progress)
            self.execute(run, study, found.seed, copies).collector.collect_all(self.store.missing(run))

    def execute(self, run: str, study: Study, seed: int, copies: Databases) -> RunExecution:
        """Return a pass over the missing cells of *run*, of which nothing is measured yet."""
        forecast = Forecast(self.steps, may_stop=bool(study.until))
        return RunExecution(RunContext(self.lab, self.store, run, study, seed, copies, self.progress, forecast))

    def note_sources(self, run: str, sources: Mapping[str, Any]) -> None:
        """Record which code the arms are served from, and whether they share a database."""
        if sources:
            self.store.note(run, SOURCES, sources)
            self.store.note(run, SHARED, not self.lab.has_postgres)

    @contextmanager
    def noting_restarts(self, run: str) -> Iterator[None]:
        """Record which servers were restarted during the run, even after an error."""
        before = read_starts(self.lab)
        try:
            yield
        finally:
            names = {*self.store.run(run).notes.get(RESTARTED, ()), *find_restarted(before, read_starts(self.lab))}
            if names:
                self.store.note(run, RESTARTED, sorted(names))

    def _identity(self, study: Study) -> dict[str, object]:
        lab = self.lab
        servers = environment.describe_servers(
            lab.postgres.url() if lab.has_postgres else "", lab.redis.client() if lab.has_redis else None
        )
        return environment.collect_identity(self.lab.settings, servers | describe_browser(study))

"""The runner: plans a run, collects evidence, measures the cells block by block."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import groupby
from uuid import uuid4

from perfstudy.drivers.asker import follow_links
from perfstudy.drivers.http import freeze_garbage
from perfstudy.errors import PerfstudyError
from perfstudy.evidence import environment, equivalence, plans
from perfstudy.lab import Database, Lab
from perfstudy.lab.binaries import NotInstalledError
from perfstudy.lab.starts import find_restarted, read_starts
from perfstudy.measure import resuming
from perfstudy.measure.cell import measure_cell
from perfstudy.measure.clock import Clock
from perfstudy.measure.evidence_pass import ArmEvidence, collect_evidence
from perfstudy.measure.logs import save_log
from perfstudy.measure.schedule import draw_schedule
from perfstudy.model.arm import Arm
from perfstudy.model.scenario import NOOP
from perfstudy.model.service import Progress, ignore_progress
from perfstudy.model.study import Study
from perfstudy.results import PlannedCell, Store
from perfstudy.results.remarks import RESTARTED

Databases = Callable[[str, Arm], Database]
"""Returns the working copy of a scale in the schema of an arm."""


class Copies:
    """Working copies, one for each scale and schema.

    They are reused, so that an index is not built in every block.
    """

    def __init__(self, lab: Lab, stack: ExitStack, progress: Progress = ignore_progress) -> None:
        self._lab, self._stack, self._progress = lab, stack, progress
        self._open: dict[tuple[str, tuple[str, ...]], Database] = {}

    def __call__(self, scale: str, arm: Arm) -> Database:
        """Return the copy of *scale* in the schema of *arm*.

        It is cloned at the first call and reused until the end.
        """
        key = scale, arm.schema
        if key not in self._open:
            self._open[key] = self._stack.enter_context(self._lab.database(scale, progress=self._progress))
        self._open[key].reconcile(arm)
        return self._open[key]


class Runner:
    """Runs studies in *lab* and stores their results in *store*."""

    def __init__(self, lab: Lab, store: Store, progress: Progress = ignore_progress) -> None:
        self.lab = lab
        self.store = store
        self.progress = progress

    def start(self, study: Study, seed: int) -> str:
        """Store the schedule of a new run of *study*, and return the run's id."""
        return self.store.plan(
            study.name,
            study.declaration(),
            seed,
            study.blocks,
            draw_schedule(study, seed),
            self._identity(),
            environment.read_telemetry(),
        )

    def fill(
        self, run: str, study: Study | None = None, database: Databases | None = None, *, trust_commands: bool = False
    ) -> None:
        """Measure the cells that *run* still lacks, in the order of its schedule.

        A cell is stored when it is whole; stopping at any moment loses at most the cell under way.
        *study* is restored from the run's declaration where it is not given. *database* gives a working copy where
        the caller has them already. The commands of a run that was imported are run only with *trust_commands*.

        Raises:
            PerfstudyError: the reference itself cannot be served, or a server is gone.
            UsageError: another process measures the run, it began in another environment, or its commands are not
                trusted.
        """
        with self.store.hold_claim(run), ExitStack() as stack:
            found = self.store.run(run)
            resuming.check_commands(found, trusted=trust_commands)
            resuming.check_environment(found, self._identity())
            resuming.check_tenant(found, given=database is not None)
            copies = database or Copies(self.lab, stack, self.progress)
            stack.enter_context(self._noting_restarts(run))
            RunExecution(self, run, study or resuming.restore_study(found), found.seed, copies).fill()
            self.store.finish(run, environment.read_telemetry())

    @contextmanager
    def _noting_restarts(self, run: str) -> Iterator[None]:
        """Record which servers were restarted during the run, even after an error."""
        before = read_starts(self.lab)
        try:
            yield
        finally:
            names = {*self.store.run(run).notes.get(RESTARTED, ()), *find_restarted(before, read_starts(self.lab))}
            if names:
                self.store.note(run, RESTARTED, sorted(names))

    def _identity(self) -> dict[str, object]:
        servers = environment.describe_servers(self.lab.postgres.url(), self.lab.redis.client())
        return environment.collect_identity(self.lab.settings, servers)


class RunExecution:
    """One pass over the missing cells of a run."""

    def __init__(self, runner: Runner, run: str, study: Study, seed: int, database: Databases) -> None:
        self.lab, self.store, self.progress = runner.lab, runner.store, runner.progress
        self.run, self.study, self.seed, self.database = run, study, seed, database
        self.clock = Clock()
        self.arms = {arm.name: arm for arm in study.arms}
        self.exact: dict[str, dict[str, str]] = {}
        self.content: dict[str, dict[str, str]] = {}
        self.known: set[tuple[str, str]] = set()

    def fill(self) -> None:
        """Collect the evidence that is missing, then measure."""
        self._collect_all(self.store.missing(self.run))
        missing = self.store.missing(self.run)
        total = len(missing)
        done = 0
        self.progress("measuring", 0, total)
        with freeze_garbage():
            for _, group in groupby(missing, key=lambda cell: (cell.block, cell.label, cell.scale)):
                for _ in self._process(list(group)):
                    done += 1
                    self.progress("measuring", done, total)
        with self.clock.during("costs"):
            self._costs()
        self.store.note(self.run, "wall_seconds", self.clock.spent())

    @property
    def reference(self) -> Arm:
        """The arm whose answers count: the study's reference, or the service's plainest."""
        return self.study.reference or self.lab.service.reference

    def _costs(self) -> None:
        """Measure the costs of the study's factors, if it has any and they are missing."""
        if self.study.costs is None or len(self.store.costs(self.run)):
            return
        rows = self.study.costs(self.lab, self.database, self.study, self.progress)
        self.store.add_costs(self.run, list(rows))

    def _collect_all(self, missing: list[PlannedCell]) -> None:
        """Collect missing evidence, and exclude arms that answer otherwise.

        One that has evidence passes the gate again: what it is served from may have changed since.
        """
        self.known = {(entry["variant"], entry["scale"]) for entry in self.store.evidence(self.run)}
        wanted = list(dict.fromkeys((cell.variant, cell.scale) for cell in missing))
        wanted.sort(key=lambda pair: pair[0] != self.reference.name)  # the others are compared with it
        for number, (name, scale) in enumerate(wanted):
            self.progress("evidence", number, len(wanted))
            self._collect(self.arms[name], scale)
        self.progress("evidence", len(wanted), len(wanted))

    def _collect(self, arm: Arm, scale: str) -> None:
        """Collect the evidence of *arm*; exclude it if it fails or answers otherwise."""
        expected = self._documents(scale) if arm.is_competitor else None
        try:
            evidence = self._observe(arm, scale, None if expected is None else list(expected))
        except NotInstalledError as error:
            self.store.exclude(self.run, arm.name, f"not testable here: {error}")
            return
        except (PerfstudyError, OSError) as error:
            if not arm.is_competitor:  # the study's own service has to be served
                raise
            self.store.exclude(self.run, arm.name, f"not testable here: {error}")
            return
        if expected is None:
            expected = self._answers(arm, scale, evidence)
        if self._passes_again(arm, scale):  # requests that the gate does not make are not repeated
            expected = {target: answer for target, answer in expected.items() if target in evidence.answers}
        different = equivalence.find_differences(expected, evidence.answers)
        if different:
            reason = f"{len(different)} of {len(expected)} answers differ at {scale}; {different[0]}"
            self.store.exclude(self.run, arm.name, reason)
        self._keep(arm, scale, evidence, len(different))

    def _observe(self, arm: Arm, scale: str, gate: list[str] | None = None) -> ArmEvidence:
        with self.clock.during("set-up"):  # the scale is loaded here, if it never was
            database = self.database(scale, arm)
        names = () if self._passes_again(arm, scale) else dict.fromkeys((*self.study.scenarios, NOOP))
        shapes = [self.lab.service.scenario(name) for name in names if self.study.answers(arm, name)]
        if gate is None:
            gate = self.lab.service.gate(database.facts, self.seed)
        with self.clock.during("evidence"):
            return collect_evidence(self.lab, database, arm, shapes, gate)

    def _passes_again(self, arm: Arm, scale: str) -> bool:
        """Return whether *arm* only passes the gate again.

        Its evidence is stored already. The reference's is always collected in full, for all to be compared with.
        """
        return arm.name != self.reference.name and (arm.name, scale) in self.known

    def _answers(self, arm: Arm, scale: str, evidence: ArmEvidence) -> dict[str, str]:
        """Return the reference's answers at this scale, collected once."""
        if scale not in self.exact:
            is_reference = arm.name == self.reference.name
            self.exact[scale] = (evidence if is_reference else self._observe(self.reference, scale)).answers
        return self.exact[scale]

    def _documents(self, scale: str) -> dict[str, str]:
        """Return the reference's documents with status 200.

        A competitor may refuse in its own way.
        """
        if scale not in self.content:
            with self.clock.during("set-up"):
                database = self.database(scale, self.reference)
            with (
                self.clock.during("evidence"),
                self.lab.serve(self.reference, database) as service,
                service.client(database.facts.tenant) as client,
            ):
                gate = self.lab.service.gate(database.facts, self.seed)
                found = equivalence.collect_fingerprints(client, gate, self.lab.service.content)
            self.content[scale] = {target: answer for target, answer in found.items() if answer.startswith("200 ")}
        return self.content[scale]

    def _keep(self, arm: Arm, scale: str, evidence: ArmEvidence, different: int) -> None:
        gate = {"gate_requests": len(evidence.answers), "gate_differences": different}
        for seen in evidence.requests:
            where = (self.run, arm.name, scale, seen.scenario, seen.temperature)
            self.store.add_evidence(*where, seen.evidence | gate)
            for number, (sql, plan) in enumerate(seen.plans.items()):
                self.store.add_plan(*where, number, sql, plan, plans.describe_shape(plan))

    def _process(self, cells: list[PlannedCell]) -> Iterator[PlannedCell]:
        """Measure *cells* of one arm in a fresh process, storing each when it is done."""
        arm = self.arms[cells[0].variant]
        prefix = f"{self.lab.key_prefix}:{uuid4().hex[:8]}"
        clear = partial(self._clear, prefix) if arm.caches else None
        with ExitStack() as stack:
            with self.clock.during("set-up"):
                database = self.database(cells[0].scale, arm)
                service = stack.enter_context(self.lab.serve(arm, database, key_prefix=prefix))
                client = stack.enter_context(service.client(database.facts.tenant))
            for number, cell in enumerate(cells):
                shape = self.lab.service.scenario(cell.scenario)
                targets = shape.requests(database.facts, f"{self.seed}:{cell.block}", self.study.requests)
                try:
                    targets = follow_links(client, shape, targets)
                    result = measure_cell(
                        client,
                        self.study,
                        shape,
                        targets,
                        cell.temperature,
                        clear,
                        first=number == 0 and not shape.follows_next,
                        header="" if arm.is_competitor else self.lab.service.cache.header,
                    )
                except PerfstudyError as error:
                    log = save_log(service.log, self.run)
                    raise PerfstudyError(f"{cell.label} in block {cell.block}: {error}; see {log}") from error
                self.store.append(self.run, cell, result)
                self.clock.add("set-up", result.setup_seconds)
                self.clock.add("timed", float(result.latencies.sum()) / 1e9)
                yield cell
            with self.clock.during("set-up"):
                stack.close()

    def _clear(self, prefix: str) -> None:
        self.lab.clear_cache(prefix)

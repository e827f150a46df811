"""The runner: plans a run, lets every variant testify, then measures the schedule's cells block by block."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from itertools import groupby
from uuid import uuid4

from perfstudy.drivers.http import freeze_garbage
from perfstudy.errors import PerfstudyError
from perfstudy.evidence import environment, equivalence, plans
from perfstudy.lab import Database, Lab
from perfstudy.lab.binaries import NotInstalledError
from perfstudy.listing import costs
from perfstudy.listing.optimizations import ALL
from perfstudy.listing.variants import BASELINE, Variant, parse
from perfstudy.measure import resuming
from perfstudy.measure.cell import measure_cell
from perfstudy.measure.clock import Clock
from perfstudy.measure.evidence_pass import ArmEvidence, collect_evidence
from perfstudy.measure.logs import keep_log
from perfstudy.measure.scenario import can_answer, follow_links, scenario
from perfstudy.measure.schedule import draw_schedule
from perfstudy.measure.study import Study
from perfstudy.model.competitor import Competitor
from perfstudy.results import PlannedCell, Store

Progress = Callable[[str, float, float], None]
"""Told the name of a stage, how much of it is done, and how much there is."""


def ignore_progress(stage: str, done: float, total: float) -> None:
    """Report nothing."""


Databases = Callable[[str, Variant], Database]
"""Gives the working copy of a scale in the schema of a variant."""


class Copies:
    """Working copies, one for each scale and state of the schema, so that an index is not built in every block."""

    def __init__(self, lab: Lab, stack: ExitStack, progress: Progress = ignore_progress) -> None:
        self._lab, self._stack, self._progress = lab, stack, progress
        self._open: dict[tuple[str, tuple[str, ...]], Database] = {}

    def __call__(self, scale: str, variant: Variant) -> Database:
        """Return the copy of *scale* in the schema of *variant*, cloned at the first call and kept until the end."""
        key = scale, tuple(o.schema for o in variant if o.schema)
        if key not in self._open:
            self._open[key] = self._stack.enter_context(self._lab.database(scale, progress=self._progress))
        self._open[key].reconcile(variant)
        return self._open[key]


class Runner:
    """Runs studies in *lab* and keeps what comes of them in *store*."""

    def __init__(self, lab: Lab, store: Store, progress: Progress = ignore_progress) -> None:
        self.lab = lab
        self.store = store
        self.progress = progress

    def start(self, study: Study, seed: int) -> str:
        """Write the schedule of a new run of *study*, and return the run's id."""
        return self.store.plan(
            study.name,
            study.declaration(),
            seed,
            study.blocks,
            draw_schedule(study, seed),
            self._identity(),
            environment.telemetry(),
        )

    def fill(self, run: str, database: Databases | None = None, *, trust_commands: bool = False) -> None:
        """Measure the cells that *run* still misses, in the order of its schedule.

        A cell is stored when it is whole; stopping at any moment loses at most the cell under way.
        *database* gives a working copy where the caller has them already. The commands of a run that was imported are
        run only with *trust_commands*.

        Raises:
            PerfstudyError: the reference itself cannot be served, or a server is gone.
            UsageError: another process measures the run, it began in another environment, or its commands are not
                trusted.
        """
        with self.store.claimed(run), ExitStack() as stack:
            found = self.store.run(run)
            resuming.check_commands(found, trusted=trust_commands)
            resuming.check_environment(found, self._identity())
            copies = database or Copies(self.lab, stack, self.progress)
            RunExecution(self, run, resuming.study_of(found), found.seed, copies).fill()
            self.store.finish(run, environment.telemetry())

    def _identity(self) -> dict[str, object]:
        servers = environment.servers(self.lab.postgres.url(), self.lab.redis.client())
        return environment.identity(self.lab.settings, servers)


class RunExecution:
    """One pass over the gaps of a run."""

    def __init__(self, runner: Runner, run: str, study: Study, seed: int, database: Databases) -> None:
        self.lab, self.store, self.progress = runner.lab, runner.store, runner.progress
        self.run, self.study, self.seed, self.database = run, study, seed, database
        self.clock = Clock()
        self.rivals = {arm.variant: arm.rival for arm in study.arms if arm.rival}
        self.gate: dict[str, dict[str, str]] = {}
        self.said: dict[str, dict[str, str]] = {}
        self.heard: set[tuple[str, str]] = set()

    def fill(self) -> None:
        """Let the variants testify, then measure."""
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

    def _costs(self) -> None:
        """Measure what the study's optimizations cost, unless the study does without or it was done before."""
        if not self.study.costs or len(self.store.costs(self.run)):
            return
        measured = [parse(arm.variant) for arm in self.study.arms if not arm.rival]
        wanted = [(s, o) for s in self.study.scales for o in ALL if any(o in variant for variant in measured)]
        # A short study is short in this too: its verdicts are indicative, and so are its costs.
        side = costs.CostSide(self.lab, self.database, rounds=min(costs.ROUNDS, self.study.blocks))
        rows = []
        for number, (scale, optimization) in enumerate(wanted):
            self.progress("costs", number, len(wanted))
            rows += [cost.row() for cost in side.measured(scale, optimization)]
        self.progress("costs", len(wanted), len(wanted))
        self.store.add_costs(self.run, rows)

    def _collect_all(self, missing: list[PlannedCell]) -> None:
        """Let every variant testify that has not, and exclude those that answer otherwise than the baseline.

        One that has testified passes the gate again: what it is served from may have changed since.
        """
        self.heard = {(entry["variant"], entry["scale"]) for entry in self.store.evidence(self.run)}
        wanted = list(dict.fromkeys((cell.variant, cell.scale) for cell in missing))
        wanted.sort(key=lambda pair: pair[0] != BASELINE.name)  # the others are compared with it
        for number, (name, scale) in enumerate(wanted):
            self.progress("evidence", number, len(wanted))
            if name in self.rivals:
                self._collect_competitor(self.rivals[name], scale)
            else:
                self._collect_variant(parse(name), scale)
        self.progress("evidence", len(wanted), len(wanted))

    def _collect_variant(self, variant: Variant, scale: str) -> None:
        try:
            testimony = self._observe_variant(variant, scale)
        except NotInstalledError as error:
            self.store.exclude(self.run, variant.name, f"not testable here: {error}")
            return
        expected = self._reference(variant, scale, testimony)
        if self._again(variant.name, scale):  # what the gate does not ask is not asked again
            expected = {target: answer for target, answer in expected.items() if target in testimony.answers}
        different = equivalence.find_differences(expected, testimony.answers)
        if different:
            reason = f"{len(different)} of {len(testimony.answers)} answers differ at {scale}; {different[0]}"
            self.store.exclude(self.run, variant.name, reason)
        self._keep(variant, scale, testimony, len(different))

    def _again(self, name: str, scale: str) -> bool:
        """Whether *name* has testified before; the baseline does so in full, for all to be compared with."""
        return name != BASELINE.name and (name, scale) in self.heard

    def _observe_variant(self, variant: Variant, scale: str) -> ArmEvidence:
        with self.clock.during("set-up"):  # the scale is loaded here, if it never was
            database = self.database(scale, variant)
        names = () if self._again(variant.name, scale) else dict.fromkeys((*self.study.scenarios, "noop"))
        gate = equivalence.gate_requests(database.facts, self.seed)
        with self.clock.during("evidence"):
            shapes = [scenario(name) for name in names if can_answer(variant, name)]
            return collect_evidence(self.lab, database, variant, shapes, gate)

    def _reference(self, variant: Variant, scale: str, testimony: ArmEvidence) -> dict[str, str]:
        """Return the baseline's answers at this scale, asked for once."""
        if scale not in self.gate:
            baseline = testimony if variant == BASELINE else self._observe_variant(BASELINE, scale)
            self.gate[scale] = baseline.answers
        return self.gate[scale]

    def _collect_competitor(self, rival: Competitor, scale: str) -> None:
        """Let *rival* testify, and exclude it where it cannot be served or says something else than the baseline."""
        expected = self._reference_documents(scale)
        try:
            with self.clock.during("set-up"):
                database = self.database(scale, parse(rival.schema))
            names = () if self._again(rival.name, scale) else (*self.study.scenarios, "noop")
            shapes = [scenario(name) for name in names if rival.answers(name)]
            with self.clock.during("evidence"):
                testimony = collect_evidence(self.lab, database, rival, dict.fromkeys(shapes), list(expected))
        except (PerfstudyError, OSError) as error:
            self.store.exclude(self.run, rival.name, f"not testable here: {error}")
            return
        different = equivalence.find_differences(expected, testimony.answers)
        if different:
            reason = f"{len(different)} of {len(expected)} documents differ at {scale}; {different[0]}"
            self.store.exclude(self.run, rival.name, reason)
        self._keep(rival, scale, testimony, len(different))

    def _reference_documents(self, scale: str) -> dict[str, str]:
        """Return what the baseline says at this scale where it answers with 200: a rival may refuse in its own way."""
        if scale not in self.said:
            with self.clock.during("set-up"):
                database = self.database(scale, BASELINE)
            with (
                self.clock.during("evidence"),
                self.lab.serve(BASELINE, database) as service,
                service.client(database.facts.tenant) as client,
            ):
                gate = equivalence.gate_requests(database.facts, self.seed)
                found = equivalence.collect_fingerprints(client, gate, identity=equivalence.content_identity)
            self.said[scale] = {target: answer for target, answer in found.items() if answer.startswith("200 ")}
        return self.said[scale]

    def _keep(self, variant: Variant | Competitor, scale: str, testimony: ArmEvidence, different: int) -> None:
        gate = {"gate_requests": len(testimony.answers), "gate_differences": different}
        for seen in testimony.witnessed:
            where = (self.run, variant.name, scale, seen.scenario, seen.temperature)
            self.store.add_evidence(*where, seen.evidence | gate)
            for number, (sql, plan) in enumerate(seen.plans.items()):
                self.store.add_plan(*where, number, sql, plan, plans.plan_shape(plan))

    def _process(self, cells: list[PlannedCell]) -> Iterator[PlannedCell]:
        """Serve one variant in a fresh process, and measure *cells* in it, storing each as it is done."""
        rival = self.rivals.get(cells[0].variant)
        variant = rival or parse(cells[0].variant)
        prefix = f"{self.lab.key_prefix}:{uuid4().hex[:8]}"
        clear = partial(self._clear, prefix) if variant.caches else None
        with ExitStack() as stack:
            with self.clock.during("set-up"):
                database = self.database(cells[0].scale, parse(rival.schema if rival else cells[0].variant))
                service = stack.enter_context(self.lab.serve(variant, database, key_prefix=prefix))
                client = stack.enter_context(service.client(database.facts.tenant))
            for number, cell in enumerate(cells):
                shape = scenario(cell.scenario)
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
                        first=number == 0 and not shape.follows,
                        says=rival is None,
                    )
                except PerfstudyError as error:
                    log = keep_log(service.log, self.run)
                    raise PerfstudyError(f"{cell.label} in block {cell.block}: {error}; see {log}") from error
                self.store.append(self.run, cell, result)
                self.clock.add("set-up", result.setup_seconds)
                self.clock.add("timed", float(result.latencies.sum()) / 1e9)
                yield cell
            with self.clock.during("set-up"):
                stack.close()

    def _clear(self, prefix: str) -> None:
        self.lab.clear_cache(prefix)

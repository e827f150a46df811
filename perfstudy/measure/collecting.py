"""Collect the evidence of a run's arms, and exclude those with other answers."""

from perfstudy.errors import NotInstalledError, PerfstudyError, UsageError
from perfstudy.evidence import equivalence, plans
from perfstudy.lab import Database
from perfstudy.measure.context import RunContext
from perfstudy.measure.copies import Copies
from perfstudy.measure.evidence_pass import ArmEvidence, collect_evidence
from perfstudy.measure.forecast import plan_evidence
from perfstudy.measure.own_gate import OwnGate
from perfstudy.measure.page import PROGRAMS, collect_page_answers, list_page_scenarios
from perfstudy.model.arm import Arm
from perfstudy.model.scenario import NOOP
from perfstudy.results import PlannedCell
from perfstudy.results.differences import find_differences
from perfstudy.results.machines import MERGED
from perfstudy.results.remarks import ANSWERS, GATE


class Collector:
    """The evidence of one run, collected before anything is timed."""

    def __init__(self, context: RunContext) -> None:
        self.lab, self.store, self.run, self.study = context.lab, context.store, context.run, context.study
        self.seed, self.database, self.progress = context.seed, context.database, context.progress
        self.clock, self.forecast = context.clock, context.forecast
        self.arms = {arm.name: arm for arm in reversed(self.study.arms)}  # the reference, not its control
        self.gate = OwnGate(self.study) if self.study.is_own and self.study.gate else None
        self.exact: dict[str, dict[str, str]] = {}
        self.content: dict[str, dict[str, str]] = {}
        self.known: set[tuple[str, str]] = set()

    @property
    def reference(self) -> Arm:
        """The arm that gives the expected answers: the reference, or the plainest one."""
        found = self.study.reference_arm or self.lab.service.reference
        assert found is not None, "a study has a reference, or its service has one"
        return found

    def collect_all(self, missing: list[PlannedCell]) -> None:
        """Collect missing evidence, and exclude arms that answer otherwise.

        One that has evidence passes the gate again: what it is served from may have changed since.
        """
        self.known = {(entry["variant"], entry["scale"]) for entry in self.store.evidence(self.run)}
        wanted = list(dict.fromkeys((cell.variant, cell.scale) for cell in missing))
        wanted.sort(key=lambda pair: pair[0] != self.reference.name)  # the others are compared with it
        plan_evidence(self.forecast, self.study, missing)
        for number, (name, scale) in enumerate(wanted):
            self.forecast.begin(("evidence", name, scale), "evidence", name)
            self.progress("evidence", number, len(wanted))
            self._collect(self.arms[name], scale)
        self.progress("evidence", len(wanted), len(wanted))

    def _collect(self, arm: Arm, scale: str) -> None:
        """Collect the evidence of *arm*; exclude it if it fails or answers otherwise."""
        expected = self._documents(scale) if arm.is_competitor else None
        asked = None if expected is None else [target for target in expected if not target.startswith(PROGRAMS)]
        try:
            evidence = self._observe(arm, scale, asked)
        except NotInstalledError as error:
            self.store.exclude(self.run, arm.name, f"not testable here: {error}")
            return
        except UsageError:
            raise
        except (PerfstudyError, OSError) as error:
            if not self.may_fail(arm):
                raise
            self.store.exclude(self.run, arm.name, f"not testable here: {error}")
            return
        if self.study.is_own:
            self._compare_own(arm, scale, evidence)
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

    def may_fail(self, arm: Arm) -> bool:
        """Return whether the others go on without *arm*."""
        return arm.is_competitor or (self.study.is_own and arm.name != self.reference.name)

    def _compare_own(self, arm: Arm, scale: str, evidence: ArmEvidence) -> None:
        """Exclude *arm* of one's own service if its answers are not the reference's."""
        different: list[str] = []
        if self.gate is not None and arm.name == self.reference.name:
            self.gate.check(evidence.exchanges)
        if self.gate is not None:
            if not self.gate.is_settled:
                self.gate.settle(self._answers(arm, scale, evidence), self._ask_control(scale))
                self.store.note(self.run, GATE, self.gate.describe())
                self._note_answers(scale, self.gate.expected)
            different = self.gate.find_differences(evidence.answers)
            if different:
                self.store.exclude(self.run, arm.name, self.gate.explain(different))
        self._keep(arm, scale, evidence, len(different))
        if any(self.study.scenario(name).changes_data for name in self.study.scenario_names):
            self.renew(scale, arm)

    def _ask_control(self, scale: str) -> dict[str, str]:
        """Return the answers of the reference in another process, on a copy of its own."""
        control = next(arm for arm in self.study.arms if arm.role == "control")
        return self._observe(control, scale).answers

    def renew(self, scale: str, arm: Arm) -> None:
        """Drop the working copy of *arm*, if it is one of the run's own."""
        if isinstance(self.database, Copies):
            self.database.renew(scale, arm)

    def _observe(self, arm: Arm, scale: str, gate: list[str] | None = None) -> ArmEvidence:
        with self.clock.during("set-up"):  # the scale is loaded here, if it never was
            database = self.database(scale, arm)
        own = (NOOP,) if self.study.measures_noop else ()
        names = () if self._passes_again(arm, scale) else dict.fromkeys((*self.study.scenario_names, *own))
        shapes = [self.study.scenario(name) for name in names if self.study.answers(arm, name)]
        shapes = [shape for shape in shapes if not shape.action]
        shapes.sort(key=lambda shape: shape.changes_data)  # what writes comes last
        if gate is None:
            gate = self._draw_gate(database)
        with self.clock.during("evidence"):
            identity = self.gate.identity if self.gate else None
            found = collect_evidence(self.lab, database, arm, shapes, gate, identity, self.study.caching.says)
            if pages := [] if self.study.is_own else list_page_scenarios(self.study):
                found.answers.update(collect_page_answers(self.lab, database, arm, pages))
            return found

    def _draw_gate(self, database: Database) -> list[str]:
        """Return the requests that every arm must answer alike."""
        if self.gate is not None:
            return self.gate.draw_requests(database.facts, self.seed)
        return [] if self.study.is_own else self.lab.service.gate(database.facts, self.seed)

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
            if not self.study.is_own:
                self._note_answers(scale, self.exact[scale])
        return self.exact[scale]

    def _note_answers(self, scale: str, answers: dict[str, str]) -> None:
        """Record the reference's answers, which all parts of a run must share.

        Raises:
            UsageError: the run was joined from parts, and they were answered otherwise.
        """
        notes = self.store.run(self.run).notes
        known, here = notes.get(ANSWERS) or {}, equivalence.shorten_identities(answers)
        if notes.get(MERGED) and (differing := find_differences(known.get(scale) or here, here)):
            raise UsageError(
                f"run {self.run} cannot go on here: the reference answers otherwise ({differing[0]}, then and now)"
            )
        self.store.note(self.run, ANSWERS, {**known, scale: here})

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
            documents = {target: answer for target, answer in found.items() if answer.startswith("200 ")}
            self.content[scale] = documents | self._find_programs(scale)
        return self.content[scale]

    def _find_programs(self, scale: str) -> dict[str, str]:
        """Return which programs the reference's page shows, whatever their markup."""
        shown = self.exact.get(scale, {})
        return {target: answer for target, answer in shown.items() if target.startswith(PROGRAMS)}

    def _keep(self, arm: Arm, scale: str, evidence: ArmEvidence, different: int) -> None:
        gate = {"gate_requests": len(evidence.answers), "gate_differences": different}
        for seen in evidence.requests:
            where = (self.run, arm.name, scale, seen.scenario, seen.temperature)
            self.store.add_evidence(*where, seen.evidence | gate)
            for number, (sql, plan) in enumerate(seen.plans.items()):
                self.store.add_plan(*where, number, sql, plan, plans.describe_shape(plan))

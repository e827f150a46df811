"""How long a study takes, from constants, an earlier run and what is measured."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from statistics import fmean
from time import monotonic
from types import MappingProxyType

from perfstudy.model.arm import Arm
from perfstudy.model.progress import Step, Steps, ignore_step
from perfstudy.model.scenario import NOOP, Scenario
from perfstudy.model.study import Study
from perfstudy.results import PlannedCell
from perfstudy.results.cells import unpack
from perfstudy.results.reader import Reader

# The constants are from the clocks of the published runs: `wall_seconds` in data/published/*/run.json, divided by the
# processes, arms and factors in their cells.csv and declaration. tests/measure/test_forecast.py compares them.

START = 0.6
"""Seconds to start a service process and wait for it."""
EVIDENCE = 1.8
"""Seconds of an arm's evidence at one scale, beside those of its slow requests."""
ASKED = 7
"""How often the evidence asks each scenario, with the gate's requests of its kind."""
COST, COSTLY = 3.0, 6
"""Seconds for what a factor costs at one scale, and the factors of a study that have costs at most."""
CHANGED = 300_000
"""Rows that a change of the schema handles in a second; it takes longer than ``COST`` where a table has many."""
REFERENCE, COMPETITOR = 2.0, 0.4
"""How many times the mean of all arms an installed study's reference takes, and a competitor."""
WARM = 0.08
"""What a cached answer takes of the mean."""
PRIOR = 3.0
"""After so many expected seconds, what was measured counts as much as the constants."""
CORRECTED = ("cell", "start")
"""The kinds of work that take longer together: evidence may have loaded the data besides."""

Work = tuple[Hashable, ...]
"""A kind of work that takes equally long each time: evidence, a process's start, a cell, or the costs."""
COSTS: Work = ("costs",)


Known = Mapping[Work, float]
"""The seconds of one request, by the work of its cell: what an earlier run of the study measured."""
NOTHING: Known = MappingProxyType({})


def recall_seconds(store: Reader, study: Study) -> Known:
    """Return what the newest run of *study* measured: perhaps the one that is resumed."""
    last = next((one for one in store.summaries() if one.study == study.name and one.measured), None)
    seconds: dict[Work, list[float]] = {}
    for row in store.read_packed(last.id) if last else ():
        work = name_cell(PlannedCell(**{one.name: row[one.name] for one in fields(PlannedCell)}))
        seconds.setdefault(work, []).append(float(unpack(row["latencies"]).mean()) / 1e9)
    return {work: fmean(found) for work, found in seconds.items()}


def guess_cell(study: Study, arm: Arm, cell: PlannedCell, known: Known) -> float:
    """Return the seconds that *cell* of *arm* is expected to take, warm-up included."""
    shape = study.scenario(cell.scenario)
    if shape.action:  # one action, whatever the number of requests
        return shape.seconds
    cold = known.get(name_cell(replace(cell, temperature="cold"))) or _guess_request(study, arm, cell.scenario)
    each = known.get(name_cell(cell)) or (cold if cell.temperature == "cold" else cold * WARM)
    each += shape.think
    return shape.warmups * cold + max(study.least * each, min(study.requests * each, study.seconds))


def _guess_request(study: Study, arm: Arm, scenario: str) -> float:
    seconds = study.scenario(scenario).seconds
    if study.is_own or scenario == NOOP:
        return seconds
    return seconds * (COMPETITOR if arm.is_competitor else REFERENCE if arm.role in ("reference", "control") else 1.0)


def guess_evidence(study: Study) -> float:
    """Return the seconds that the evidence of an arm is expected to take at a scale."""
    return EVIDENCE + ASKED * sum(map(_guess_asked, map(study.scenario, study.scenario_names)))


def _guess_asked(shape: Scenario) -> float:
    """Return the seconds that a scenario adds to the evidence.

    A page is walked once for all of them.
    """
    return 0.0 if shape.action else shape.seconds


def guess_costs(study: Study) -> float:
    """Return the seconds that the costs of a study's factors are expected to take."""
    if study.costs is None:
        return 0.0
    factors = {factor for arm in study.arms for factor in arm.factors}
    rows = study.service.data.rows
    return min(len(factors), COSTLY) * sum(max(COST, rows.get(scale, 0) / CHANGED) for scale in study.scales)


def name_cell(cell: PlannedCell) -> Work:
    """Return the work of *cell*, which is the same in every block."""
    return "cell", cell.label, cell.scale, cell.scenario, cell.temperature


def name_start(cell: PlannedCell) -> Work:
    """Return the work of starting the process that serves *cell*."""
    return "start", cell.label, cell.scale


@dataclass(slots=True)
class _Known:
    """What one kind of work was guessed to take, and took so far."""

    guess: float
    spent: float = 0.0
    times: int = 0


class Forecast:
    """The work of a run that is left, and how long it takes.

    What was measured of a kind of work replaces its guess. A cell that was not measured yet is expected to be as much
    slower or quicker than its guess as the others were.
    """

    def __init__(
        self, steps: Steps = ignore_step, clock: Callable[[], float] = monotonic, *, may_stop: bool = False
    ) -> None:
        self.may_stop = may_stop
        self._steps, self._clock = steps, clock
        self._known: dict[Work, _Known] = {}
        self._left: Counter[Work] = Counter()
        self._done = 0.0
        self._now: tuple[Work, float] | None = None

    def plan(self, work: Work, guess: float, times: int = 1) -> None:
        """Add *work* to what is left, expected to take *guess* seconds each time."""
        self._known.setdefault(work, _Known(guess))
        self._left[work] += times

    def expect(self, work: Work) -> float:
        """Return the seconds that *work* is expected to take once."""
        known = self._known[work]
        if known.times:
            return known.spent / known.times
        return known.guess * (self._correct() if work[0] in CORRECTED else 1.0)

    def left(self) -> float:
        """Return the seconds that all that is left is expected to take."""
        return sum(times * self.expect(work) for work, times in self._left.items())

    def begin(self, work: Work, stage: str, detail: str = "") -> None:
        """Begin *work*, which ends what was begun before, and report it."""
        self.end()
        self._now = work, self._clock()
        self._steps(Step(stage, detail, self._done, self.expect(work), self.left(), self.may_stop))

    def end(self) -> None:
        """End the work that was begun, and remember what it took."""
        if self._now is None:
            return
        (work, since), self._now = self._now, None
        known, spent = self._known[work], self._clock() - since
        known.spent += spent
        known.times += 1
        self._done += spent
        self._left[work] -= 1

    def drop(self, gone: Callable[[Work], bool]) -> None:
        """Forget the work that is not to be done after all."""
        self.end()
        self._left = Counter({work: times for work, times in self._left.items() if not gone(work)})

    def _correct(self) -> float:
        """Return how many times their guesses the measured cells took."""
        seen = [one for work, one in self._known.items() if one.times and work[0] in CORRECTED]
        guessed = sum(one.guess * one.times for one in seen)
        return (PRIOR + sum(one.spent for one in seen)) / (PRIOR + guessed)


def plan_evidence(forecast: Forecast, study: Study, cells: Iterable[PlannedCell]) -> None:
    """Add the evidence of each variant at each scale of *cells*."""
    for variant, scale in dict.fromkeys((cell.variant, cell.scale) for cell in cells):
        forecast.plan(("evidence", variant, scale), guess_evidence(study))


def plan_cells(
    forecast: Forecast, study: Study, cells: Iterable[PlannedCell], known: Known = NOTHING, times: int = 1
) -> None:
    """Add *cells* and the starts of their processes, *times* times each."""
    arms = {arm.label: arm for arm in study.arms}
    processes = set()
    for cell in cells:
        forecast.plan(name_cell(cell), guess_cell(study, arms[cell.label], cell, known), times)
        processes.add((name_start(cell), cell.block, name_process(study, cell)))
    for start, _, _ in processes:
        forecast.plan(start, START, times)


def plan_costs(forecast: Forecast, study: Study) -> None:
    """Add the costs of the factors of *study*."""
    if study.costs is not None:
        forecast.plan(COSTS, guess_costs(study))


def name_process(study: Study, cell: PlannedCell) -> str:
    """Return what tells the processes of an arm in one block apart.

    A scenario that writes has a process of its own.
    """
    return cell.scenario if study.scenario(cell.scenario).reset else ""

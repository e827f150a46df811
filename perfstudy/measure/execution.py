"""Measure the missing cells of a run, block by block."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from functools import partial
from itertools import groupby
from uuid import uuid4

from perfstudy.drivers.asker import follow_links
from perfstudy.drivers.http import freeze_garbage
from perfstudy.errors import PerfstudyError, UsageError
from perfstudy.lab import RunningService
from perfstudy.measure.cell import measure_cell
from perfstudy.measure.collecting import Collector
from perfstudy.measure.context import RunContext
from perfstudy.measure.forecast import (
    COSTS,
    name_cell,
    name_process,
    name_start,
    plan_cells,
    plan_costs,
    recall_seconds,
)
from perfstudy.measure.logs import save_log
from perfstudy.measure.page import Pages, make_address
from perfstudy.model.arm import Arm
from perfstudy.model.shard import read_shard
from perfstudy.results import PlannedCell
from perfstudy.results.remarks import STOPPED, TIMED_OUT

Stop = Callable[[int], str]
"""Says after so many blocks why a run ends there; an empty text where it goes on."""


def never(blocks: int) -> str:
    """Go on to the last block."""
    return ""


class RunExecution:
    """One pass over the missing cells of a run."""

    def __init__(self, context: RunContext) -> None:
        self.lab, self.store, self.run, self.study = context.lab, context.store, context.run, context.study
        self.seed, self.database, self.progress = context.seed, context.database, context.progress
        self.clock, self.forecast = context.clock, context.forecast
        self.collector = Collector(context)
        self.failed: set[str] = set()

    def fill(self, stop: Stop) -> None:
        """Collect the evidence that is missing, then measure until *stop* says why to end."""
        missing = self.collect()
        shard = read_shard(self.store.run(self.run).notes)
        total = len(missing)
        done = 0
        self.progress("measuring", 0, total)
        for block, planned in groupby(missing, key=lambda cell: cell.block):
            for _ in self.measure_block(planned):
                done += 1
                self.progress("measuring", done, total)
            blocks = shard.count_until(block)
            if block < missing[-1].block and (why := stop(blocks)):
                said = {"blocks": blocks, "why": why, "timed_out": why == TIMED_OUT}
                self.store.note(self.run, STOPPED, said)
                break
        self.measure_costs()
        self.forecast.end()
        self.store.note(self.run, "wall_seconds", self.clock.spent())

    def collect(self) -> list[PlannedCell]:
        """Collect the evidence that is missing; return the cells that are to be measured."""
        missing = self.store.missing(self.run)
        if self._lacks_costs():
            plan_costs(self.forecast, self.study)
        known = recall_seconds(self.store, self.study)
        plan_cells(self.forecast, self.study, missing, known)
        self.collector.collect_all(missing)
        missing = self.store.missing(self.run)
        self.forecast.drop(lambda work: work[0] in ("cell", "start"))
        plan_cells(self.forecast, self.study, missing, known)
        return missing

    def measure_block(self, cells: Iterable[PlannedCell]) -> Iterator[PlannedCell]:
        """Measure *cells*, which are of one block, and give each when it is stored."""
        with freeze_garbage():
            for _, group in groupby(cells, key=self._share_process):
                yield from self._measure(list(group))

    def measure_costs(self) -> None:
        """Measure the costs of the study's factors, unless they are stored."""
        with self.clock.during("costs"):
            if self._lacks_costs():
                self._costs()

    def _lacks_costs(self) -> bool:
        return self.study.costs is not None and not len(self.store.costs(self.run))

    def _share_process(self, cell: PlannedCell) -> tuple[object, ...]:
        """Return what the cells that one process serves have in common."""
        return cell.block, cell.label, cell.scale, name_process(self.study, cell)

    def _measure(self, cells: list[PlannedCell]) -> Iterator[PlannedCell]:
        """Measure *cells* of one arm; exclude it if it fails and the others can go on."""
        arm = self.study.arm(cells[0].label)
        if arm.name in self.failed:
            yield from cells
            return
        try:
            yield from self._process(cells)
        except UsageError:
            raise
        except PerfstudyError as error:
            if not self.collector.may_fail(arm) or self.lab.is_lost():
                raise
            self.failed.add(arm.name)
            self.store.exclude(self.run, arm.name, str(error))
            labels = {one.label for one in self.study.arms if one.name == arm.name}
            self.forecast.drop(lambda work: work[0] in ("cell", "start") and work[1] in labels)

    def _costs(self) -> None:
        """Measure the costs of the study's factors."""
        assert self.study.costs is not None, "a study without costs was asked for them"
        self.forecast.begin(COSTS, "costs")
        rows = self.study.costs(self.lab, self.database, self.study, self.progress)
        self.store.add_costs(self.run, list(rows))

    def _process(self, cells: list[PlannedCell]) -> Iterator[PlannedCell]:
        """Measure *cells* of one arm in a fresh process, storing each when it is done."""
        arm = self.study.arm(cells[0].label)
        stage = self._say_block(cells[0].block)
        self.forecast.begin(name_start(cells[0]), stage, arm.label)
        self._reset(cells[0], arm)
        prefix = f"{self.lab.key_prefix}:{uuid4().hex[:8]}"
        clear = partial(self.lab.clear_for, arm, prefix) if arm.caches else None
        with ExitStack() as stack:
            with self.clock.during("set-up"):
                database = self.database(cells[0].scale, arm)
                service = stack.enter_context(self.lab.serve(arm, database, key_prefix=prefix))
                client = stack.enter_context(service.client(database.facts.tenant))
                pages = stack.enter_context(Pages(clear))
            for number, cell in enumerate(cells):
                self.forecast.begin(name_cell(cell), stage, f"{arm.label}, {cell.scenario}")
                shape = self.study.scenario(cell.scenario)
                try:
                    if shape.action:
                        address = make_address(service, shape, database)
                        result = pages.measure(address, shape, cell.temperature)
                    else:
                        targets = shape.requests(database.facts, f"{self.seed}:{cell.block}", self.study.requests)
                        result = measure_cell(
                            client,
                            self.study,
                            shape,
                            follow_links(client, shape, targets),
                            cell.temperature,
                            clear,
                            remembers=arm.remembers,
                            first=number == 0 and not shape.follows_next,
                            header="" if arm.is_competitor else self.study.caching.says,
                        )
                except PerfstudyError as error:
                    log = save_log(service.log, self.run) if isinstance(service, RunningService) else service.url
                    raise PerfstudyError(f"{cell.label} in block {cell.block + 1}: {error}; see {log}") from error
                self.store.append(self.run, cell, result)
                self.clock.add("set-up", result.setup_seconds)
                self.clock.add("timed", float(result.latencies.sum()) / 1e9)
                yield cell
            with self.clock.during("set-up"):
                stack.close()

    def _say_block(self, block: int) -> str:
        """Return which block it is, and which look at the results comes next."""
        said = f"block {block + 1} of {self.study.blocks}"
        look = next((look for look in self.study.looks if look > block), None) if self.study.until else None
        return f"{said}, next look after {look}" if look else said

    def _reset(self, cell: PlannedCell, arm: Arm) -> None:
        """Undo what earlier cells of this scenario wrote, if it writes."""
        reset = self.study.scenario(cell.scenario).reset
        if reset == "database":
            self.collector.renew(cell.scale, arm)
        elif reset:
            self.lab.run(reset, arm, self.database(cell.scale, arm).url)

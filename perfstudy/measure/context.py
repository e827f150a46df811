"""What a pass over a run works with."""

from dataclasses import dataclass, field

from perfstudy.lab import Lab
from perfstudy.measure.clock import Clock
from perfstudy.measure.copies import Databases
from perfstudy.measure.forecast import Forecast
from perfstudy.model.service import Progress
from perfstudy.model.study import Study
from perfstudy.results import Store


@dataclass(frozen=True)
class RunContext:
    """The run that is measured, where it is measured, and what reports on it."""

    lab: Lab
    store: Store
    run: str
    study: Study
    seed: int
    database: Databases
    progress: Progress
    forecast: Forecast
    clock: Clock = field(default_factory=Clock)

"""Progress: stages that are reported, and the steps of a run with their times."""

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Protocol

STEPPED = ("evidence", "measuring", "costs")
"""The stages of a run that its steps tell more about."""


@dataclass(frozen=True, slots=True)
class Step:
    """What a run does now, and the seconds that its work is expected to take.

    ``stage`` is the part of the run, such as ``block 2 of 10``, and ``detail`` what is measured in it. ``done`` is the
    time that was spent, ``now`` that of this step, ``left`` that of this step and all that follow. ``may_stop`` says
    that the run may end before.
    """

    stage: str
    detail: str = ""
    done: float = 0.0
    now: float = 0.0
    left: float = 0.0
    may_stop: bool = False

    @property
    def is_block(self) -> bool:
        """Whether it is part of a block, of which there may be many."""
        return self.stage.startswith("block ")


Steps = Callable[[Step], None]
"""Called at the beginning of each step of a run."""


def ignore_step(step: Step) -> None:
    """Report nothing."""


class Display(Protocol):
    """What shows both the stages and the steps of a run."""

    def __call__(self, stage: str, done: float, total: float) -> None:
        """Show that *done* of *total* of a stage is finished."""

    def step(self, step: Step) -> None:
        """Show what a run does now."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One line of progress: what is done, the share of it, and the time left."""

    what: str
    share: float
    left: str = ""


class ProgressLine:
    """What is known of the progress, as one line at any moment.

    Between two steps the time goes on, up to what the step is expected to take. ``deadline`` is the moment, by *clock*,
    after which the run ends with its block.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self.deadline: float | None = None
        self._clock = clock
        self._step: Step | None = None
        self._since = clock()
        self._stage: tuple[str, float, float] | None = None
        self._stage_since = self._reported = self._since

    @property
    def is_running(self) -> bool:
        """Whether a run has begun, whose steps are shown."""
        return self._step is not None

    def __call__(self, stage: str, done: float, total: float) -> None:
        """Remember how much of *stage* is done; one that is finished is forgotten."""
        if self.is_running and stage in STEPPED:
            return
        self._reported = self._clock()
        if self._stage is None or self._stage[0] != stage:
            self._stage_since = self._reported
        self._stage = (stage, done, total) if done < total else None

    def step(self, step: Step) -> None:
        """Remember what the run does now."""
        self._step, self._since, self._stage = step, self._clock(), None

    def forget(self) -> None:
        """Forget the run and its stages: nothing is being done."""
        self._step = self._stage = self.deadline = None

    def read(self) -> Shown | None:
        """Return the line of this moment; None where nothing is being done."""
        more = self._estimate_stage()
        if self._step is None:
            left = f"about {say_seconds(more)} left" if more else ""
            return self._stage and Shown(_describe(*self._stage), self._stage[1] / self._stage[2], left)
        step = self._step
        passed = min(self._clock() - self._since, step.now)
        what = " · ".join(filter(None, (step.stage, step.detail)))
        if self._stage is not None:
            what += f" · {_describe(*self._stage)}"
        whole = step.done + step.left
        return Shown(
            what, (step.done + passed) / whole if whole else 0.0, self._say_left(step, step.left - passed + more)
        )

    def _estimate_stage(self) -> float:
        """Return the seconds that the stage goes on at its pace so far.

        They are 0 before anything of it is done.
        """
        if self._stage is None or not self._stage[1]:
            return 0.0
        _, done, total = self._stage
        pace = (self._reported - self._stage_since) / done
        return max(pace * (total - done) - (self._clock() - self._reported), 0.0)

    def _say_left(self, step: Step, left: float) -> str:
        if self.deadline is not None and (limit := self.deadline - self._clock()) < left:
            return f"at most {say_exactly(limit)} left" if limit > 0 else "time is up, and this block is the last"
        may_stop = step.may_stop or self.deadline is not None
        return f"{'at most' if may_stop else 'about'} {say_seconds(left)} left"


def _describe(stage: str, done: float, total: float) -> str:
    return stage if total <= 1 else f"{stage}, {done:,.0f} of {total:,.0f}"


SECONDS = 100
"""Up to here a time is said in seconds."""


def say_seconds(seconds: float) -> str:
    """Return a rough time: ``40 seconds``, ``3 minutes``, ``1 h 20 min``."""
    return say_exactly(round(seconds) if seconds < SECONDS else round(seconds / 60) * 60)


def say_exactly(seconds: float) -> str:
    """Return a time to the second, and never more than it is: ``2 min 50 s``."""
    whole = max(int(seconds), 1)
    if whole < SECONDS:
        return f"{whole} second{'s' * (whole != 1)}"
    if whole % 60 == 0 and whole < 3600:
        return f"{whole // 60} minutes"
    parts = ((whole // 3600, "h"), (whole % 3600 // 60, "min"), (whole % 60, "s"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count)

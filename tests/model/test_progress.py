"""One line of progress: what is done, how much of it, and how long the rest takes."""

import pytest

from perfstudy.model.progress import ProgressLine, Shown, Step, say_exactly, say_seconds

STEP = Step("block 2 of 10", "index+cache, page", done=40, now=20, left=160)


class Clock:
    """A clock that goes on when it is told to."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def line(clock: Clock) -> ProgressLine:
    return ProgressLine(clock)


def read(line: ProgressLine) -> Shown:
    shown = line.read()
    assert shown is not None
    return shown


def test_a_stage_is_shown_until_it_is_finished(line: ProgressLine) -> None:
    line("starting the servers", 0, 1)
    assert read(line) == Shown("starting the servers", 0)
    line("starting the servers", 1, 1)
    assert line.read() is None


def test_a_stage_goes_on_at_its_pace_so_far(line: ProgressLine, clock: Clock) -> None:
    line("rows", 0, 5000)
    clock.now += 40
    line("rows", 1000, 5000)
    assert read(line) == Shown("rows, 1,000 of 5,000", 0.2, "about 3 minutes left")
    line("rows", 5000, 5000)
    line.step(STEP)
    line("rows", 0, 5000)
    clock.now += 40
    line("rows", 1000, 5000)
    assert read(line).left == "about 5 minutes left", "the run waits for it"


def test_between_two_steps_the_time_goes_on_as_far_as_the_step_is_expected_to(line: ProgressLine, clock: Clock) -> None:
    line.step(STEP)
    assert read(line) == Shown("block 2 of 10 · index+cache, page", 0.2, "about 3 minutes left")
    clock.now += 10
    assert read(line).share == 0.25
    clock.now += 1000
    assert read(line) == Shown("block 2 of 10 · index+cache, page", 0.3, "about 2 minutes left")


def test_the_stages_of_a_run_are_not_told_twice(line: ProgressLine) -> None:
    line.step(STEP)
    line("measuring", 3, 440)
    assert read(line).what == "block 2 of 10 · index+cache, page"
    line("copying tiny", 0, 1)
    assert read(line).what == "block 2 of 10 · index+cache, page · copying tiny"


def test_a_limit_is_never_exceeded_by_the_time_left(line: ProgressLine, clock: Clock) -> None:
    line.step(STEP)
    line.deadline = clock.now + 30
    assert read(line).left == "at most 30 seconds left"
    line.deadline = clock.now + 110
    assert read(line).left == "at most 1 min 50 s left"
    line.deadline = clock.now + 3600
    assert read(line).left == "at most 3 minutes left"
    line.deadline = clock.now - 1
    assert read(line).left == "time is up, and this block is the last"


@pytest.mark.parametrize(
    ("seconds", "roughly", "exactly"),
    [
        (0.0, "1 second", "1 second"),
        (12.9, "13 seconds", "12 seconds"),
        (99.0, "99 seconds", "99 seconds"),
        (100.0, "2 minutes", "1 min 40 s"),
        (175.0, "3 minutes", "2 min 55 s"),
        (1200.0, "20 minutes", "20 minutes"),
        (4810.0, "1 h 20 min", "1 h 20 min 10 s"),
        (7200.0, "2 h", "2 h"),
    ],
)
def test_a_time_is_said_in_its_unit(seconds: float, roughly: str, exactly: str) -> None:
    assert say_seconds(seconds) == roughly
    assert say_exactly(seconds) == exactly

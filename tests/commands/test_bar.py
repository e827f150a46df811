"""Progress on the terminal and in a pipe."""

import re
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from perfstudy.commands.bar import StageLines, draw, open_bar
from perfstudy.model.progress import ProgressLine, Step
from tests.commands.test_commands import here


def measure(line: ProgressLine, blocks: int, cells: int = 3) -> None:
    """Report a run of so many blocks, as the runner does; no step takes any time, so that none passes."""
    line("starting the servers", 0, 1)
    line("starting the servers", 1, 1)
    line.step(Step("evidence", "baseline", 0, 0, 5 + blocks * cells))
    line("copying tiny", 0, 1)
    line("copying tiny", 1, 1)
    for number in range(blocks * cells):
        detail = f"index+related+values+connections+gunicorn+cache, cell {number}"
        line.step(Step(f"block {number // cells + 1} of {blocks}", detail, 5 + number, 0, blocks * cells - number))
        line("measuring", number + 1, blocks * cells)
    line.step(Step("costs", "", 5 + blocks * cells, 0, 2))


@pytest.mark.parametrize("blocks", [3, 40])
def test_in_a_pipe_each_stage_is_one_line(blocks: int) -> None:
    lines: list[str] = []
    measure(StageLines(lines.append), blocks)
    assert lines[0] == "starting the servers"
    assert re.fullmatch(r"evidence: about \d+ (seconds|minutes) left", lines[1])
    assert lines[-1] == "costs: about 2 seconds left"
    told = [line for line in lines if line.startswith("block ")]
    assert len(lines) == len(told) + 3
    assert len(told) == min(blocks, 10)
    assert told[0].startswith(f"block 1 of {blocks}: about ")


@pytest.mark.parametrize("width", [60, 80, 140])
def test_on_a_terminal_it_is_one_line_that_vanishes(width: int) -> None:
    out = StringIO()
    console = Console(file=out, force_terminal=True, width=width, height=20, legacy_windows=False)
    line = ProgressLine()
    with open_bar(line, console):
        measure(line, 2)
        (shown,) = console.render_lines(draw(line, width), pad=False)
        text = "".join(segment.text for segment in shown)
        assert len(text) <= width
        assert text.startswith("costs ")
        line.step(Step("block 2 of 10", "index+related+values+connections+gunicorn+cache, page", 10, 0, 90))
        (shown,) = console.render_lines(draw(line, width), pad=False)
        text = "".join(segment.text for segment in shown)
        assert len(text) <= width
        assert text.startswith("block 2 of 10 ")
        assert text.rstrip().endswith("10% about 90 seconds left")
    assert out.getvalue().count("\n") == 1, "it never takes a second line"
    assert out.getvalue().endswith("\x1b[1A\x1b[2K"), "its line is erased at the end"


LOADED = " once the data are loaded"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("--blocks", "1", "--requests", "5", "--scenario", "page", "--variant", "index"),
            rf"about \d+ seconds{LOADED}",
        ),
        (("--blocks", "10"), rf"about \d+ minutes{LOADED}"),
        (("--within", "20m"), rf"at most \d+ minutes{LOADED}"),
        (
            ("--blocks", "90", "--within", "90s"),
            "at most 90 seconds; it ends with the block in which 90 seconds are up",
        ),
        (("--until", "decided"), "at most .+; it may stop when everything is decided"),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, tuple) else "",
)
def test_a_plan_says_how_long_it_takes(arguments: tuple[str, ...], said: str, tmp_path: Path) -> None:
    found = here("run", "--plan", "--scale", "tiny", *arguments, store=tmp_path / "store.sqlite")
    assert re.search(f"cells, {said}$", found.stderr.strip()), found.stderr

"""What reaches the terminal: nothing that was stored, imported or named can steer it."""

import json
import signal
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfstudy.commands import outcome, output
from perfstudy.commands.wrapping import wrap
from perfstudy.errors import PerfstudyError
from perfstudy.model.control_characters import CONTROL
from perfstudy.paths import PROJECT
from tests.results.test_imported import CONTROLS

WHOLE = st.characters(exclude_categories=["Cs"]) | CONTROLS.filter(lambda one: not "\ud800" <= one <= "\udfff")
TEXTS = st.text(WHOLE | st.sampled_from("[]/=\\ "), max_size=30)
"""What a frame can hold: no half of a surrogate pair, which neither a database nor pandas stores."""


def shown(text: str, format: str) -> str:
    """Return what is printed of a frame that holds *text* in every place."""
    out = StringIO()
    with redirect_stdout(out):
        output.show_table(pd.DataFrame({text: [text, text]}), format, title=text)
        output.say(text)
    return out.getvalue()


@settings(deadline=None, max_examples=60)
@given(text=TEXTS, format=st.sampled_from(["table", "markdown", "csv", "json"]))
def test_nothing_that_is_shown_steers_the_terminal(text: str, format: str) -> None:
    found = shown(text, format).replace("\r\n", "\n")
    assert CONTROL.search(found) is None
    found.encode()


@settings(deadline=None, max_examples=60)
@given(text=TEXTS)
def test_json_is_read_back_as_it_was_stored(text: str) -> None:
    with redirect_stdout(out := StringIO()):
        output.show_table(pd.DataFrame({"a": [text]}), "json")
    stored = json.loads(pd.DataFrame({"a": [text]}).to_json(orient="records"))
    assert json.loads(out.getvalue()) == stored


@pytest.mark.parametrize("text", ["[red]x[/red]", "[/nothing]", "[link=file:///x]x[/link]", ":smile:"])
def test_marks_of_the_table_are_text(text: str) -> None:
    assert text in shown(text, "table")


@given(text=st.text(CONTROLS | st.characters(), max_size=30))
def test_an_error_steers_nothing(text: str) -> None:
    def failing() -> None:
        raise PerfstudyError(text)

    err, handlers = StringIO(), {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    with redirect_stderr(err), pytest.raises(SystemExit):
        outcome.run_app(failing)
    for number, handler in handlers.items():
        signal.signal(number, handler)
    assert CONTROL.search(err.getvalue()) is None


PROSE = (
    "error: unknown run 'x': it is finished; `perfstudy report ladder-tiny-2026` shows it, with percentiles and ratios"
)


@pytest.mark.parametrize("width", [30, 60, 200])
def test_prose_is_broken_between_words_and_not_in_what_is_copied(width: int) -> None:
    lines = wrap(PROSE, width)
    assert " ".join(lines) == PROSE
    assert sum("`perfstudy report ladder-tiny-2026`" in line for line in lines) == 1
    assert all(len(line) <= width or line.startswith("`perfstudy") for line in lines)
    assert wrap("\n  two lines\n", width) == ["", "  two lines", ""]


def test_a_terminal_s_lines_end_with_words() -> None:
    class Terminal(StringIO):
        def isatty(self) -> bool:
            return True

    with pytest.MonkeyPatch.context() as given, redirect_stderr(Terminal()) as err, redirect_stdout(StringIO()) as out:
        given.setenv("COLUMNS", "60")
        output.say(PROSE, error=True)
        output.say(PROSE)
    assert err.getvalue() == "\n".join(wrap(PROSE, 60)) + "\n" != PROSE + "\n"
    assert out.getvalue() == PROSE + "\n", "a pipe gets each line whole"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a full disk to write to")
@pytest.mark.parametrize("arguments", [("list", "scales"), ("--help",)])
def test_output_that_cannot_be_written_is_one_line(arguments: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "perfstudy", *arguments]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=120, cwd=PROJECT)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
    assert "the output cannot be written: No space left on device" in done.stderr

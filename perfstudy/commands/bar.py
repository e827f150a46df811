"""Progress on the terminal: one line with a bar; in a pipe, a line for each stage."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from perfstudy.formatting import percent
from perfstudy.model.control_characters import escape_controls
from perfstudy.model.progress import ProgressLine, Step

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.live import Live

BAR, WIDEST = 16, 110
"""Columns that the bar takes, and the whole line at most."""


def open_bar(line: ProgressLine, console: "Console") -> "Live":
    """Return the display of *line*, which vanishes when it is closed."""
    from rich.live import Live

    # Once a second: it is drawn in the process that times the requests.
    return Live(get_renderable=lambda: draw(line, console.width), console=console, transient=True, refresh_per_second=1)


def draw(line: ProgressLine, width: int) -> "RenderableType":
    """Return *line* as it is now, in *width* columns at most.

    Where they are few, what is being done is cut, and never the time left.
    """
    from rich.progress_bar import ProgressBar
    from rich.table import Table
    from rich.text import Text

    shown = line.read()
    if shown is None:
        return Text("")
    row = Table.grid(padding=(0, 1), expand=True)
    row.width = min(width, WIDEST)
    row.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
    row.add_column(width=BAR)
    row.add_column(no_wrap=True)
    row.add_row(
        Text(escape_controls(shown.what)),
        ProgressBar(total=1.0, completed=shown.share, width=BAR),
        Text(f"{percent(shown.share)} {shown.left}".rstrip()),
    )
    return row


class StageLines(ProgressLine):
    """A line of text for each stage: for logs, which no control character belongs in."""

    def __init__(self, write: Callable[[str], None]) -> None:
        super().__init__()
        self._write = write
        self._said: set[str] = set()
        self._tenth = -1

    def __call__(self, stage: str, done: float, total: float) -> None:
        """Say that *stage* begins."""
        super().__call__(stage, done, total)
        if not self.is_running and done < total:
            self._say(stage, stage)

    def step(self, step: Step) -> None:
        """Say that a stage of a run begins; of its blocks, one in each tenth of the run."""
        super().step(step)
        shown = self.read()
        if shown is None or step.stage in self._said:
            return
        tenth = int(10 * shown.share)
        if step.is_block and tenth == self._tenth:
            return
        self._tenth = tenth if step.is_block else -1
        self._say(step.stage, f"{step.stage}: {shown.left}")

    def _say(self, stage: str, line: str) -> None:
        if stage not in self._said:
            self._said.add(stage)
            self._write(escape_controls(line))

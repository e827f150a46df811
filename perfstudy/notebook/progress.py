"""Progress in a notebook's cell: one line that is updated, and gone at the end."""

import sys
from time import monotonic
from typing import Any
from uuid import uuid4

from perfstudy.formatting import percent
from perfstudy.model.progress import ProgressLine, Shown, Step

PAUSE = 0.3
"""Seconds between two updates at least."""


class CellLine(ProgressLine):
    """The progress as a line below the cell that runs; nothing outside a kernel."""

    def __init__(self) -> None:
        super().__init__()
        self._id = ""
        self._cell: int | None = None
        self._shown_at = 0.0

    def __call__(self, stage: str, done: float, total: float) -> None:
        """Show how much of *stage* is done."""
        super().__call__(stage, done, total)
        self._show()

    def step(self, step: Step) -> None:
        """Show what the run does now."""
        super().step(step)
        self._show()

    def close(self) -> None:
        """Forget the run, and leave nothing of it."""
        self.forget()
        self._show()

    def _show(self) -> None:
        shown, now = self.read(), monotonic()
        if shown is not None and now - self._shown_at < PAUSE:
            return
        shell = _find_kernel()
        if shell is None or (shown is None and not self._id):
            return
        if not self._id or self._cell != shell.execution_count:
            self._id, self._cell = uuid4().hex, shell.execution_count
            # Without any text, so that a program that compares the first state of an output finds nothing.
            shell.display_pub.publish({}, transient={"display_id": self._id})
        self._shown_at = now if shown else 0.0
        text = {"text/plain": write(shown)} if shown else {}
        shell.display_pub.publish(text, transient={"display_id": self._id}, update=True)


def write(shown: Shown) -> str:
    """Return a line of progress as text."""
    left = f", {shown.left}" if shown.left else ""
    return f"{percent(shown.share)}{left}: {shown.what}"


def _find_kernel() -> Any:
    """Return the shell of the kernel that this is; None for any other Python."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return shell if hasattr(shell, "kernel") else None

"""The working copies of a run's databases."""

from collections.abc import Callable
from contextlib import ExitStack

from perfstudy.lab import Database, Lab
from perfstudy.model.arm import Arm
from perfstudy.model.service import Progress, ignore_progress

Databases = Callable[[str, Arm], Database]
"""Returns the working copy of a scale in the schema of an arm."""


class Copies:
    """Working copies, one for each scale and schema.

    They are reused, so that an index is not built in every block.
    """

    def __init__(self, lab: Lab, stack: ExitStack, progress: Progress = ignore_progress) -> None:
        self._lab, self._stack, self._progress = lab, stack, progress
        self._open: dict[tuple[str, tuple[str, ...]], Database] = {}

    def __call__(self, scale: str, arm: Arm) -> Database:
        """Return the copy of *scale* in the schema of *arm*.

        It is cloned at the first call and reused until the end.
        """
        key = scale, self._lab.choose_copy(arm)
        if key not in self._open:
            self._open[key] = self._stack.enter_context(self._lab.copy(scale, arm, self._progress))
        self._open[key].reconcile(arm)
        return self._open[key]

    def renew(self, scale: str, arm: Arm) -> None:
        """Drop the copy that *arm* has written to; the next call clones another."""
        found = self._open.pop((scale, self._lab.choose_copy(arm)), None)
        if found is not None:
            found.close()

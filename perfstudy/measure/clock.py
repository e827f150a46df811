"""The wall time of a run, by purpose."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic


class Clock:
    """The wall time of a run, in seconds by purpose."""

    def __init__(self) -> None:
        self._start = monotonic()
        self._spent: dict[str, float] = {}

    def add(self, purpose: str, seconds: float) -> None:
        """Count *seconds* as spent on *purpose*."""
        self._spent[purpose] = self._spent.get(purpose, 0.0) + seconds

    @contextmanager
    def during(self, purpose: str) -> Iterator[None]:
        """Count the time of the block as spent on *purpose*."""
        start = monotonic()
        try:
            yield
        finally:
            self.add(purpose, monotonic() - start)

    def spent(self) -> dict[str, float]:
        """Return the seconds by purpose; ``other`` is the time of no purpose."""
        return self._spent | {"other": monotonic() - self._start - sum(self._spent.values())}

"""An event loop with timers that are exact to some microseconds."""

import asyncio
import select
from selectors import DefaultSelector, SelectorKey
from time import monotonic

SPIN, SHARE = 0.0002, 0.05
"""The most seconds, and the largest part of a wait, that are spent polling: about what the kernel needs to wake it."""


class PunctualSelector(DefaultSelector):
    """A selector that waits no longer than it is asked to.

    The system call epoll_wait counts in milliseconds, and Python rounds up: a timer fires half a millisecond late on
    average, and the open loop would add that to the time of every answer. select(2) counts in microseconds, and can
    wait for the epoll object itself. It ends a little before the time, and the rest is spent polling.
    """

    def select(self, timeout: float | None = None) -> list[tuple[SelectorKey, int]]:
        """Wait for *timeout* seconds at most; None: without limit."""
        if timeout is None or timeout <= 0:
            return self._poll(timeout)
        end = monotonic() + timeout
        ready, _, _ = select.select([self], [], [], timeout - min(SPIN, SHARE * timeout))
        found = self._poll(0) if ready else []
        while not found and monotonic() < end:
            found = self._poll(0)
        return found

    def _poll(self, timeout: float | None) -> list[tuple[SelectorKey, int]]:
        found: list[tuple[SelectorKey, int]] = super().select(timeout)
        return found


def make_punctual_loop() -> asyncio.AbstractEventLoop:
    """Return an event loop with timers that fire within microseconds of their time."""
    return asyncio.SelectorEventLoop(PunctualSelector())

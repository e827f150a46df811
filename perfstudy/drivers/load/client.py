"""One client of a load, which makes one request at a time."""

import asyncio
from collections.abc import Callable

from perfstudy.drivers.load.connection import Connection, Target

TIMEOUT = 30.0
"""Seconds that a request may take, from the send or the start of its connection."""


class Client:
    """A client of the service of *target*.

    It calls *ended* with itself, the outcome of each request and the moment of its end, by the clock of the event loop.
    An outcome is the status of the answer, or ``refused``, ``broken`` or ``timeout``.
    """

    def __init__(self, target: Target, ended: Callable[["Client", str, float], None]) -> None:
        self._target, self._ended = target, ended
        self._loop = asyncio.get_running_loop()
        self._connection: Connection | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self.since = 0.0
        """The moment that the time of its request counts from, as the caller set it."""

    def request(self, since: float) -> None:
        """Send the request; its time counts from *since*."""
        self.since = since
        self._timer = self._loop.call_later(TIMEOUT, self._give_up, "timeout")
        if self._connection is not None and self._connection.usable:
            self._connection.send()
        else:
            self._connecting = self._loop.create_task(self._connect_and_send())

    async def connect(self) -> None:
        """Open a connection in place of the one it has.

        Raises:
            OSError: nothing listens there.
        """
        if self._connection is not None:
            self._connection.close()
        self._connection = await Connection.open(self._target, self._end)

    def close(self) -> None:
        """End its connection at once; a request under way has no outcome."""
        for pending in (self._timer, self._connecting):
            if pending is not None:
                pending.cancel()
        if self._connection is not None:
            self._connection.close()

    async def _connect_and_send(self) -> None:
        try:
            await self.connect()
        except OSError:
            self._give_up("refused")
        else:
            assert self._connection is not None
            self._connection.send()

    def _give_up(self, outcome: str) -> None:
        self._end(outcome, self._loop.time())

    def _end(self, outcome: str, now: float) -> None:
        assert self._timer is not None
        self._timer.cancel()
        if not outcome.isdigit():
            self.close()
        self._ended(self, outcome, now)

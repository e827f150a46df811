"""The open loop: a request starts when it is due, or waits for a free connection.

The client of a closed loop sends the next request when it has the answer to the last one. It omits the very requests
that would have waited for a stalled service: coordinated omission (Tene, *How NOT to Measure Latency*, 2013).
Here they are due all the same, and their time counts from then.
"""

import asyncio
from collections import deque
from dataclasses import dataclass

from perfstudy.drivers.http import pause_garbage_collection
from perfstudy.drivers.load.arrivals import draw_arrivals
from perfstudy.drivers.load.connection import BrokenError, Connection, Target
from perfstudy.drivers.load.tally import Tally
from perfstudy.errors import PerfstudyError, UsageError

TIMEOUT = 30.0
"""Seconds that a request may take once sent, and the last ones after the schedule's end."""
MAX_WAITING = 1_000_000
"""Upper limits of requests a second, connections and seconds; larger numbers are typing errors."""


@dataclass(frozen=True, kw_only=True)
class Load:
    """A load of *rate* requests a second for *duration* seconds.

    It uses at most so many *connections*.

    Raises:
        UsageError: a number is out of range.
    """

    target: Target
    rate: float
    duration: float
    arrivals: str = "poisson"
    connections: int = 100
    seed: int = 1

    def __post_init__(self) -> None:
        for name, value in (("rate", self.rate), ("duration", self.duration), ("connections", self.connections)):
            if not 0 < value <= MAX_WAITING:
                raise UsageError(f"the {name} is {value:g}: it must lie above 0, and not above {MAX_WAITING:,}")
        next(draw_arrivals(self.arrivals, self.rate, 0.0), None)

    def tally(self) -> Tally:
        """Return an empty tally for it."""
        return Tally(self.rate, self.duration)


def run_open_loop(load: Load, tally: Tally | None = None) -> Tally:
    """Generate *load* in an event loop of its own, counting in *tally*.

    After Ctrl-C, *tally* has the counts until then.

    Raises:
        PerfstudyError: nothing answers.
    """
    counted = tally or load.tally()
    try:
        with pause_garbage_collection():
            asyncio.run(generate_load(load, counted))
    except KeyboardInterrupt:
        counted.abandon(interrupted=True)
        raise
    counted.abandon()
    return counted


async def generate_load(load: Load, tally: Tally) -> None:
    """Generate *load*, counting in *tally*.

    Raises:
        PerfstudyError: nothing answers.
    """
    try:
        first = await Connection.open(load.target)
    except OSError as error:
        place = f"{load.target.host}:{load.target.port}"
        raise PerfstudyError(
            f"nothing answers at {place} ({error.strerror or error}): `perfstudy serve` starts a service"
        ) from error
    await Generator(load, tally, first).run()


class Generator:
    """One run of a load."""

    def __init__(self, load: Load, tally: Tally, first: Connection) -> None:
        self._load, self._tally = load, tally
        self._idle = [first]
        self._waiting: deque[float] = deque()
        self._busy: set[asyncio.Task[None]] = set()
        self._clock = asyncio.get_running_loop().time
        self._start = 0.0

    async def run(self) -> None:
        """Send every request when it is due, and wait for the last answers."""
        load = self._load
        self._start = self._clock()
        try:
            for due in draw_arrivals(load.arrivals, load.rate, load.duration, load.seed):
                # Let the answers be read even when late.
                await asyncio.sleep(max(due - self._now(), 0))
                self._dispatch(due)
            if self._busy:
                await asyncio.wait(self._busy, timeout=TIMEOUT)
        finally:
            for task in self._busy:
                task.cancel()
            for wire in self._idle:
                wire.close()

    def _now(self) -> float:
        """Return the seconds since the start."""
        return self._clock() - self._start

    def _dispatch(self, due: float) -> None:
        now = self._now()
        self._tally.arrived(now - due, now)
        if len(self._busy) >= self._load.connections:
            self._waiting.append(due)
            return
        task = asyncio.create_task(self._serve(due))
        self._busy.add(task)
        task.add_done_callback(self._busy.discard)

    async def _serve(self, due: float) -> None:
        """Make the request that was *due*, and then those that wait."""
        wire = self._idle.pop() if self._idle else None
        while True:
            outcome, wire = await self._exchange(wire)
            now = self._now()
            self._tally.ended(outcome, now - due, now)
            if not self._waiting:
                break
            due = self._waiting.popleft()
        if wire is not None:
            self._idle.append(wire)

    async def _exchange(self, wire: Connection | None) -> tuple[str, Connection | None]:
        """Return what became of one request, and the connection if it can be used again."""
        if wire is not None and not wire.fresh:
            wire.close()
            wire = None
        try:
            async with asyncio.timeout(TIMEOUT):
                wire = wire or await Connection.open(self._load.target)
                outcome = str(await wire.get())
        except TimeoutError:
            outcome = "timeout"
        except OSError:
            outcome = "refused"
        except BrokenError:
            outcome = "broken"
        except asyncio.CancelledError:
            if wire is not None:
                wire.close()
            raise
        if wire is not None and not wire.usable:
            wire.close()
            wire = None
        return outcome, wire

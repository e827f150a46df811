"""The open loop: a request starts when it is due, or waits for a free connection.

The client of a closed loop sends the next request when it has the answer to the last one. It omits the very requests
that would have waited for a stalled service: coordinated omission (Tene, *How NOT to Measure Latency*, 2013).
Here they are due all the same, and their time counts from then.
"""

import asyncio
import time
from collections import deque
from dataclasses import dataclass

from perfstudy.drivers.http import pause_garbage_collection
from perfstudy.drivers.load.arrivals import draw_arrivals
from perfstudy.drivers.load.client import TIMEOUT, Client
from perfstudy.drivers.load.connection import Target
from perfstudy.drivers.load.punctual import make_punctual_loop
from perfstudy.drivers.load.tally import Tally
from perfstudy.errors import PerfstudyError, UsageError

MAX_WAITING = 1_000_000
"""Upper limits of requests a second, connections and seconds; larger numbers are typing errors."""


@dataclass(frozen=True, kw_only=True)
class Load:
    """A load of *rate* requests a second for *duration* seconds.

    It uses at most so many *connections*. It begins at once, or *at* that many seconds since 1970.

    Raises:
        UsageError: a number is out of range.
    """

    target: Target
    rate: float
    duration: float
    arrivals: str = "poisson"
    connections: int = 100
    seed: int = 1
    at: float | None = None

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
        with pause_garbage_collection(), asyncio.Runner(loop_factory=make_punctual_loop) as runner:
            runner.run(generate_load(load, counted))
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
    generator = Generator(load, tally)
    try:
        await generator.connect()
    except OSError as error:
        place = f"{load.target.host}:{load.target.port}"
        raise PerfstudyError(
            f"nothing answers at {place} ({error.strerror or error}): `perfstudy serve` starts a service"
        ) from error
    if load.at is not None:
        await asyncio.sleep(load.at - time.time())
    await generator.run()


class Generator:
    """One run of a load."""

    def __init__(self, load: Load, tally: Tally) -> None:
        self._load, self._tally = load, tally
        self._loop = asyncio.get_running_loop()
        self._arrivals = draw_arrivals(load.arrivals, load.rate, load.duration, load.seed)
        self._clients = [Client(load.target, self._count)]
        self._idle = self._clients[:]
        self._waiting: deque[float] = deque()
        self._scheduled = False
        """Whether the last request has been sent, or waits for a client."""
        self._over: asyncio.Future[None] = self._loop.create_future()
        self._start = 0.0

    async def connect(self) -> None:
        """Open the first connection.

        Raises:
            OSError: nothing listens there.
        """
        await self._clients[0].connect()

    async def run(self) -> None:
        """Send every request when it is due, and wait for the last answers."""
        self._start = self._loop.time()
        try:
            self._schedule()
            await self._over
        finally:
            for client in self._clients:
                client.close()

    def _schedule(self) -> None:
        """Set the timer for the next request.

        It fires in another turn of the loop, so that answers are read even when requests are late.
        """
        due = next(self._arrivals, None)
        if due is None:
            self._scheduled = True
            self._loop.call_later(TIMEOUT, self._stop)
            self._stop_if_idle()
        else:
            self._loop.call_at(self._start + due, self._dispatch, due)

    def _dispatch(self, due: float) -> None:
        now = self._loop.time() - self._start
        self._tally.arrived(now - due, now)
        client = self._find_client()
        if client is None:
            self._waiting.append(due)
        else:
            client.request(due)
        self._schedule()

    def _find_client(self) -> Client | None:
        if self._idle:
            return self._idle.pop()
        if len(self._clients) >= self._load.connections:
            return None
        self._clients.append(Client(self._load.target, self._count))
        return self._clients[-1]

    def _count(self, client: Client, outcome: str, end: float) -> None:
        """Count what became of the request of *client*, and give it the next that waits."""
        now = end - self._start
        self._tally.ended(outcome, now - client.since, now)
        if self._waiting:
            client.request(self._waiting.popleft())
        else:
            self._idle.append(client)
            self._stop_if_idle()

    def _stop_if_idle(self) -> None:
        if self._scheduled and len(self._idle) == len(self._clients):
            self._stop()

    def _stop(self) -> None:
        if not self._over.done():
            self._over.set_result(None)

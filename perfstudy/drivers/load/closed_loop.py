"""A closed loop of clients, each of which asks again as soon as it is answered: what a service can bear at most."""

import asyncio
from dataclasses import dataclass, field

from perfstudy.drivers.load.connection import BrokenError, Connection, Target
from perfstudy.drivers.load.histogram import Histogram


@dataclass
class ClosedLoopResult:
    """What so many clients got in so many seconds."""

    seconds: float
    answered: int = 0
    failed: int = 0
    times: Histogram = field(default_factory=Histogram)

    @property
    def throughput(self) -> float:
        """Answers a second."""
        return self.answered / self.seconds


def run_closed_loop(asked: Target, clients: int, seconds: float) -> ClosedLoopResult:
    """Let so many *clients* ask for so many *seconds*."""
    borne = ClosedLoopResult(seconds)
    asyncio.run(_all(asked, clients, borne))
    return borne


async def _all(asked: Target, clients: int, borne: ClosedLoopResult) -> None:
    end = asyncio.get_running_loop().time() + borne.seconds
    await asyncio.gather(*(_client(asked, end, borne) for _ in range(clients)))


async def _client(asked: Target, end: float, borne: ClosedLoopResult) -> None:
    clock = asyncio.get_running_loop().time
    wire: Connection | None = None
    while (start := clock()) < end:
        try:
            wire = wire if wire and wire.fresh else await Connection.open(asked)
            status = await wire.get()
        except (OSError, BrokenError):
            borne.failed, wire = borne.failed + 1, None
            continue
        if status == 200:
            borne.answered += 1
            borne.times.record(clock() - start)
        else:
            borne.failed += 1
    if wire is not None:
        wire.close()

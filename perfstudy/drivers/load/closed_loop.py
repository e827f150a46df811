"""Closed-loop load: each client waits for an answer before its next request."""

import asyncio
from dataclasses import dataclass, field

from perfstudy.drivers.load.connection import BrokenError, Connection, Target
from perfstudy.drivers.load.histogram import Histogram


@dataclass
class ClosedLoopResult:
    """The answers that so many clients got in so many seconds."""

    seconds: float
    answered: int = 0
    failed: int = 0
    times: Histogram = field(default_factory=Histogram)

    @property
    def throughput(self) -> float:
        """Answers a second."""
        return self.answered / self.seconds


def run_closed_loop(target: Target, clients: int, seconds: float) -> ClosedLoopResult:
    """Send requests from so many *clients* for so many *seconds*."""
    result = ClosedLoopResult(seconds)
    asyncio.run(_run_clients(target, clients, result))
    return result


async def _run_clients(target: Target, clients: int, result: ClosedLoopResult) -> None:
    end = asyncio.get_running_loop().time() + result.seconds
    await asyncio.gather(*(_run_client(target, end, result) for _ in range(clients)))


async def _run_client(target: Target, end: float, result: ClosedLoopResult) -> None:
    clock = asyncio.get_running_loop().time
    wire: Connection | None = None
    while (start := clock()) < end:
        try:
            wire = wire if wire and wire.fresh else await Connection.open(target)
            status = await wire.get()
        except (OSError, BrokenError):
            result.failed, wire = result.failed + 1, None
            continue
        if status == 200:
            result.answered += 1
            result.times.record(clock() - start)
        else:
            result.failed += 1
    if wire is not None:
        wire.close()

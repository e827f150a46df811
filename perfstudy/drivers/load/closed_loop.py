"""Closed-loop load: each client waits for an answer before its next request."""

import asyncio
from dataclasses import dataclass, field

from perfstudy.drivers.load.client import Client
from perfstudy.drivers.load.connection import Target
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
    asyncio.run(run_clients(target, clients, result))
    return result


async def run_clients(target: Target, clients: int, result: ClosedLoopResult) -> None:
    """Count the answers of *target* to so many *clients* in *result*."""
    loop = asyncio.get_running_loop()
    over = asyncio.Event()
    end = loop.time() + result.seconds
    busy = clients

    def count(client: Client, outcome: str, now: float) -> None:
        nonlocal busy
        if outcome == "200":
            result.answered += 1
            result.times.record(now - client.since)
        else:
            result.failed += 1
        if now < end:
            # In another turn of the loop, so that a client that fails at once lets the others have theirs.
            loop.call_soon(ask, client)
        else:
            busy -= 1
            client.close()
            if not busy:
                over.set()

    def ask(client: Client) -> None:
        client.request(loop.time())

    for _ in range(clients):
        ask(Client(target, count))
    await over.wait()

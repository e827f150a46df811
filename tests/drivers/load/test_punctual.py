"""The selector of the load's event loop: it never ends early without an event, and sees those that come."""

import asyncio
import socket
from selectors import EVENT_READ
from time import monotonic

import pytest

from perfstudy.drivers.load.punctual import PunctualSelector, make_punctual_loop


@pytest.mark.parametrize("timeout", [-1.0, 0.0, 1e-6, 0.0005, 0.003])
def test_a_wait_without_an_event_lasts_to_its_end(timeout: float) -> None:
    with PunctualSelector() as selector:
        start = monotonic()
        assert selector.select(timeout) == []
        assert monotonic() - start >= timeout


@pytest.mark.parametrize("timeout", [None, 0.0, 1e-6, 60.0])
def test_an_event_ends_the_wait(timeout: float | None) -> None:
    ours, theirs = socket.socketpair()
    with PunctualSelector() as selector, ours, theirs:
        key = selector.register(ours, EVENT_READ, "ours")
        theirs.send(b"x")
        assert selector.select(timeout) == [(key, EVENT_READ)]


def test_a_timer_never_fires_before_its_time() -> None:
    early: list[float] = []

    async def measure() -> None:
        loop = asyncio.get_running_loop()
        for delay in (0.0001, 0.0015, 0.004):
            end = loop.time() + delay
            await asyncio.sleep(delay)
            early.append(end - loop.time())

    with asyncio.Runner(loop_factory=make_punctual_loop) as runner:
        runner.run(measure())
    assert len(early) == 3
    assert max(early) <= 1e-6

"""One cell: warm-up requests that are discarded, then the timed ones."""

from collections.abc import Callable
from datetime import UTC, datetime
from time import monotonic, sleep
from typing import Any

import numpy as np

from perfstudy.drivers.asker import Asker
from perfstudy.drivers.http import Client, Exchange, pause_garbage_collection
from perfstudy.errors import PerfstudyError
from perfstudy.model.scenario import NOOP, Scenario
from perfstudy.model.study import Study
from perfstudy.results import CellResult

TEMPERATURES = {"cold": "MISS", "warm": "HIT"}
"""What a cache must answer at each temperature for a sample to count."""


def measure_cell(
    client: Client,
    study: Study,
    scenario: Scenario,
    targets: list[str],
    temperature: str,
    clear: Callable[[], None] | None,
    *,
    remembers: float = 0.0,
    first: bool = False,
    header: str = "",
) -> CellResult:
    """Measure one cell, and return its samples.

    *targets* are the requests of the cell's block. *clear* empties the variant's cache, and is None for
    a variant without one: before each request of a cold cell, and once before the warm-up of a warm one,
    whose warm-up then asks for each different target once. A process that *remembers* for some seconds what it read
    before that is asked only when they have passed; a cold cell gives it nothing to remember. *first* says that the
    service's process has answered nothing yet but its readiness check, so that the first request is a quantity of its
    own. *header* is the one in which its answers say HIT or MISS; empty where they do not say it.

    Raises:
        PerfstudyError: an answer's status is not 2xx, nor 304 where the client has a tag, or it did not come from where
            its temperature says.
    """
    started, clock = datetime.now(UTC), monotonic()
    before = clear if temperature == "cold" else None
    if clear is not None:
        clear()
        sleep(remembers)
    warmups = list(dict.fromkeys(targets)) if temperature == "warm" else []
    warmups += targets[: scenario.warmups]
    asker = Asker(client, scenario)
    thrown = [_request(asker, target, before) for target in warmups]
    timed = _time_requests(asker, study, targets, before, scenario.think)
    latencies = np.array([exchange.nanoseconds for exchange in timed], dtype=np.int64)
    setup = monotonic() - clock - float(latencies.sum()) / 1e9
    _check(timed, header, TEMPERATURES[temperature] if clear else None, scenario)
    return CellResult(
        latencies=latencies,
        first_ns=(thrown or timed)[0].nanoseconds if first else None,
        setup_seconds=setup,
        started_at=started,
        warmups=len(thrown),
        server_timing=_collect_phases(timed),
        bytes=int(np.median([len(exchange.body) for exchange in timed])),
        errors=0,
    )


def _request(client: Asker, target: str, before: Callable[[], None] | None) -> Exchange:
    if before is not None:
        before()
    return client.get(target)


def _time_requests(
    client: Asker, study: Study, targets: list[str], before: Callable[[], None] | None, think: float
) -> list[Exchange]:
    deadline = monotonic() + study.seconds
    timed: list[Exchange] = []
    with pause_garbage_collection():
        for target in targets:
            if len(timed) >= study.least and monotonic() > deadline:
                break
            timed.append(_request(client, target, before))
            if think:
                sleep(think)
    return timed


def _check(exchanges: list[Exchange], header: str, cache: str | None, scenario: Scenario) -> None:
    for exchange in exchanges:
        if exchange.status // 100 != 2 and not (scenario.revalidates and exchange.status == 304):
            raise PerfstudyError(f"scenario {scenario.name!r} was answered {exchange.status}: {exchange.body[:200]!r}")
        said = exchange.headers.get(header.lower())
        if header and scenario.name != NOOP and said != cache:
            raise PerfstudyError(f"scenario {scenario.name!r} expects {header} to be {cache}, and it was {said}")


def _collect_phases(exchanges: list[Exchange]) -> dict[str, Any]:
    names = {name for exchange in exchanges for name in exchange.server_timing}
    return {
        name: float(np.median([exchange.server_timing.get(name, 0.0) for exchange in exchanges]))
        for name in sorted(names)
    }

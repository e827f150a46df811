"""Spread a load over the labs of a Dask cluster, and add up their tallies.

On each lab a process of its own, ``python -m perfstudy.drivers.load.spread``, generates its part, because a worker of
Dask looks at its own state every 10 ms. They begin one after the other by their clocks, which NTP keeps alike.
"""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from perfstudy.drivers.load.connection import Target
from perfstudy.drivers.load.open_loop import Load, run_open_loop
from perfstudy.drivers.load.tally import Tally, merge_tallies, read_tally
from perfstudy.errors import PerfstudyError

if TYPE_CHECKING:
    from distributed import Client

LEADS = (5.0, 30.0)
"""Seconds in which every lab has to start its generator, at the first attempt and at the second."""
LATE = 3
"""The status of a generator that was ready only after its load had begun."""
PATIENCE = 60.0
"""Seconds beyond the load's own within which each has answered."""


def split_load(load: Load, parts: int, at: float) -> list[Load]:
    """Return *parts* equal parts of *load*; the first begins *at* a moment.

    Each begins one interval of the whole load later than the one before: at a constant rate no two requests are due at
    once, as in the whole.
    """
    connections = max(1, load.connections // parts)
    rate = load.rate / parts
    return [
        replace(load, rate=rate, connections=connections, seed=load.seed + n, at=at + n / load.rate)
        for n in range(parts)
    ]


def spread_load(client: "Client", labs: Sequence[str], load: Load) -> Tally:
    """Generate *load* from all *labs* at once, and return the tally of the whole.

    Raises:
        PerfstudyError: a lab cannot generate its part, or was lost.
    """
    for lead in LEADS:
        found = _attempt(client, labs, load, lead)
        if not any("late" in one for one in found):
            break
    for lab, one in zip(labs, found, strict=True):
        if "failed" in one:
            raise PerfstudyError(f"lab {lab}: {one['failed']}")
    return merge_tallies(map(read_tally, found))


def _attempt(client: "Client", labs: Sequence[str], load: Load, lead: float) -> list[dict[str, Any]]:
    loads = split_load(load, len(labs), time.time() + lead)
    futures = [
        client.submit(generate_apart, _encode(one), workers=[lab], pure=False)
        for lab, one in zip(labs, loads, strict=True)
    ]
    try:
        return [future.result(timeout=lead + load.duration + PATIENCE) for future in futures]
    except TimeoutError:
        raise PerfstudyError("a lab did not answer in time: look at the workers of the cluster") from None
    finally:
        for future in futures:
            future.cancel()


def _encode(load: Load) -> str:
    given = asdict(load)
    given["target"]["request"] = load.target.request.decode("latin-1")
    return json.dumps(given)


def _decode(text: str) -> Load:
    given = json.loads(text)
    target = given["target"]
    return Load(**given | {"target": Target(**target | {"request": target["request"].encode("latin-1")})})


def generate_apart(load: str) -> dict[str, Any]:
    """Generate an encoded *load* in a process; return its tally, or why it ``failed``."""
    command = [sys.executable, "-m", "perfstudy.drivers.load.spread"]
    done = subprocess.run(command, input=load, capture_output=True, text=True, check=False)
    if done.returncode:
        failed = (done.stderr.strip().splitlines() or ["its generator ended without a word"])[-1]
        return {"failed": failed} | ({"late": True} if done.returncode == LATE else {})
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def main() -> None:
    """Generate the load that comes by the input, and print its tally."""
    load = _decode(sys.stdin.read())
    if load.at is not None and time.time() > load.at:
        print("it was not ready when the load began: stop other work there, or look at its clock", file=sys.stderr)
        sys.exit(LATE)
    try:
        print(json.dumps(run_open_loop(load).stored()))
    except PerfstudyError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()

"""How many labs one store, or one scheduler, keeps up with: a projection from measured overhead.

Run with ``python -m benchmarks.labs``. It stores blocks of the ladder in PostgreSQL, as many labs would hand them
over, and has a worker of Dask return the same blocks. A lab hands over one block in the time that a block takes, which
is that of the published run. The limit is that time over the overhead of one block.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any
from uuid import uuid4

import numpy as np
import psycopg

from benchmarks.common import make_parser, open_labs
from perfstudy.commands import outcome
from perfstudy.formatting import duration, size_in_bytes
from perfstudy.listing.lab import Lab
from perfstudy.measure.cluster import RESOURCES
from perfstudy.measure.participating import add
from perfstudy.measure.schedule import draw_schedule
from perfstudy.model.catalog import find_study
from perfstudy.model.study import Study
from perfstudy.results import CellResult, Store, document
from perfstudy.results.published import load_published

PUBLISHED = "ladder-medium"


def main() -> None:
    """Print the figures."""
    options = make_parser(__doc__, rounds=20).parse_args()
    study = find_study("ladder").narrow(scales=("medium",), blocks=options.rounds)
    made = [make_block(study, block) for block in range(options.rounds)]
    size = len(json.dumps(made[0]))
    seconds = read_block_seconds()
    print(f"a block takes {duration(seconds)}, and is {size_in_bytes(size)} of JSON")
    with open_store() as store:
        show("the store", seconds, time_adding(store, study, made))
    show("the scheduler", seconds, time_returning(made))


def make_block(study: Study, block: int) -> dict[str, Any]:
    """Return *block* of *study* as a part, with times that are drawn."""
    drawn = np.random.default_rng(block)
    with Store.open("sqlite://") as store:
        run = plan(store, study)
        for cell in store.missing(run):
            if cell.block == block:
                latencies = drawn.lognormal(np.log(5e6), 0.4, study.requests).astype(np.int64)
                store.append(run, cell, CellResult(latencies, None, 0.1, datetime.now(UTC), 5, {}, 21_000))
        return document.dump(store, run)


def plan(store: Store, study: Study) -> str:
    """Plan a run of *study* in *store*."""
    return store.plan(study.name, study.declaration(), 1, study.blocks, draw_schedule(study, 1), {"cpus": 2}, {})


def read_block_seconds() -> float:
    """Return what one block of the published run took."""
    published = load_published(PUBLISHED)
    spent = published.notes["wall_seconds"]
    return float(spent["set-up"] + spent["timed"]) / published.blocks


@contextmanager
def open_store() -> Iterator[Store]:
    """Give an empty store in the lab's PostgreSQL."""
    name = f"labs_{uuid4().hex[:8]}"
    with Lab.start() as lab, psycopg.connect(lab.postgres.url(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            with Store.open(lab.postgres.url(name)) as store:
                yield store
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def time_adding(store: Store, study: Study, made: list[dict[str, Any]]) -> float:
    """Return the median seconds that *store* takes to add a block."""
    run, times = plan(store, study), []
    for one in made:
        start = perf_counter()
        assert add(store, run, one)
        times.append(perf_counter() - start)
    assert not store.missing(run)
    return median(times)


def time_returning(made: list[dict[str, Any]]) -> float:
    """Return the median seconds from sending a task to a worker until its block is here."""
    times = []
    with TemporaryDirectory() as folder, open_labs(1) as client:
        for number, one in enumerate(made):
            file = Path(folder) / f"{number}.json"
            file.write_text(json.dumps(one), encoding="utf-8")
            start = perf_counter()
            assert client.submit(read_block, str(file), pure=False, resources=RESOURCES).result() == one
            times.append(perf_counter() - start)
    return median(times)


def read_block(file: str) -> Any:
    """Return the block that lies in *file*."""
    return json.loads(Path(file).read_text(encoding="utf-8"))


def show(what: str, block: float, each: float) -> None:
    """Print how many labs *what* keeps up with, if it takes *each* seconds for a *block*."""
    print(f"{what} takes {duration(each)} for a block: it keeps up with {int(block / each):,} labs")


if __name__ == "__main__":
    outcome.run_app(main)

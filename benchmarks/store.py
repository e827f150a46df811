"""The result store for a million samples: bytes on disk, and loading time.

The time is a ratio to numpy's own.

Run with ``python benchmarks/store.py``. The yardstick is ``numpy.load`` of the same latencies from a plain file, and
the same latencies with the columns that say where they belong, as a data frame in pickled form.
"""

from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd

from perfstudy.commands import outcome
from perfstudy.formatting import duration, factor, size_in_bytes
from perfstudy.results import CellResult, PlannedCell, Store

CELLS, REQUESTS = 2_500, 400
VARIANTS = ("baseline", "index", "index+related+values", "index+related+values+connections+gunicorn+cache", "cache")


def main() -> None:
    """Print the figures."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "results.sqlite"
        with Store.open(path) as store:
            latencies = fill_store(store)
            frame = store.samples("latest")
            np.save(Path(folder) / "raw.npy", latencies)
            frame.to_pickle(Path(folder) / "frame.pickle")
            assert (np.rint(frame["seconds"] * 1e9) == latencies).all()
            loaded = time_median(lambda: store.samples("latest"))
        raw = time_median(lambda: np.load(Path(folder) / "raw.npy"))
        pickled = time_median(lambda: pd.read_pickle(Path(folder) / "frame.pickle"))
        size = path.stat().st_size
    print(
        f"{len(latencies):,} samples in {CELLS:,} cells: {size_in_bytes(size)}, {size / len(latencies):.1f} bytes each"
    )
    print(f"samples() {duration(loaded)}: {factor(loaded / raw)} times numpy.load of the bare latencies")
    print(f"{factor(loaded / pickled)} times reading the finished frame from a pickle ({duration(pickled)})")


def fill_store(store: Store) -> Any:
    """Store a run of a million samples and return its latencies in nanoseconds."""
    rng = np.random.default_rng(1)
    blocks = CELLS // len(VARIANTS)
    schedule = [
        PlannedCell(b, i, v, v, "medium", "page", "cold") for b in range(blocks) for i, v in enumerate(VARIANTS)
    ]
    run = store.plan("ladder", {}, 1, blocks, schedule, {}, {})
    latencies = rng.lognormal(np.log(5e6), 0.4, (CELLS, REQUESTS)).astype(np.int64)
    for cell, row in zip(schedule, latencies, strict=True):
        store.append(run, cell, CellResult(row, None, 0.1, datetime.now(UTC), 5, {"db": 1.0, "total": 2.0}, 21_000))
    return latencies.ravel()


def time_median(work: Any, rounds: int = 7) -> float:
    """Return the median time of *work*."""
    times = []
    for _ in range(rounds):
        start = perf_counter()
        work()
        times.append(perf_counter() - start)
    return median(times)


if __name__ == "__main__":
    outcome.run_app(main)

"""A small run, as a study would store it, and stores of both kinds of database."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
from sqlalchemy import create_engine, text

from perfstudy.results import CellResult, PlannedCell, Store

LABELS = {"baseline": "baseline", "baseline (control)": "baseline", "index": "index", "index+cache": "index+cache"}
DECLARATION = {"name": "ladder", "scenarios": ["page", "all"], "scales": ["tiny"], "requests": 400, "title": "Übung"}
DECLARATION |= {"service": "listing", "arms": [], "claims": [], "factors": [], "ladder": []}
IDENTITY = {
    "cpu": "Modell ü",
    "cpus": 2,
    "commit": "1" * 12,
    "servers": {"postgresql": "18"},
    "log": "/var/log/x y.log",
}


def planned(blocks: int = 3, scales: tuple[str, ...] = ("tiny",)) -> list[PlannedCell]:
    """Return a schedule whose order is not the sorted one."""
    cells = []
    for block in range(blocks):
        wanted = [(label, scale, scenario) for label in LABELS for scale in scales for scenario in ("page", "all")]
        np.random.default_rng(block).shuffle(wanted)
        for position, (label, scale, scenario) in enumerate(wanted):
            cells.append(PlannedCell(block, position, label, LABELS[label], scale, scenario, "cold"))
    return cells


def result(cell: PlannedCell, n: int = 25) -> CellResult:
    """Return what a cell could have measured: the same for the same cell."""
    seed = [cell.block, cell.position, n]
    latencies = np.random.default_rng(seed).lognormal(14, 0.3, n).astype(np.int64)
    return CellResult(
        latencies=latencies,
        first_ns=7_000_000 + cell.block if cell.position == 0 else None,
        setup_seconds=0.25,
        started_at=datetime(2026, 11, 2, 12, cell.block, cell.position, 123456, tzinfo=UTC),
        warmups=5,
        server_timing={"connect": 0.4, "db": 1.25, "serialize": 0.5, "total": 2.5},
        bytes=21_000,
        errors=0,
    )


def plan(
    store: Store, blocks: int = 3, study: str = "ladder", scales: tuple[str, ...] = ("tiny",), **declared: object
) -> str:
    """Plan the small study."""
    telemetry = {"load": [0.5, 0.25, 0.125]}
    return store.plan(study, DECLARATION | declared, 7, blocks, planned(blocks, scales), IDENTITY, telemetry)


def complete(store: Store, n: int = 25, blocks: int = 3, study: str = "ladder", **declared: object) -> str:
    """Store a whole run with something in every table, and return its id."""
    run = plan(store, blocks, study, **declared)
    for cell in store.missing(run):
        store.append(run, cell, result(cell, n))
    where = (run, "index", "tiny", "page", "cold")
    store.add_evidence(*where, {"statements": [{"sql": "SELECT 1", "count": 2}], "rows_removed": 0, "ratio": 0.1})
    store.add_evidence(run, "baseline", "tiny", "page", "cold", {"statements": [], "log": "/tmp/log"})
    for variant in ("index", "baseline"):
        plan_of = [{"Plan": {"Node Type": "Index Scan", "Actual Rows": 20}}]
        store.add_plan(run, variant, "tiny", "page", "cold", 0, "SELECT '/x'", plan_of, "Index Scan")
    store.add_costs(run, [{"optimization": "index", "quantity": "size", "value": 1048576, "unit": "bytes"}])
    store.note(run, "wall_seconds", {"timed": 1.5})
    store.exclude(run, "index+cache", "3 of 40 answers differ")
    store.finish(run, {"load": [1, 2, 3]})
    return run


VERDICT: dict[str, object] = {
    "claim": "index-response",
    "claimed": "2 to 5",
    "scale": "tiny",
    "speedup": 3.0,
    "low": 2.8123456789123,
    "high": float("inf"),
    "indicative": True,
    "verdict": "supported",
}
VERDICTS = [VERDICT, {**VERDICT, "claim": "other", "speedup": None, "verdict": "inconclusive"}]
"""What an analysis could say of the run."""


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Store]:
    """An empty store in a file."""
    with Store.open(tmp_path / "results.sqlite") as store:
        yield store


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """The address of an empty database, on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        return str(request.getfixturevalue("tmp_path") / "results.sqlite")
    new: Callable[[], str] = request.getfixturevalue("new_database")
    return new()


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """An empty store, on SQLite and on PostgreSQL."""
    with Store.open(url) as opened:
        yield opened


@pytest.fixture
def new_database(lab) -> Iterator[Callable[[], str]]:
    """Make an empty PostgreSQL database at each call; they are dropped at the end."""
    admin = create_engine(
        lab.postgres.url().replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT"
    )
    names = []

    def new() -> str:
        names.append(f"results_{uuid4().hex[:12]}")
        with admin.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{names[-1]}"'))
        return lab.postgres.url(names[-1])

    yield new
    with admin.connect() as connection:
        for name in names:
            connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    admin.dispose()

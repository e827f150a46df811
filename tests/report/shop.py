"""A made-up run of a service that no installed package declares: arms main, prefetch and pool. It is no result."""

from datetime import UTC, datetime
from typing import Any

import numpy as np

from perfstudy.results import CellResult, PlannedCell, Run, Store

SECONDS = (0.040, 0.018, 0.0404)
"""The planted median of each arm for the scenario ``list``; ``search`` takes a third of it."""
STATEMENTS = (62, 3, 63)
SHA = "0123456789abcdef0123456789abcdef01234567"


def declare(names: tuple[str, ...] = ("main", "prefetch", "pool"), **other: Any) -> dict[str, Any]:
    """Return the declaration of the study as a run stores it."""
    first = names[0]
    labels = {first: "reference", f"{first} (control)": "control", **dict.fromkeys(names[1:], "variant")}
    arms = [
        {"label": label, "name": label.removesuffix(" (control)"), "role": role, "factors": [], "caches": False}
        for label, role in labels.items()
    ]
    for arm in arms:
        arm |= {"ref": "HEAD", "settings": {}, "environment": {}, "command": []}
    claim = {
        "id": "twice",
        "quote": "the list is at least twice as fast",
        "source": "orders.py",
        "variant": names[1],
        "reference": first,
        "low": 2,
        "scenarios": ["list"],
    }
    declared = {"name": "orders", "title": "Prefetching in the order list", "scenarios": ["list", "search"]}
    declared |= {"scales": ["data"], "blocks": 10, "requests": 8, "seconds": 3.0, "least": 5, "factors": []}
    declared |= {"ladder": [], "variants": [], "service": "shop", "costs": False, "arms": arms, "claims": [claim]}
    return declared | {"file": "orders.py", "gate": True, "ignore": ["$.at"], "requested": {}} | other


def plan_cells(declaration: dict[str, Any], blocks: int) -> list[PlannedCell]:
    """Return the schedule, each block in an order of its own."""
    cells = []
    for block in range(blocks):
        wanted = [(arm, scenario) for arm in declaration["arms"] for scenario in declaration["scenarios"]]
        order = np.random.default_rng(block).permutation(len(wanted))
        for position, number in enumerate(order):
            arm, scenario = wanted[number]
            cells.append(PlannedCell(block, position, arm["label"], arm["name"], "data", scenario, "cold"))
    return cells


def measure(cell: PlannedCell, seconds: float, noise: float) -> CellResult:
    """Return what *cell* could have measured about the median *seconds*."""
    seed = [cell.block, *map(ord, f"{cell.label}/{cell.scenario}")]
    random = np.random.default_rng(seed)
    times = seconds * np.exp(random.normal(0, noise) + random.normal(0, noise, 8))
    return CellResult(
        latencies=(times * 1e9).astype(np.int64),
        first_ns=7_000_000 if cell.position == 0 else None,
        setup_seconds=0.25,
        started_at=datetime(2026, 11, 2, 12, cell.block, cell.position, tzinfo=UTC),
        warmups=5,
        server_timing={},
        bytes=2_100,
        errors=0,
    )


def store_run(
    store: Store,
    *,
    names: tuple[str, ...] = ("main", "prefetch", "pool"),
    blocks: int = 10,
    noise: float = 0.01,
    planted: tuple[float, ...] = SECONDS,
    excluded: dict[str, str] | None = None,
    notes: dict[str, Any] | None = None,
    **declared: Any,
) -> Run:
    """Store the run, with its arms called *names*, and return it."""
    declaration = declare(names, **declared)
    cells = plan_cells(declaration, blocks)
    identity = {"cpu": "A processor", "cpus": 2, "memory_gib": 8, "system": "Linux"}
    run = store.plan("orders", declaration, 1, blocks, cells, identity, {"load": [0.1, 0.1, 0.1]})
    seconds = dict(zip(names, planted, strict=True))
    for cell in cells:
        part = 1.0 if cell.scenario == "list" else 1 / 3
        store.append(run, cell, measure(cell, seconds[cell.variant] * part, noise))
    _add_evidence(store, run, names, declaration["scenarios"])
    sources = {"main": {"origin": "ref", "named": "origin/main", "sha": SHA, "changed": [], "untracked": []}}
    sources["prefetch"] = {"origin": "tree", "named": ".", "sha": SHA, "changed": ["shop/views.py"], "untracked": []}
    gate = {"requests": 14, "ignored": ["$.at"], "own_differences": [], "warnings": []}
    for key, value in ({"sources": sources, "gate": gate} | (notes or {})).items():
        store.note(run, key, value)
    for arm, reason in (excluded or {}).items():
        store.exclude(run, arm, reason)
    store.finish(run, {"load": [0.1, 0.1, 0.1]})
    return store.run(run)


def _add_evidence(store: Store, run: str, names: tuple[str, ...], scenarios: list[str]) -> None:
    """Store the statements of each request, and a plan that changes with the second arm."""
    for name, count in zip(names, STATEMENTS, strict=True):
        for scenario in scenarios:
            place = (run, name, "data", scenario, "cold")
            seen = {"statement_count": count, "execution_ms": 3.0, "rows_removed": 5, "bytes": 2_100}
            store.add_evidence(*place, seen | {"gate_requests": 14, "gate_differences": 0})
            node = "Index Scan" if name == names[1] else "Seq Scan"
            plan = [{"Plan": {"Node Type": node, "Actual Rows": 20, "Actual Total Time": 1.5, "Actual Loops": 1}}]
            store.add_plan(*place, 0, "SELECT id FROM orders", plan, node)

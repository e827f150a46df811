"""Made-up material of the shape that a run gives: it shows the report at work and is no result."""

from typing import Any

import pandas as pd

from perfstudy.report.material import Material
from tests.charts import factories as frames

SCENARIOS = ("page", "all", "business", "type")
IDENTITY: dict[str, Any] = {
    "cpu": "A processor",
    "cpus": 2,
    "memory_gib": 8,
    "system": "Linux",
    "container": "a virtual machine",
    "governor": None,
    "python": "3.11.2",
    "packages": {"django": "5.2.1", "psycopg": "3.3.0"},
    "servers": {"postgresql": "18.1", "redis": "valkey 9.0", "postgresql_settings": {"shared_buffers": "16384"}},
    "settings": {"postgresql": {"shared_buffers": "128MB"}, "redis": {"maxmemory": "64mb"}},
}
PASSING: dict[str, Any] = {
    "load": [0.2, 0.1, 0.1],
    "available_gib": 6.0,
    "swap_used_gib": 0.0,
    "on_battery": False,
    "jitter": 1.1,
}
CELLS = {"connect": "connect_ms", "db": "db_ms", "serialize": "serialize_ms", "total": "total_ms"}


def cells(scenarios: tuple[str, ...] = SCENARIOS, blocks: int = 3) -> pd.DataFrame:
    """Return measured cells: the phases of each label, and the first request of each process."""
    phases = frames.phases().rename(columns=CELLS)
    rows = []
    for block in range(blocks):
        for i, scenario in enumerate(scenarios):
            here = phases.assign(block=block, scale="small", scenario=scenario, variant=phases["label"])
            here["median_ns"] = (here["response"] * 1e6).astype("int64")
            here["first_ns"] = pd.array(here["median_ns"] * 4 if i == 0 else [None] * len(here), dtype="Int64")
            rows.append(here.drop(columns="response"))
    return pd.concat(rows, ignore_index=True)


def plans(scenarios: tuple[str, ...] = SCENARIOS) -> list[dict[str, Any]]:
    """Return the plan of the page's statement in the baseline and with the index, at each place."""
    found = []
    for scenario in scenarios:
        for variant, name in (("baseline", "page-baseline"), ("index", "page-index")):
            row = {"variant": variant, "scale": "small", "scenario": scenario, "temperature": "cold", "number": 0}
            plan = frames.plan(name)[0]
            sql = "SELECT id FROM ads_programregistry WHERE username = ? ORDER BY start_date DESC LIMIT ?"
            found.append(row | {"sql": sql, "plan": plan, "shape": name})
    return found


def evidence(scenarios: tuple[str, ...] = SCENARIOS) -> list[dict[str, Any]]:
    """Return what a request of each label does."""
    return [
        {
            "variant": row["label"],
            "scale": "small",
            "scenario": scenario,
            "temperature": row["temperature"],
            "statement_count": 22
            if row["label"] in ("baseline", "index")
            else 0
            if row["temperature"] == "warm"
            else 3,
            "execution_ms": row["db"],
            "rows_removed": 67,
            "buffers_hit": 103,
            "buffers_read": 2,
            "bytes": 21_312,
            "cache": {"warm": "HIT"}.get(row["temperature"]),
        }
        for scenario in scenarios
        for row in frames.phases().to_dict("records")
    ]


def material(scenarios: tuple[str, ...] = SCENARIOS, **other: Any) -> Material:
    """Return the material of a ladder that has everything else as well."""
    given: dict[str, Any] = {
        "name": "ladder-small-20260101-120000-abcd",
        "study": "ladder",
        "scale": "small",
        "seed": 1,
        "blocks": 10,
        "declaration": {"scales": ["small"], "scenarios": list(scenarios), "requests": 30},
        "environment": IDENTITY,
        "telemetry": {"before": PASSING, "after": PASSING},
        "facts": {
            "study": "ladder at small",
            "blocks": "10, seed 1",
            "environment": "0123456789ab",
            "excluded": "none",
        },
        "samples": frames.samples(scenarios=scenarios),
        "cells": cells(scenarios),
        "evidence": evidence(scenarios),
        "plans": plans(scenarios),
        "costs": frames.costs(),
        "verdicts": frames.verdicts(scenarios),
        "comparisons": frames.comparisons(scenarios),
        "ladder": frames.ladder(scenarios),
        "attribution": frames.attribution(scenarios[:1]),
        "interactions": frames.interactions(scenarios[:1]),
    }
    return Material(**given | other)

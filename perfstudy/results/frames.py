"""Turn rows of the store into frames of requests or of cells."""

from collections.abc import Iterable, Mapping, Sequence
from math import exp
from typing import Any

import numpy as np
import pandas as pd

from perfstudy.analysis.effect import log_midmean
from perfstudy.analysis.quantile import estimate_quantile
from perfstudy.results.cells import read_quantities, unpack

TIMINGS = ("connect", "db", "serialize", "total")
"""The parts of the service's own account of a request, as in its Server-Timing header."""

SAMPLE_COLUMNS = ("block", "label", "variant", "scale", "scenario", "temperature", "n", "seconds")


def samples(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return one row per timed request, in the order of the schedule.

    *rows* hold a cell's block, label, variant, scale, scenario, temperature, and its packed latencies.
    Columns: those of the cell, ``n`` (the request's place in its cell, from 0) and ``seconds``.
    """
    latencies = [unpack(row["latencies"]) for row in rows]
    lengths = np.array([len(part) for part in latencies], dtype=np.int64)
    cell = np.repeat(np.arange(len(rows)), lengths)
    starts = np.cumsum(lengths) - lengths
    frame = pd.DataFrame({name: _repeat(rows, name, cell) for name in SAMPLE_COLUMNS[:-2]})
    frame["n"] = np.arange(lengths.sum(), dtype=np.int64) - starts[cell]
    frame["seconds"] = np.concatenate([*latencies, np.empty(0, dtype=np.int64)]) / 1e9
    return frame


def _repeat(rows: Sequence[Mapping[str, Any]], name: str, cell: Any) -> Any:
    values = pd.Series([row[name] for row in rows], dtype="int64" if name == "block" else "str")
    return values.take(cell).array


def cells(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Return one row per measured cell, in the order of the schedule.

    Columns: block, position, label, variant, scale, scenario, temperature, started_at, setup_seconds, warmups, n,
    median_ns, middle_ns (the interquartile mean of the logs, which speed-ups compare), p95_ns (missing
    where a cell has fewer than 400 requests), first_ns (missing where the process had
    already served), connect_ms, db_ms, serialize_ms, total_ms (medians of the service's own account), bytes, errors,
    quantities (what the browser counted of a page, by name; empty for requests).
    """
    return pd.DataFrame([_cell(row) for row in rows], columns=CELL_COLUMNS).astype(CELL_TYPES)


_INTEGERS = ("block", "position", "warmups", "n", "bytes", "errors")
_MAYBE = ("median_ns", "middle_ns", "p95_ns", "first_ns")
_TEXTS = ("label", "variant", "scale", "scenario", "temperature")
_FLOATS = ("setup_seconds", *(f"{part}_ms" for part in TIMINGS))

CELL_TYPES = {
    **dict.fromkeys(_INTEGERS, "int64"),
    **dict.fromkeys(_MAYBE, "Int64"),
    **dict.fromkeys(_TEXTS, "str"),
    **dict.fromkeys(_FLOATS, "float64"),
}

CELL_COLUMNS = [
    *("block", "position", *_TEXTS, "started_at", "setup_seconds", "warmups", "n", *_MAYBE),
    *(f"{part}_ms" for part in TIMINGS),
    *("bytes", "errors", "quantities"),
]


def _cell(row: Mapping[str, Any]) -> dict[str, Any]:
    latencies = unpack(row["latencies"])
    timing = row["server_timing"]
    return {
        **{name: row[name] for name in CELL_COLUMNS if name in row},
        "median_ns": _quantile(latencies, 0.5),
        "middle_ns": round(exp(log_midmean(latencies))) if len(latencies) else None,
        "p95_ns": _quantile(latencies, 0.95),
        **{f"{part}_ms": timing.get(part) for part in TIMINGS},
        "quantities": read_quantities(timing),
    }


def _quantile(latencies: Any, q: float) -> int | None:
    """Return the *q* quantile in nanoseconds, None where samples are too few."""
    found = estimate_quantile(latencies, q).value
    return None if found is None else round(found)


def table(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return a frame of flat mappings, its columns in order of appearance."""
    columns = list(dict.fromkeys(key for row in rows for key in row))
    return pd.DataFrame(rows, columns=columns)

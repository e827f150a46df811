"""Write reviewed results as small text files, which ``published`` reads.

A folder ``<study>-<scale>`` holds:

- ``run.json``: the run's id, study, scale, seed, blocks, declaration, environment (and its identity's digest),
  telemetry, notes and exclusions.
- ``cells.csv``: one row per cell: its median and, where it has 400 requests or more, its 95th percentile.
- ``verdicts.csv`` and ``costs.csv``: the tables as the analysis gave them; empty where it gave none.
- ``evidence.json``: what the server did for each variant and scenario.
- ``plans.json``: each distinct plan once, with the places where it occurred.
- ``README.md``: the command that measures the same once more.

Order and number formats are fixed, so that a new run shows as a readable difference. No path and no host name
is in them.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from perfstudy import paths
from perfstudy.errors import PerfstudyError
from perfstudy.model import files
from perfstudy.model.shard import WHOLE, read_shard
from perfstudy.results.document import Rows
from perfstudy.results.names import FOLDER
from perfstudy.results.plain import digest, plain
from perfstudy.results.redaction import redact
from perfstudy.results.resultset import Run, repeat_command
from perfstudy.results.store import Store

if TYPE_CHECKING:
    import pandas as pd

FILES = ("run.json", "cells.csv", "verdicts.csv", "costs.csv", "evidence.json", "plans.json", "README.md")

PLACE = ("scale", "scenario", "temperature", "variant")
"""What the rows of a published set are sorted by, before their own number or label."""

CELLS = [
    *("scale", "scenario", "temperature", "label", "variant", "block", "n"),
    *("median_ns", "middle_ns", "p95_ns", "first_ns"),
    *("connect_ms", "db_ms", "serialize_ms", "total_ms", "bytes", "errors"),
]

DIGITS = 9
"""Significant digits of a number that is not whole."""


def publish(store: Store, run: str, folder: str | Path | None = None, verdicts: Rows = ()) -> Path:
    """Write a finished run as text files and return their folder.

    They lie below *folder*, by default below ``paths.publishing()``.

    *verdicts* are what the findings of the run say, none by default.

    An earlier set of the same study, scale and choice of variants is replaced.

    Raises:
        PerfstudyError: the run is unfinished, or the files cannot be written.
    """
    found = store.run(run)
    if not found.finished:
        raise PerfstudyError(f"{found.summary}: resume it first, with perfstudy run --resume {found.id}")
    shard = read_shard(found.notes)
    if shard != WHOLE:
        raise PerfstudyError(f"{found.id} is shard {shard} of a run: join it with the others first, by perfstudy merge")
    texts = _texts(found, verdicts)
    # A study that was narrowed to some variants must not take the place of the whole one.
    called = "-".join([found.study, found.scale, *(found.declaration.get("variants") or ())])
    if not FOLDER.fullmatch(called):
        raise PerfstudyError(f"run {found.id} cannot be published as {called[:60]!a}: that is no name of a folder")
    target = (paths.publishing() if folder is None else Path(folder)) / called
    files.make_folder(target)
    for name in FILES:
        files.write(target / name, texts[name].encode())
    return target


def _texts(run: Run, verdicts: Rows) -> dict[str, str]:
    from perfstudy.results import frames

    return {
        "run.json": _json(_record(run)),
        "cells.csv": _csv(run.cells[_list_columns(run.cells)].sort_values(CELLS[:6], kind="stable")),
        "verdicts.csv": _csv(frames.table([plain(row) for row in verdicts])),
        "costs.csv": _csv(run.costs),
        "evidence.json": _json([_redact_row(row) for row in sorted(run.evidence, key=_place)]),
        "plans.json": _json(_list_distinct(run.plans), sort_keys=False),
        "README.md": f"Run {run.id}, measured by `{redact(repeat_command(run))}`.\n",
    }


def _list_columns(cells: "pd.DataFrame") -> list[str]:
    """Return the columns that are published; quantities only of pages."""
    return [*CELLS, *(["quantities"] if cells["quantities"].map(bool).any() else [])]


def _record(run: Run) -> dict[str, Any]:
    summary = run.summary
    names = ("environment", "telemetry", "notes", "excluded")
    return {
        "declaration": redact(run.declaration, ()),
        **{name: redact(getattr(run, name)) for name in names},
        **{name: getattr(run, name) for name in ("id", "study", "scale", "seed", "blocks", "package")},
        "identity": summary.environment,
        "created_at": plain(summary.created_at),
        "finished_at": plain(summary.finished_at),
    }


def _place(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return (*(row[name] for name in PLACE), row.get("number", 0))


def _redact_row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**redact(row), **{name: row[name] for name in PLACE}}


def _list_distinct(plans: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return each plan once, with the places where it occurred."""
    found: dict[str, dict[str, Any]] = {}
    for row in sorted(plans, key=_place):
        key = digest([row["scale"], row["sql"], row["shape"]])
        plan = found.setdefault(key, {"where": [], **{name: row[name] for name in ("sql", "shape", "plan")}})
        plan["where"].append({name: row[name] for name in (*PLACE, "number")})
    return [{**plan, "plan": redact(plan["plan"])} for plan in found.values()]


def _json(value: Any, *, sort_keys: bool = True) -> str:
    return json.dumps(value, indent=1, sort_keys=sort_keys, ensure_ascii=False) + "\n"


def _csv(frame: "pd.DataFrame") -> str:
    """Return a table as text; a nested value stands in it as JSON."""
    texts = frame.astype(object).map(_cell) if len(frame) else frame
    return str(texts.to_csv(index=False, lineterminator="\n")) if len(frame.columns) else ""


def _cell(value: Any) -> Any:
    import pandas as pd

    if isinstance(value, list | dict):
        return json.dumps(redact(value, ()), sort_keys=True)
    if isinstance(value, str):
        return redact(value, ())
    if pd.isna(value):
        return ""
    return f"{value:.{DIGITS}g}" if isinstance(value, float) and not value.is_integer() else _format_whole(value)


def _format_whole(value: Any) -> Any:
    """Return a number that stays of its type when it is read back."""
    return f"{value:.1f}" if isinstance(value, float) and abs(value) < 1e15 else value

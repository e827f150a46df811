"""Read published result sets from their text files, without a database.

``perfstudy.results.publish`` says what the files of a set hold.
"""

import io
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from perfstudy import paths
from perfstudy.errors import PerfstudyError, unknown
from perfstudy.formatting import factor_with_interval
from perfstudy.model.claim import say_unmeasured
from perfstudy.model.table import Table
from perfstudy.model.verdict_cell import Verdict
from perfstudy.results.conversion import convert_declaration, convert_name, convert_rows, convert_verdicts
from perfstudy.results.resultset import ResultSet, describe

if TYPE_CHECKING:
    import pandas as pd


PLACED = ("claim", "scale", "scenario", "temperature")
"""The columns that say what a verdict is on, so far as a set has them."""


@dataclass(frozen=True, repr=False)
class Published(ResultSet):
    """A reviewed result set, without samples of single requests."""

    name: str
    record: dict[str, Any]
    tables: dict[str, "pd.DataFrame"]
    lists: dict[str, list[dict[str, Any]]]

    @property
    def id(self) -> str:
        """The id of the run that was published."""
        return str(self.record["id"])

    @property
    def study(self) -> str:
        """The study's name."""
        return str(self.record["study"])

    @property
    def scale(self) -> str:
        """The scale, or the first and the last one."""
        return str(self.record["scale"])

    @property
    def seed(self) -> int:
        """The seed of the schedule."""
        return int(self.record["seed"])

    @property
    def blocks(self) -> int:
        """The number of blocks."""
        return int(self.record["blocks"])

    @property
    def finished(self) -> bool:
        """Always true: an unfinished run is not published."""
        return True

    @property
    def declaration(self) -> dict[str, Any]:
        """The study as declared."""
        return dict(self.record["declaration"])

    @property
    def environment(self) -> dict[str, Any]:
        """The identity of the environment: what must be equal for runs to be pooled."""
        return dict(self.record["environment"])

    @property
    def telemetry(self) -> dict[str, Any]:
        """Passing conditions, ``before`` the first request and ``after`` the last one."""
        return dict(self.record["telemetry"])

    @property
    def notes(self) -> dict[str, Any]:
        """What the run recorded by name."""
        return dict(self.record["notes"])

    @property
    def excluded(self) -> dict[str, str]:
        """Variants that do not count, with the reason."""
        return dict(self.record["excluded"])

    @property
    def samples(self) -> "pd.DataFrame":
        """One row per cell, as if its middle, in ``seconds``, had been its only request.

        Sets from before middles were stored have the median there, and their speed-ups compare medians.

        The paired log ratio takes nothing else from a cell, so speed-ups have the intervals that the samples gave;
        tails and the spread within cells are not to be had from it.
        """
        frame = self.tables["cells"]
        columns = frame[["block", "label", "variant", "scale", "scenario", "temperature"]]
        return columns.assign(n=0, seconds=frame["middle_ns"].astype(float) / 1e9)

    @property
    def cells(self) -> "pd.DataFrame":
        """One row per cell; the columns are those of ``Reader.cells``."""
        return self.tables["cells"].copy()

    @property
    def verdicts(self) -> "pd.DataFrame":
        """The verdicts that were reviewed."""
        return self.tables["verdicts"].copy()

    @property
    def costs(self) -> "pd.DataFrame":
        """The cost side."""
        return self.tables["costs"].copy()

    @property
    def evidence(self) -> list[dict[str, Any]]:
        """The evidence, each with the place that it is of."""
        return self.lists["evidence"]

    @property
    def plans(self) -> list[dict[str, Any]]:
        """The plan of every statement, with the place that it is of.

        Statements with the same text and shape share the plan of one of them.
        """
        return [
            {**place, **{name: plan[name] for name in ("sql", "shape", "plan")}}
            for plan in self.lists["plans"]
            for place in plan["where"]
        ]

    def facts(self) -> dict[str, str]:
        """Return what the set is, in words."""
        record = self.record
        return {
            "run": self.id,
            **describe(self.study, self.scale, self.blocks, self.seed, record["identity"], self.excluded),
            "cells": str(len(self.tables["cells"])),
        }

    def _repr_html_(self) -> str:
        from perfstudy.analysis.verdict import UNTESTED

        rows = self.verdicts.to_dict("records")
        judged = [row for row in rows if row["verdict"] != UNTESTED]
        others = {row["claim"] for row in rows} - {row["claim"] for row in judged}
        note = say_unmeasured(len(others)) if others else ""
        table = Table([_show(row) for row in judged], "Verdicts, with 95% intervals", note=note)
        return super()._repr_html_() + (table._repr_html_() if judged else "")


def _show(row: dict[str, Any]) -> dict[str, object]:
    return {
        **{name: row[name] for name in PLACED if name in row},
        "speed-up": factor_with_interval(row["speedup"], row["low"], row["high"]),
        "claimed": row["claimed"],
        "verdict": Verdict(row["verdict"]),
    }


def list_published(folder: str | Path | None = None) -> list[str]:
    """Return the names of the published result sets.

    They are those in *folder*, by default those of the package and those that this project published.
    """
    return sorted(_find_sets(folder))


def _find_sets(folder: str | Path | None) -> dict[str, Path]:
    """Return the folder of each set; of two with one name, the project's own."""
    roots = (paths.published(), paths.publishing()) if folder is None else (Path(folder),)
    return {path.parent.name: path.parent for root in roots for path in root.glob("*/run.json")}


def load_published(name: str, folder: str | Path | None = None) -> Published:
    """Read a published result set.

    Raises:
        PerfstudyError: a file of it is missing or cannot be read.
        UsageError: there is none of that name; the nearest are named.
    """
    known = _find_sets(folder)
    if name not in known:
        raise unknown("published result", name, sorted(known))
    source = known[name]
    tables = {table: _read(source / f"{table}.csv", _frame) for table in ("cells", "verdicts", "costs")}
    found = Published(
        name=name,
        record=_read(source / "run.json", json.loads),
        tables=tables | {"verdicts": convert_verdicts(tables["verdicts"])},
        lists={one: _read(source / f"{one}.json", json.loads) for one in ("evidence", "plans")},
    )
    if "service" not in found.declaration:
        return _convert(found)
    return replace(found, record=found.record | {"declaration": convert_declaration(found.declaration)})


def _convert(old: Published) -> Published:
    """Return a set of the first schema as one of today's."""
    excluded = {convert_name(name): reason for name, reason in old.excluded.items()}
    cells = old.tables["cells"]
    names = {column: cells[column].map(convert_name) for column in ("label", "variant")}
    plans = [plan | {"where": convert_rows(plan["where"], ("variant",))} for plan in old.lists["plans"]]
    return replace(
        old,
        record=old.record | {"declaration": convert_declaration(old.declaration), "excluded": excluded},
        tables=old.tables | {"cells": cells.assign(**names)},
        lists={"evidence": convert_rows(old.lists["evidence"], ("variant",)), "plans": plans},
    )


def published_verdicts(folder: str | Path | None = None, *, but: str = "") -> "pd.DataFrame":
    """Return all published verdicts, each with its ``published`` set and ``study``.

    The set of the run *but* is left out, since a run says nothing about itself.
    Empty, but with the columns that readers ask for, where nothing is published.
    """
    import pandas as pd

    frames = []
    for name in list_published(folder):
        found = load_published(name, folder)
        if len(found.verdicts) and found.id != but:
            frames.append(found.verdicts.dropna(subset=["speedup"]).assign(published=name, study=found.study))
    names = ("published", "study", "claim", "scale", "scenario", "speedup", "low", "high", "verdict")
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(names))


def _read(path: Path, reader: Callable[[str], Any]) -> Any:
    try:
        return reader(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PerfstudyError(f"{path} cannot be read: {error}; restore it, or publish the run once more") from error


def _frame(text: str) -> "pd.DataFrame":
    import pandas as pd

    if not text.strip():
        return pd.DataFrame()
    frame = pd.read_csv(io.StringIO(text), keep_default_na=False, na_values=[""])
    if "median_ns" in frame and "middle_ns" not in frame:
        frame.insert(list(frame.columns).index("median_ns") + 1, "middle_ns", frame["median_ns"])
    if "quantities" in frame:
        frame["quantities"] = frame["quantities"].map(json.loads)
    integers = {name: "Int64" for name in ("median_ns", "middle_ns", "p95_ns", "first_ns") if name in frame}
    return frame.astype(integers)

"""Represent a run of the store, and say what a result set is."""

import shlex
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Protocol

from perfstudy.formatting import percent
from perfstudy.model.table import Table

if TYPE_CHECKING:
    import pandas as pd

    from perfstudy.results.reader import Reader


class ResultSet(ABC):
    """What a run of the store and a published one have in common."""

    name: str
    """The run's id, or the published folder's name."""

    @abstractmethod
    def facts(self) -> dict[str, str]:
        """Return what the set is, in words: the same lines at every call."""

    def __str__(self) -> str:
        lines = [f"{key}: {value}" for key, value in self.facts().items()]
        return "\n".join([f"{type(self).__name__} {self.name}", *lines])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        rows = [{"what": key, "value": value} for key, value in self.facts().items()]
        return Table(rows, f"{type(self).__name__} {self.name}")._repr_html_()


def describe(
    study: str, scale: str, blocks: int, seed: int, identity: str, excluded: Mapping[str, str]
) -> dict[str, str]:
    """Return the lines that every result set begins with."""
    without = "; ".join(f"{variant} ({reason})" for variant, reason in sorted(excluded.items()))
    return {
        "study": f"{study} at {scale}",
        "blocks": f"{blocks}, seed {seed}",
        "environment": identity[:12],
        "excluded": without or "none",
    }


class Repeatable(Protocol):
    """What is needed of a result set to say how to repeat it."""

    @property
    def study(self) -> str:
        """The study's name."""

    @property
    def blocks(self) -> int:
        """The number of blocks planned."""

    @property
    def seed(self) -> int:
        """The seed of the schedule."""

    @property
    def declaration(self) -> Mapping[str, Any]:
        """The study as declared."""

    @property
    def notes(self) -> Mapping[str, Any]:
        """What was noted of the run by name."""


def repeat_command(one: Repeatable) -> str:
    """Return the command that measures the same study once more."""
    if "command" in one.notes:
        return str(one.notes["command"])
    declared = one.declaration
    if declared.get("file"):
        return _repeat_own(one)
    lists = ("scales", "scenarios", "variants")
    several = [f"--{key[:-1]} {value}" for key in lists for value in declared.get(key) or ()]
    requests = [f"--requests {declared['requests']}"] if "requests" in declared else []
    # Competitors are no part of the package: a study that has some is declared by the benchmark of its name.
    competes = any(arm["role"] == "competitor" for arm in declared.get("arms") or ())
    study = f"benchmarks/{one.study}.py" if competes else one.study
    words = ["perfstudy run --study", study, *several, f"--blocks {one.blocks}"]
    return " ".join([*words, *requests, f"--seed {one.seed}"])


def _repeat_own(one: Repeatable) -> str:
    """Return the command for a study file, with all that may differ from it."""
    declared = one.declaration
    several = [("scenario", name) for name in declared["scenarios"]]
    several += [("variant", name) for name in declared.get("variants") or ()]
    for option, reference in (("base", True), ("head", False)):
        refs = {arm.get("ref") for arm in declared["arms"] if (arm["role"] in ("reference", "control")) is reference}
        several += [(option, ref) for ref in refs if ref and len(refs) == 1]
    several += [("blocks", one.blocks), ("requests", declared["requests"]), ("seed", one.seed)]
    if declared.get("until"):
        several.append(("until", percent(declared["width"], 3) if declared.get("width") else declared["until"]))
    file = shlex.quote(PurePath(declared["file"]).name)
    return " ".join(["perfstudy run", file, *(f"--{name} {shlex.quote(str(value))}" for name, value in several)])


@dataclass(frozen=True)
class RunSummary:
    """One line about a run: *cells* without excluded ones, and the *measured*."""

    id: str
    study: str
    scale: str
    seed: int
    blocks: int
    cells: int
    measured: int
    created_at: datetime
    finished_at: datetime | None
    environment: str
    """The digest of the environment's identity: runs that share it may be pooled."""
    declaration: dict[str, Any]
    """The study as declared."""

    @property
    def missing(self) -> int:
        """How many cells are still to be measured."""
        return self.cells - self.measured

    def __str__(self) -> str:
        state = "finished" if self.finished_at else "unfinished"
        return f"{self.id}: {self.measured} of {self.cells} cells, {state}"


@dataclass(frozen=True, repr=False)
class Run(ResultSet):
    """A run of the store; its frames are read when they are needed."""

    summary: RunSummary
    environment: dict[str, Any]
    """The identity of the environment: what must be equal for runs to be pooled."""
    telemetry: dict[str, Any]
    """Passing conditions, ``before`` the first request and ``after`` the last one (``None`` until then)."""
    notes: dict[str, Any]
    excluded: dict[str, str]
    """Variants that do not count, with the reason; their samples, where there are any, stay readable."""
    package: str
    """The version of perfstudy that measured."""
    store: "Reader" = field(compare=False)

    @property
    def name(self) -> str:  # type: ignore[override]
        """The run's id."""
        return self.summary.id

    id = name

    @property
    def study(self) -> str:
        """The study's name."""
        return self.summary.study

    @property
    def scale(self) -> str:
        """The scale, or the first and the last one."""
        return self.summary.scale

    @property
    def seed(self) -> int:
        """The seed of the schedule."""
        return self.summary.seed

    @property
    def blocks(self) -> int:
        """The number of blocks planned."""
        return self.summary.blocks

    @property
    def finished(self) -> bool:
        """Whether every cell was measured or excluded, and the run closed."""
        return self.summary.finished_at is not None

    @property
    def declaration(self) -> dict[str, Any]:
        """The study as declared."""
        return self.summary.declaration

    @property
    def samples(self) -> "pd.DataFrame":
        """See :meth:`Reader.samples`."""
        return self.store.samples(self.id)

    @property
    def cells(self) -> "pd.DataFrame":
        """See :meth:`Reader.cells`."""
        return self.store.cells(self.id)

    @property
    def evidence(self) -> list[dict[str, Any]]:
        """See :meth:`Reader.evidence`."""
        return self.store.evidence(self.id)

    @property
    def plans(self) -> list[dict[str, Any]]:
        """See :meth:`Reader.plans`."""
        return self.store.plans(self.id)

    @property
    def costs(self) -> "pd.DataFrame":
        """See :meth:`Reader.costs`."""
        return self.store.costs(self.id)

    def facts(self) -> dict[str, str]:
        """Return what the run is, in words."""
        one = self.summary
        return {
            **describe(one.study, one.scale, one.blocks, one.seed, one.environment, self.excluded),
            "cells": f"{one.measured} of {one.cells}, {'finished' if self.finished else 'unfinished'}",
        }

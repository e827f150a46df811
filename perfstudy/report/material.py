"""Collect what a report is made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from perfstudy import findings
from perfstudy.charts.frames import sort_labels
from perfstudy.model.catalog import load_catalogs
from perfstudy.model.labels import REFERENCE, find_size, is_own, sort_arms
from perfstudy.results import Run
from perfstudy.results.machines import Machine
from perfstudy.results.published import Published, published_verdicts


@dataclass(frozen=True, kw_only=True)
class Material:
    """The material of one report; a frame that the run does not have is empty.

    The frames have the columns that the store and ``findings`` give them.
    """

    name: str
    study: str
    scale: str
    seed: int = 0
    blocks: int = 0
    finished: bool = True
    declaration: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, Any] = field(default_factory=dict)
    telemetry: Mapping[str, Any] = field(default_factory=dict)
    notes: Mapping[str, Any] = field(default_factory=dict)
    excluded: dict[str, str] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    samples: pd.DataFrame = field(default_factory=pd.DataFrame)
    cells: pd.DataFrame = field(default_factory=pd.DataFrame)
    evidence: list[dict[str, Any]] = field(default_factory=list)
    plans: list[dict[str, Any]] = field(default_factory=list)
    costs: pd.DataFrame = field(default_factory=pd.DataFrame)
    verdicts: pd.DataFrame = field(default_factory=pd.DataFrame)
    comparisons: pd.DataFrame = field(default_factory=pd.DataFrame)
    ladder: pd.DataFrame = field(default_factory=pd.DataFrame)
    attribution: pd.DataFrame = field(default_factory=pd.DataFrame)
    interactions: pd.DataFrame = field(default_factory=pd.DataFrame)
    on_machines: pd.DataFrame = field(default_factory=pd.DataFrame)
    machines: Sequence[Machine] = ()

    @property
    def reference(self) -> str:
        """The label that the others are compared with."""
        roles = self.comparisons.get("role")
        found = [] if roles is None else list(self.comparisons.loc[roles == "reference", "label"])
        return str(found[0]) if found else REFERENCE

    @property
    def scales(self) -> list[str]:
        """The scales that were measured, smallest first."""
        return sort_labels(self.comparisons["scale"]) if len(self.comparisons) else []

    @property
    def scenarios(self) -> list[str]:
        """The scenarios that were measured, in the study's order; not the noop."""
        every = sort_labels(self.comparisons["scenario"]) if len(self.comparisons) else []
        return [scenario for scenario in every if scenario != "noop"]

    @property
    def headline(self) -> list[str]:
        """The scenarios that are shown at once; the others are folded away."""
        named = {name for catalog in load_catalogs().values() for name in catalog.headline}
        chosen = [] if is_own(self.declaration) else [name for name in self.scenarios if name in named]
        return chosen or self.scenarios

    @property
    def labels(self) -> list[str]:
        """The labels that were measured, in the study's order."""
        return sort_arms(self.comparisons["label"]) if len(self.comparisons) else []

    def places(self) -> list[tuple[str, str]]:
        """Return every (scale, scenario) measured; of growing sizes the ends."""
        sizes = {name: size for name in self.scenarios if (size := find_size(name)) is not None}
        inner = set(sorted(sizes, key=sizes.__getitem__)[1:-1])
        there = set(zip(self.comparisons["scale"], self.comparisons["scenario"], strict=True)) if self.labels else set()
        return [
            (scale, scenario)
            for scale in self.scales
            for scenario in self.scenarios
            if scenario not in inner and (scale, scenario) in there
        ]


Reported = Run | Published | findings.Findings
"""What a report can be of."""


def collect_material(source: Reported) -> Material:
    """Return the material of a run, a published set, or their findings.

    A run's verdicts are compared with the published ones. A published set has the verdicts that were reviewed, and
    no single samples to show.
    """
    found = findings.find(source)
    run = found.run
    assert isinstance(run, Run | Published)
    measured = Material(
        **{name: getattr(run, name) for name in ("name", "study", "scale", "seed", "blocks", "declaration")},
        **{name: getattr(run, name) for name in ("environment", "telemetry", "notes", "excluded")},
        **{name: getattr(run, name) for name in ("cells", "evidence", "plans", "costs")},
        verdicts=run.verdicts if isinstance(run, Published) else pd.DataFrame(),
        finished=run.finished,
        facts=run.facts(),
    )
    if not found.places:
        return measured
    shown = replace(
        measured,
        comparisons=found.comparisons,
        ladder=found.ladder,
        attribution=found.attribution,
        interactions=found.interactions,
        on_machines=found.on_machines,
        machines=found.machines,
    )
    if isinstance(run, Published):
        return shown
    others = published_verdicts(but=run.id)
    return replace(
        shown,
        verdicts=findings.add_published(found.verdicts, others, run.study),
        samples=_sort_samples(run.samples, found.labels),
    )


def _sort_samples(samples: pd.DataFrame, labels: list[str]) -> pd.DataFrame:
    """Return *samples* in the order of *labels*, and each label's as scheduled."""
    return samples.sort_values("label", key=lambda column: column.map(labels.index), kind="stable")

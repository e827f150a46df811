"""The cells of a run by series and condition, ready to be compared."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd

from perfstudy.analysis.comparison import Comparison, compare
from perfstudy.analysis.floor import NoiseFloor, measure_noise_floor
from perfstudy.analysis.interval import Interval
from perfstudy.analysis.sequential import PILOT, find_confidence
from perfstudy.findings.grouping import Grouped, group_quantities, group_samples, pair_blocks
from perfstudy.model.arm import Role
from perfstudy.model.labels import (
    REFERENCE,
    is_control,
    is_own,
    list_factors,
    put_reference_first,
    sort_arms,
    split_factors,
    without_control,
)
from perfstudy.model.quantity import DATABASE, QUANTITIES, RESPONSE
from perfstudy.model.scenario import NOOP
from perfstudy.model.study import DECIDED
from perfstudy.results.machines import read_machines


class Run(Protocol):
    """What findings ask of a run."""

    @property
    def samples(self) -> pd.DataFrame:
        """One row per timed request."""

    @property
    def cells(self) -> pd.DataFrame:
        """One row per measured cell."""

    @property
    def excluded(self) -> dict[str, str]:
        """Variants that do not count, with the reason."""

    @property
    def declaration(self) -> Mapping[str, Any]:
        """The study as declared."""


@dataclass(frozen=True, slots=True)
class Condition:
    """Where cells can be compared: one scale and scenario."""

    scale: str
    scenario: str

    @property
    def is_noop(self) -> bool:
        """Whether nothing was asked for, so that no claim is about it."""
        return self.scenario == NOOP


@dataclass(frozen=True, slots=True)
class Series:
    """What was measured under one label: the arm, its role and its factors."""

    label: str
    name: str
    role: Role
    factors: tuple[str, ...]


def read_series(declaration: Mapping[str, Any], measured: Mapping[str, str]) -> dict[str, Series]:
    """Return the series of a *declaration* by label; *measured* names the arms.

    A label that the declaration does not have is taken for what it says.
    """
    declared = {arm["label"]: arm for arm in declaration.get("arms") or ()}
    return {label: _series(label, name, declared.get(label)) for label, name in measured.items()}


def _series(label: str, name: str, declared: Mapping[str, Any] | None) -> Series:
    if declared is not None:
        return Series(label, name, declared["role"], tuple(declared["factors"]))
    role: Role = "control" if is_control(label) else "reference" if label == REFERENCE else "variant"
    return Series(label, name, role, split_factors(name))


class Measurements:
    """The cells of a run, asked for by label, place and temperature."""

    def __init__(self, run: Run) -> None:
        self.run = run
        samples = run.samples
        self._response = group_samples(samples, "seconds")
        timed = run.cells.dropna(subset=["median_ns"])
        self._medians = group_samples(timed.assign(seconds=timed["median_ns"].astype(float) / 1e9), "seconds")
        database = run.cells.query("db_ms > 0")
        self._database = group_samples(database.assign(seconds=database["db_ms"] / 1e3), "seconds")
        self.series = read_series(run.declaration, dict(zip(samples["label"], samples["variant"], strict=True)))
        self.places = _order_places(
            [
                Condition(scale, scenario)
                for scale, scenario in samples[["scale", "scenario"]].drop_duplicates().itertuples(index=False)
            ],
            run.declaration,
        )
        self._warm = {label for label, _, _, temperature in self._response if temperature == "warm"}
        declared = run.declaration
        self.blocks = int(samples["block"].nunique())
        looks = tuple(declared.get("looks") or ()) if declared.get("until") == DECIDED else ()
        timed_out = bool((getattr(run, "notes", {}).get("stopped") or {}).get("timed_out"))
        self.confidence = find_confidence(looks, self.blocks, timed_out=timed_out)
        """That of the intervals: 0.95, or at a planned look that of the look."""
        self._pilot = PILOT if declared.get("width") else 0
        measured = set(map(int, samples["block"].unique()))
        there = [one for one in read_machines(getattr(run, "notes", {})) if one.blocks & measured]
        self.machines = there if len(there) > 1 else []
        """Those that measured the run, where there are several."""
        self._machine_of = {block: number for number, one in enumerate(self.machines, 1) for block in one.blocks}
        self._floors: dict[tuple[Condition, str], NoiseFloor | None] = {}
        self._quantities = group_quantities(run.cells)
        self._compared: dict[tuple[int, int, Condition, str], tuple[Any, Any, Comparison]] = {}

    @property
    def labels(self) -> list[str]:
        """The labels in study order, smallest variants first, competitors last."""
        declared = [arm["label"] for arm in self.run.declaration.get("arms") or () if arm["label"] in self.series]
        every = list(dict.fromkeys([*declared, *sorted(self.series)]))
        ordered = put_reference_first(every) if is_own(self.run.declaration) else sort_arms(every)
        return sorted(ordered, key=lambda label: self.series[label].role == "competitor")

    @property
    def reference(self) -> str:
        """The label that the others are compared with."""
        return next((label for label, one in self.series.items() if one.role == "reference"), REFERENCE)

    @property
    def factors(self) -> list[str]:
        """Every factor of the study, in its order.

        Those that it does not declare come last, in the order of its arms.
        """
        used = {factor for one in self.series.values() for factor in one.factors}
        declared = list(self.run.declaration.get("factors") or list_factors())
        by_arm = (factor for arm in self.run.declaration.get("arms") or () for factor in arm["factors"])
        return [factor for factor in dict.fromkeys((*declared, *by_arm)) if factor in used]

    def runs_elsewhere(self, *labels: str) -> bool:
        """Return whether one of *labels* is at a URL, which others may use too."""
        return any(arm.get("url") for arm in self.run.declaration.get("arms") or () if arm["label"] in labels)

    def variant(self, label: str) -> str:
        """Return the name of the arm behind *label*."""
        return self.series[label].name

    def caches(self, label: str) -> bool:
        """Whether cold and warm are two quantities of *label*: whether both were measured."""
        return label in self._warm

    def has(self, label: str, place: Condition, temperature: str) -> bool:
        """Whether *label* was measured there at *temperature* itself."""
        return (label, place.scale, place.scenario, temperature) in self._response

    def cells(self, label: str, place: Condition, temperature: str) -> dict[int, Any]:
        """Return the samples in seconds by block.

        A variant without a cache is as warm as it is cold.
        """
        return self._find(self._response, label, place, temperature)

    def _find(self, cells: Grouped, label: str, place: Condition, temperature: str) -> dict[int, Any]:
        found = cells.get((label, place.scale, place.scenario, temperature))
        if found is None and temperature == "warm" and label in self.series and not self.caches(label):
            found = cells.get((label, place.scale, place.scenario, "cold"))
        return found or {}

    def database(self, label: str, place: Condition, temperature: str) -> dict[int, Any]:
        """Return each block's median seconds in the database, as reported."""
        return self._database.get((label, place.scale, place.scenario, temperature), {})

    def quantity(self, name: str, label: str, place: Condition, temperature: str) -> dict[int, Any]:
        """Return what was measured of the quantity *name*, by block."""
        if name == RESPONSE:
            return self.cells(label, place, temperature)
        if name == DATABASE:
            return self.database(label, place, temperature)
        return self._quantities.get((name, label, place.scale, place.scenario, temperature), {})

    def median(self, name: str, label: str, place: Condition, temperature: str) -> float:
        """Return the geometric mean of the blocks' medians of a quantity.

        It is in the quantity's unit, and nan where none was measured. A published set has, in place of a cell's
        samples, what speed-ups compare; its median is stored beside it.
        """
        known = self._find(self._medians, label, place, temperature) if name == RESPONSE else {}
        measured = self.quantity(name, label, place, temperature)
        return _geometric_median([float(np.median(known.get(block, cell))) for block, cell in measured.items()])

    def quantities(self, place: Condition) -> list[str]:
        """Return the quantities of a page at *place* besides the time; none of a request."""
        there = {name for name, _, scale, scenario, _ in self._quantities if Condition(scale, scenario) == place}
        return [name for name in QUANTITIES if name in there]

    def floor(self, place: Condition, quantity: str = RESPONSE) -> NoiseFloor | None:
        """Return the noise floor of a *quantity* at *place*.

        None where the study has no A/A pair there.
        """
        # Of the database's part there never was one of its own.
        key = place, RESPONSE if quantity == DATABASE else quantity
        if key not in self._floors:
            self._floors[key] = self._floor(*key)
        return self._floors[key]

    def _floor(self, place: Condition, quantity: str) -> NoiseFloor | None:
        for label, one in self.series.items():
            if one.role == "control":
                mine, theirs = pair_blocks(
                    self.quantity(quantity, without_control(label), place, "cold"),
                    self.quantity(quantity, label, place, "cold"),
                    quantity,
                )
                return measure_noise_floor(mine, theirs, confidence=self.confidence) if mine else None
        return None

    def temperatures(self, label: str, place: Condition) -> tuple[str, ...]:
        """Return the temperatures at which *label* can be asked at *place*."""
        return ("cold", "warm") if self.has(label, place, "warm") else ("cold",)

    def compare(
        self,
        variant: dict[int, Any],
        reference: dict[int, Any],
        place: Condition,
        invalid: str = "",
        quantity: str = RESPONSE,
    ) -> Comparison | None:
        """Compare two sets of cells of this run; None where they share no block."""
        key = (id(variant), id(reference), place, invalid)
        if key not in self._compared:
            mine, theirs = pair_blocks(variant, reference, quantity)
            if not mine:
                return None
            machines = self._locate(variant, reference)
            # With both sides, whose identities are thereby taken for as long as the key holds them.
            found = compare(
                *(mine, theirs, self.floor(place, quantity)),
                confidence=self.confidence,
                invalid=invalid,
                pilot=self._pilot,
                machines=machines,
            )
            self._compared[key] = (variant, reference, found)
        return self._compared[key][2]

    def _locate(self, one: dict[int, Any], other: dict[int, Any]) -> list[int]:
        """Return the number of the machine of each block that both have.

        Nothing where one machine measured.
        """
        blocks = sorted(one.keys() & other.keys()) if self.machines else []
        return [self._machine_of.get(block, 0) for block in blocks]

    def invalid(self, *variants: str) -> str:
        """Return why comparisons of *variants* cannot hold, '' where they can."""
        return "; ".join(f"{v} is excluded: {self.run.excluded[v]}" for v in variants if v in self.run.excluded)


def _order_places(places: list[Condition], declaration: Mapping[str, Any]) -> list[Condition]:
    """Return *places* as a study file declares them, others as they come."""
    if not is_own(declaration):
        return places
    declared = list(declaration.get("scenarios") or ())
    return sorted(places, key=lambda place: declared.index(place.scenario) if place.scenario in declared else -1)


def interval_columns(speedup: Interval | None) -> dict[str, float]:
    """Return a speed-up as columns, which are nan where there is none."""
    if speedup is None:
        return dict.fromkeys(("speedup", "low", "high"), float("nan"))
    return {"speedup": speedup.estimate, "low": speedup.low, "high": speedup.high}


def _geometric_median(medians: list[float]) -> float:
    if not medians:
        return float("nan")
    if min(medians) <= 0:  # a count, of which there is no geometric mean
        return float(np.median(medians))
    return float(np.exp(np.mean(np.log(medians))))

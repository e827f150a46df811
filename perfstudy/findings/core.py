"""Findings: the stored samples of a run, turned into comparisons, verdicts and attributions.

Frames in, frames out; the formulas are those of ``perfstudy.analysis``. Times are in seconds.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd

from perfstudy.analysis.comparison import Comparison, compare
from perfstudy.analysis.factorial import Factorial, two_level
from perfstudy.analysis.floor import Floor, noise_floor
from perfstudy.analysis.quantile import quantile_of
from perfstudy.analysis.shapley import attribute
from perfstudy.analysis.verdict import ClaimedRange, Measured, holm_adjusted, judge_claim
from perfstudy.findings.stalls import stalled
from perfstudy.listing.claims import ABOUT, CLAIMS, is_about
from perfstudy.listing.optimization import Claim
from perfstudy.listing.optimizations import ALL
from perfstudy.listing.variants import BASELINE, parse
from perfstudy.measure.scenario import QUESTIONS
from perfstudy.measure.study import CONTROL_SUFFIX
from perfstudy.measure.study import ladder as steps
from perfstudy.model.competitor import is_competitor

Cells = list["np.ndarray[Any, np.dtype[np.float64]]"]


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


@dataclass(frozen=True, slots=True)
class Condition:
    """Where cells can be compared: one scale and scenario."""

    scale: str
    scenario: str


class Findings:
    """The cells of a run, ready to be compared; each is asked for by label, place and temperature."""

    def __init__(self, run: Run) -> None:
        self.run = run
        samples = run.samples
        self._response = _by_cell(samples, "seconds")
        self._database = _by_cell(run.cells.query("db_ms > 0"), "db_ms")
        self._variants: dict[str, str] = dict(zip(samples["label"], samples["variant"], strict=True))
        self.places = [
            Condition(scale, scenario)
            for scale, scenario in samples[["scale", "scenario"]].drop_duplicates().itertuples(index=False)
        ]
        self._floors: dict[Condition, Floor | None] = {}

    @property
    def labels(self) -> list[str]:
        """The labels of the study, twins included, smallest variants first, then by study order, rivals last."""
        return sorted(self._variants, key=self._order)

    def _order(self, label: str) -> tuple[int, list[int], str]:
        if is_competitor(self.variant(label)):
            return len(ALL) + 1, [], label
        places = [ALL.index(optimization) for optimization in parse(self.variant(label))]
        return len(places), places, label

    def variant(self, label: str) -> str:
        """Return the name of the variant behind *label*."""
        return self._variants[label]

    def caches(self, label: str) -> bool:
        """Whether cold and warm are two quantities of *label*; of a rival, the run itself knows."""
        if is_competitor(self.variant(label)):
            return any(key[0] == label and key[3] == "warm" for key in self._response)
        return parse(self.variant(label)).caches

    def cells(self, label: str, place: Condition, temperature: str) -> dict[int, Any]:
        """Return the samples in seconds by block; a variant without a cache is as warm as it is cold."""
        found = self._response.get((label, place.scale, place.scenario, temperature))
        if found is None and temperature == "warm" and label in self._variants and not self.caches(label):
            found = self._response.get((label, place.scale, place.scenario, "cold"))
        return found or {}

    def database(self, label: str, place: Condition, temperature: str) -> dict[int, Any]:
        """Return each block's median time inside the database in seconds, as the service reported it."""
        found = self._database.get((label, place.scale, place.scenario, temperature), {})
        return {block: milliseconds / 1e3 for block, milliseconds in found.items()}

    def floor(self, place: Condition) -> Floor | None:
        """Return the noise floor at *place*, None where the study has no A/A pair there."""
        if place not in self._floors:
            self._floors[place] = self._floor(place)
        return self._floors[place]

    def _floor(self, place: Condition) -> Floor | None:
        for label in self._variants:
            if label.endswith(CONTROL_SUFFIX):
                one, other = _pair(
                    self.cells(label.removesuffix(CONTROL_SUFFIX), place, "cold"), self.cells(label, place, "cold")
                )
                return noise_floor(one, other) if one else None
        return None

    def compare(
        self, variant: dict[int, Any], reference: dict[int, Any], place: Condition, invalid: str = ""
    ) -> Comparison | None:
        """Return the comparison of two sets of cells, None where they share no block."""
        mine, theirs = _pair(variant, reference)
        return compare(mine, theirs, self.floor(place), invalid=invalid) if mine else None

    def invalid(self, *variants: str) -> str:
        """Return why comparisons of *variants* cannot hold, '' where they can."""
        return "; ".join(f"{v} is excluded: {self.run.excluded[v]}" for v in variants if v in self.run.excluded)


COMPARISON_COLUMNS = [
    *("label", "variant", "scale", "scenario", "temperature", "median", "p95", "n", "blocks", "reference"),
    *("speedup", "low", "high", "floor", "comparison", "indicative"),
]
VERDICT_COLUMNS = [
    *("claim", "quote", "source", "scale", "scenario", "temperature", "variant", "reference", "quantity"),
    *("claimed", "claimed_low", "claimed_high", "median", "reference_median", "speedup", "low", "high"),
    *("floor", "p_adjusted", "verdict", "indicative", "reason"),
]
"""The columns are there without a row as well: a run may have nothing to compare or to judge."""


def comparisons(run: Run) -> pd.DataFrame:
    """Return every label against the cold baseline, one row per scale, scenario and temperature."""
    found = Findings(run)
    rows = [
        _row(found, label, place, temperature, BASELINE.name)
        for place in found.places
        for label in found.labels
        for temperature in ("cold", "warm")
        if found._response.get((label, place.scale, place.scenario, temperature))
    ]
    return pd.DataFrame(rows, columns=COMPARISON_COLUMNS)


def ladder(run: Run) -> pd.DataFrame:
    """Return each step of the report's ladder against the step before it.

    A step with a cache appears twice, cold and warm, both against the step before it.
    """
    found = Findings(run)
    rungs = _rungs(found)
    rows = []
    for place in found.places:
        for step, label in enumerate(rungs):
            before = rungs[max(step - 1, 0)]
            caches = parse(found.variant(label)).caches
            for temperature in ("cold", "warm") if caches and place.scenario != "noop" else ("cold",):
                change = (parse(found.variant(label)) - found.variant(before)).name if step else BASELINE.name
                row = _row(found, label, place, temperature, before)
                rows.append(row | {"step": step + 1, "change": f"+ {change}" if step else change})
    return pd.DataFrame(rows)


def verdicts(run: Run, claims: Iterable[Claim] = CLAIMS) -> pd.DataFrame:
    """Return the verdict on each claim, at each scale and scenario where the run can judge it.

    Holm's adjustment covers all of them, since all are read together. A claim about variants that the run did not
    measure is *not testable here*.
    """
    found = Findings(run)
    judged = [(claim, place, _measured(found, claim, place)) for claim in claims for place in _places_of(found, claim)]
    adjusted = iter(holm_adjusted([m for _, _, m in judged if m is not None]))
    rows = [_verdict(found, claim, place, next(adjusted) if m is not None else None) for claim, place, m in judged]
    return pd.DataFrame(rows, columns=VERDICT_COLUMNS)


def _places_of(found: Findings, claim: Claim) -> list[Condition]:
    """Return the places that *claim* says something of; where there is none, one at which to say so."""
    asked = [place for place in found.places if place.scenario != "noop"]
    return [place for place in asked if is_about(claim, place.scenario)] or asked[:1]


def attribution(run: Run) -> pd.DataFrame:
    """Return each optimization's Shapley value and main effect on the log speed-up, at each place and temperature.

    Empty where the run lacks the variants for it. Values are logs: their exponentials are factors of speed-up,
    and the exponentials of the Shapley values multiply to the speed-up of all optimizations together.
    """
    rows: list[dict[str, Any]] = []
    for place, temperature, table in tables(run):
        try:
            shares = attribute(table)
        except ValueError:
            continue
        mains = {term.factors[0]: term for term in _factorial(table).terms if len(term.factors) == 1}
        for name in (o.name for o in ALL if o.name in shares.shares):
            share, main = shares.shares[name].interval, -mains[name].effect.interval
            rows.append(
                {
                    **_where(place, temperature),
                    "optimization": name,
                    "shapley": share.estimate,
                    "low": share.low,
                    "high": share.high,
                    "portion": shares.portion(name),
                    "main": main.estimate,
                    "main_low": main.low,
                    "main_high": main.high,
                }
            )
    return pd.DataFrame(rows)


def interactions(run: Run) -> pd.DataFrame:
    """Return the two-way interactions on the log speed-up: above 0 where one helps the other."""
    rows: list[dict[str, Any]] = []
    for place, temperature, table in tables(run):
        for term in _factorial(table).terms:
            if len(term.factors) == 2:
                effect = -term.effect.interval
                one, other = term.factors
                rows.append(
                    {
                        **_where(place, temperature),
                        "one": one,
                        "other": other,
                        "effect": effect.estimate,
                        "low": effect.low,
                        "high": effect.high,
                    }
                )
    return pd.DataFrame(rows)


def _where(place: Condition, temperature: str) -> dict[str, str]:
    return {"scale": place.scale, "scenario": place.scenario, "temperature": temperature}


Table = dict[frozenset[str], Any]


def tables(run: Run) -> Iterator[tuple[Condition, str, Table]]:
    """Yield each place and temperature with the block-wise log medians of every set of optimizations.

    Only where the study crosses enough of them: with fewer variants than twice the optimizations, effects cannot be
    told apart.
    """
    found = Findings(run)
    labels = [
        label
        for label in found.labels
        if not (
            label.endswith(CONTROL_SUFFIX) or is_competitor(found.variant(label)) or found.invalid(found.variant(label))
        )
    ]
    factors = {o.name for label in labels for o in parse(found.variant(label))}
    if len(labels) < 2 ** len(factors) or len(factors) < 2:
        return
    for place in found.places:
        if place.scenario == "noop":
            continue
        for temperature in ("cold", "warm"):
            cells = {label: found.cells(label, place, temperature) for label in labels}
            blocks = sorted(set.intersection(*(set(by_block) for by_block in cells.values())))
            if blocks:
                yield (
                    place,
                    temperature,
                    {
                        frozenset(o.name for o in parse(found.variant(label))): np.array(
                            [np.log(np.median(by_block[block])) for block in blocks]
                        )
                        for label, by_block in cells.items()
                    },
                )


def _factorial(table: Table) -> Factorial:
    factors = [o.name for o in ALL if any(o.name in chosen for chosen in table)]
    design = [[name in chosen for name in factors] for chosen in table]
    return two_level(np.column_stack(list(table.values())), design, factors)


TIMINGS = {"connect_ms": "connect", "db_ms": "db", "serialize_ms": "serialize", "total_ms": "total"}


def phases(cells: pd.DataFrame, scenario: str | None = None) -> pd.DataFrame:
    """Return medians over blocks, milliseconds: label, temperature, connect, db, serialize, total, response.

    *cells* of one place, as a run has them; of several scenarios the one to be shown is named. Twins are left out
    where a scenario is named.
    """
    if scenario is not None:
        cells = cells[cells["scenario"].eq(scenario) & ~cells["label"].str.endswith(CONTROL_SUFFIX)]
    frame = cells.rename(columns=TIMINGS).assign(response=cells["median_ns"].astype(float) / 1e6)
    names = [*TIMINGS.values(), "response"]
    medians = frame.groupby(["label", "temperature"], as_index=False)[names].median()
    return medians.dropna(subset=["total"]).fillna(0.0)


def compare_runs(one: Run, other: Run, *, poolable: bool = False) -> pd.DataFrame:
    """Return the speed-ups that two runs share, side by side: scale, scenario, temperature, label, both intervals.

    ``agree`` says whether the intervals overlap; ``pooled`` is the mean of the log speed-ups weighted by blocks,
    and only there where the runs are *poolable*, having been measured in one and the same environment.
    """
    keys = ["scale", "scenario", "temperature", "label", "variant"]
    frames = [frame[frame["label"] != BASELINE.name] for frame in (comparisons(one), comparisons(other))]
    both = frames[0].merge(frames[1], on=keys, suffixes=("_one", "_other"))
    both["agree"] = (both["low_one"] <= both["high_other"]) & (both["low_other"] <= both["high_one"])
    logs = np.log(both["speedup_one"]) * both["blocks_one"] + np.log(both["speedup_other"]) * both["blocks_other"]
    both["pooled"] = np.exp(logs / (both["blocks_one"] + both["blocks_other"])) if poolable else np.nan
    return both


def add_published(verdicts: pd.DataFrame, published: pd.DataFrame, study: str = "") -> pd.DataFrame:
    """Return *verdicts* with, beside each measured ratio, the published interval for the same claim and scenario.

    *published* is what ``results.publish.verdicts`` gives. Of several published sets the one at the same scale
    comes first, then the one of the same *study*. Adds the columns published, published_scale, published_speedup,
    published_low, published_high, published_verdict and ``standing``: where the ratio lies, *within* the published
    interval, *above* it or *below* it; all missing where nothing is published.
    """
    found = [_published_beside(row, published, study) for row in verdicts.to_dict("records")]
    beside = pd.DataFrame(found, index=verdicts.index, columns=PUBLISHED_COLUMNS)
    return pd.concat([verdicts, beside], axis=1)


PUBLISHED_COLUMNS = [
    *("published", "published_scale", "published_speedup", "published_low", "published_high"),
    *("published_verdict", "standing"),
]


def _published_beside(mine: dict[str, Any], published: pd.DataFrame, study: str) -> dict[str, Any]:
    same = published[(published["claim"] == mine["claim"]) & (published["scenario"] == mine["scenario"])]
    if same.empty or pd.isna(mine["speedup"]):
        return {}
    ranked = sorted(
        same.to_dict("records"),
        key=lambda row: (row["scale"] != mine["scale"], row["study"] != study, row["published"], row["scale"]),
    )
    theirs = ranked[0]
    return {
        "published": theirs["published"],
        "published_scale": theirs["scale"],
        "published_speedup": theirs["speedup"],
        "published_low": theirs["low"],
        "published_high": theirs["high"],
        "published_verdict": theirs["verdict"],
        "standing": _standing(mine["speedup"], theirs["low"], theirs["high"]),
    }


def _standing(speedup: float, low: float, high: float) -> str:
    if speedup < low:
        return "below"
    return "above" if speedup > high else "within"


def _verdict(found: Findings, claim: Claim, place: Condition, measured: Measured | None) -> dict[str, Any]:
    untestable = "" if measured else _unmeasured(claim, place)
    nothing = Measured(speedup=None, blocks=0)
    verdict = judge_claim(ClaimedRange(claim.low, claim.high), measured or nothing, untestable)
    mine, theirs = _sides(found, claim, place)
    speedup = measured.speedup if measured else None
    return {
        "claim": claim.id,
        "quote": claim.quote,
        "source": claim.source,
        "scale": place.scale,
        "scenario": place.scenario,
        "temperature": claim.temperature,
        "variant": claim.variant,
        "reference": claim.reference,
        "quantity": claim.quantity,
        "claimed": claim.range,
        "claimed_low": claim.low,
        "claimed_high": claim.high if claim.high is not None else np.inf,
        "median": _median(mine),
        "reference_median": _median(theirs),
        "speedup": speedup.estimate if speedup else np.nan,
        "low": speedup.low if speedup else np.nan,
        "high": speedup.high if speedup else np.nan,
        "floor": measured.noise if measured else np.nan,
        "p_adjusted": measured.p if measured and measured.p is not None else np.nan,
        "verdict": verdict.outcome,
        "indicative": verdict.indicative,
        "reason": verdict.reason,
    }


def _unmeasured(claim: Claim, place: Condition) -> str:
    if is_about(claim, place.scenario):
        return f"this run did not measure {claim.variant} and {claim.reference} together"
    return f"it is about requests that this run did not make: {', '.join(ABOUT.get(claim.id, QUESTIONS))}"


def _sides(found: Findings, claim: Claim, place: Condition) -> tuple[dict[int, Any], dict[int, Any]]:
    if not is_about(claim, place.scenario):
        return {}, {}
    of = found.database if claim.quantity == "database" else found.cells
    return (
        of(claim.variant, place, claim.temperature),
        of(claim.reference, place, claim.reference_temperature),
    )


def _measured(found: Findings, claim: Claim, place: Condition) -> Measured | None:
    invalid = found.invalid(claim.variant, claim.reference)
    comparison = found.compare(*_sides(found, claim, place), place, invalid)
    return comparison.measured if comparison else None


def _row(found: Findings, label: str, place: Condition, temperature: str, reference: str) -> dict[str, Any]:
    mine = found.cells(label, place, temperature)
    comparison = found.compare(mine, found.cells(reference, place, "cold"), place, found.invalid(found.variant(label)))
    speedup = comparison.speedup if comparison else None
    pooled = np.concatenate(list(mine.values())) if mine else np.array([])
    floor = found.floor(place)
    tail = quantile_of(pooled, 0.95)
    return {
        "label": label,
        "variant": found.variant(label),
        "scale": place.scale,
        "scenario": place.scenario,
        "temperature": temperature,
        "median": _median(mine),
        "p95": np.nan if tail.value is None else tail.value,
        "n": pooled.size,
        "stalled": stalled(pooled),
        "blocks": len(mine),
        "reference": reference,
        "speedup": speedup.estimate if speedup else np.nan,
        "low": speedup.low if speedup else np.nan,
        "high": speedup.high if speedup else np.nan,
        "floor": floor.factor if floor else np.nan,
        "comparison": comparison.verdict.outcome if comparison and label != reference else "",
        "indicative": comparison.verdict.indicative if comparison else False,
    }


def _rungs(found: Findings) -> list[str]:
    """Return the labels of the report's ladder that the run measured, in its order."""
    measured = set(found.labels)
    return [variant.name for variant in steps() if variant.name in measured]


def _median(cells: dict[int, Any]) -> float:
    """Return the geometric mean over blocks of the blocks' medians, in seconds."""
    if not cells:
        return float("nan")
    return float(np.exp(np.mean([np.log(np.median(cell)) for cell in cells.values()])))


def _pair(one: dict[int, Any], other: dict[int, Any]) -> tuple[Cells, Cells]:
    """Return both sides' cells in the blocks that they share."""
    blocks = sorted(one.keys() & other.keys())
    return [one[block] for block in blocks], [other[block] for block in blocks]


def _by_cell(samples: pd.DataFrame, column: str) -> dict[tuple[str, str, str, str], dict[int, Any]]:
    grouped: dict[tuple[str, str, str, str], dict[int, Any]] = {}
    keys = ["label", "scale", "scenario", "temperature", "block"]
    for (label, scale, scenario, temperature, block), values in samples.groupby(keys, sort=False)[column]:
        grouped.setdefault((label, scale, scenario, temperature), {})[int(block)] = values.to_numpy()
    return grouped

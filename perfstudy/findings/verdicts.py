"""Verdicts: what a run says of each claim."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from perfstudy.analysis.verdict import ClaimedRange, Measured, adjust_by_holm, judge_claim
from perfstudy.findings.series import Condition, Measurements, Run, interval_columns
from perfstudy.model.claim import Claim, list_special_scenarios, restore_claim

COLUMNS = [
    *("claim", "quote", "source", "scale", "scenario", "temperature", "variant", "reference", "quantity"),
    *("claimed", "claimed_low", "claimed_high", "median", "reference_median", "speedup", "low", "high"),
    *("floor", "p_adjusted", "verdict", "indicative", "reason"),
]
"""The columns are there without a row as well: a run may have nothing to judge."""


def judge_claims(found: Measurements, claims: Iterable[Claim] | None = None) -> pd.DataFrame:
    """Return the verdict on each claim where the run can judge it.

    Holm's adjustment covers all of them, since all are read together. A claim about variants that the run did not
    measure is *not testable here*.
    """
    chosen = declared_claims(found.run) if claims is None else tuple(claims)
    special = list_special_scenarios(chosen)
    judged = [
        (claim, place, _measure_claim(found, claim, place, special))
        for claim in chosen
        for place in _places_of(found, claim, special)
    ]
    adjusted = iter(adjust_by_holm([m for _, _, m in judged if m is not None]))
    rows = [
        _verdict(found, claim, place, special, next(adjusted) if m is not None else None) for claim, place, m in judged
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _places_of(found: Measurements, claim: Claim, special: frozenset[str]) -> list[Condition]:
    """Return the places that *claim* is about, or one at which to say so."""
    asked = [place for place in found.places if not place.is_noop]
    return [place for place in asked if claim.is_about(place.scenario, special)] or asked[:1]


def _verdict(
    found: Measurements, claim: Claim, place: Condition, special: frozenset[str], measured: Measured | None
) -> dict[str, Any]:
    untestable = "" if measured else _explain_unmeasured(claim, place, special)
    nothing = Measured(speedup=None, blocks=0)
    verdict = judge_claim(ClaimedRange(claim.low, claim.high), measured or nothing, untestable)
    mine, theirs = (found.median(*side) for side in _sides(claim, place))
    about = claim.is_about(place.scenario, special)
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
        "median": mine if about else np.nan,
        "reference_median": theirs if about else np.nan,
        **interval_columns(speedup),
        "floor": measured.noise if measured else np.nan,
        "p_adjusted": measured.p if measured and measured.p is not None else np.nan,
        "verdict": verdict.outcome,
        "indicative": verdict.indicative or found.runs_elsewhere(claim.variant, claim.reference),
        "reason": verdict.reason,
    }


def _explain_unmeasured(claim: Claim, place: Condition, special: frozenset[str]) -> str:
    if claim.is_about(place.scenario, special):
        return f"this run did not measure {claim.variant} and {claim.reference} together"
    asked = ", ".join(claim.scenarios) or "those that plain clients make"
    return f"it is about requests that this run did not make: {asked}"


Side = tuple[str, str, Condition, str]
"""What was measured: the quantity, the label, the place and the temperature."""


def _sides(claim: Claim, place: Condition) -> tuple[Side, Side]:
    """Return the two sides that *claim* compares at *place*."""
    return (
        (claim.quantity, claim.variant, place, claim.temperature),
        (claim.quantity, claim.reference, place, claim.reference_temperature),
    )


def _measure_claim(found: Measurements, claim: Claim, place: Condition, special: frozenset[str]) -> Measured | None:
    if not claim.is_about(place.scenario, special):
        return None
    invalid = found.invalid(claim.variant, claim.reference)
    mine, theirs = (found.quantity(*side) for side in _sides(claim, place))
    comparison = found.compare(mine, theirs, place, invalid, claim.quantity)
    return comparison.measured if comparison else None


def declared_claims(run: Run) -> tuple[Claim, ...]:
    """Return the claims that the study of *run* is about."""
    return tuple(restore_claim(claim) for claim in run.declaration.get("claims") or ())

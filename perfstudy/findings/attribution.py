"""Attribute the gains of a factorial study to its factors."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from perfstudy.analysis.effect import log_midmean
from perfstudy.analysis.factorial import Factorial, fit_two_level
from perfstudy.analysis.shapley import attribute
from perfstudy.findings.series import Condition, Measurements

Table = dict[frozenset[str], Any]
Tables = Sequence[tuple[Condition, str, Table]]
"""As :func:`cross_factors` gives them."""


def attribute_gains(found: Measurements, tables: Tables) -> pd.DataFrame:
    """Return each factor's Shapley value and main effect at each place.

    Empty where the run lacks the variants for it. Values are logs: their exponentials are factors of speed-up,
    and the exponentials of the Shapley values multiply to the speed-up of all optimizations together.
    """
    rows: list[dict[str, Any]] = []
    for place, temperature, table in tables:
        try:
            shares = attribute(table)
        except ValueError:
            continue
        mains = {term.factors[0]: term for term in _factorial(table, found.factors).terms if len(term.factors) == 1}
        for name in (name for name in found.factors if name in shares.shares):
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


def estimate_interactions(found: Measurements, tables: Tables) -> pd.DataFrame:
    """Return the two-way interactions: above 0 where one helps the other.

    Without a cache nothing is warm, and what was measured is given once, as cold.
    """
    rows: list[dict[str, Any]] = []
    cold: dict[Condition, Table] = {}
    for place, temperature, table in tables:
        if temperature == "cold":
            cold[place] = table
        elif place in cold and all(np.array_equal(logs, cold[place].get(arm, [])) for arm, logs in table.items()):
            continue
        for term in _factorial(table, found.factors).terms:
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


def cross_factors(found: Measurements) -> Iterator[tuple[Condition, str, Table]]:
    """Yield the block-wise log medians of every set of factors, by place.

    Only where the study crosses enough of them: with fewer arms than twice the factors, effects cannot be told apart.
    Factors that all arms have are left out, and arms with a factor that the study does not declare.
    """
    chosen = _choose_factors(found)
    labels, factors = list(chosen), frozenset[str]().union(*chosen.values())
    if len(labels) < 2 ** len(factors) or len(factors) < 2:
        return
    for place in found.places:
        if place.is_noop:
            continue
        for temperature in ("cold", "warm"):
            cells = {label: found.cells(label, place, temperature) for label in labels}
            blocks = sorted(set.intersection(*(set(by_block) for by_block in cells.values())))
            if blocks:
                yield (
                    place,
                    temperature,
                    {
                        chosen[label]: np.array([log_midmean(by_block[block]) for block in blocks])
                        for label, by_block in cells.items()
                    },
                )


def _choose_factors(found: Measurements) -> dict[str, frozenset[str]]:
    """Return the factors of each label that may be crossed."""
    every = {
        label: frozenset(found.series[label].factors)
        for label in found.labels
        if found.series[label].role in ("reference", "variant") and not found.invalid(found.variant(label))
    }
    common = frozenset.intersection(*every.values()) if every else frozenset()
    declared = frozenset(found.run.declaration.get("factors") or ())
    varying = {label: factors - common for label, factors in every.items()}
    return {label: factors for label, factors in varying.items() if not declared or factors <= declared}


def _factorial(table: Table, order: list[str]) -> Factorial:
    factors = [name for name in order if any(name in chosen for chosen in table)]
    design = [[name in chosen for name in factors] for chosen in table]
    return fit_two_level(np.column_stack(list(table.values())), design, factors)

"""The values of each column and their probabilities, from the reference data."""

from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perfstudy.listing.dataset.draws import GRAIN, Draws, make_table
from perfstudy.listing.dataset.population import SEED, fill
from perfstudy.listing.dataset.reference import PROGRAM_TYPES, STATUSES, Reference, read_reference

Table = NDArray[np.int16]
Pair = tuple[list[str] | None, list[str] | None]
FEATURES = 100
"""The stream of the feature lists."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Vocabulary:
    """The values of each choice, and a lookup table of indices into them.

    See ``draws.make_table``.
    """

    kinds: Table
    statuses: Table
    program_statuses: tuple[str | None, ...]
    pause_statuses: tuple[str | None, ...]
    program_status: Table
    """(4, GRAIN), a row for each status."""
    pause_status: Table
    """(4, GRAIN), a row for each status."""
    has_budget: NDArray[np.uint16]
    """(10,) per mille of the programs of each type."""
    budget_units: NDArray[np.int64]
    budget_unit: Table
    budget_cents: NDArray[np.int64]
    budget_cent: Table
    bid_units: NDArray[np.int64]
    bid_unit: Table
    bid_cents: NDArray[np.int64]
    bid_cent: Table
    currencies: tuple[str | None, ...]
    currency: Table
    autobids: tuple[str | None, ...]
    autobid: Table
    fee_periods: tuple[str | None, ...]
    fee_period: Table
    custom_names: tuple[str | None, ...]
    custom_kind: Table
    custom_starts: NDArray[np.int64]
    """Where the names of each kind start in *custom_names*."""
    custom_counts: NDArray[np.int64]
    features: tuple[Pair, ...]
    """Pairs of active and available features: so many for each type, one type after another."""
    pairs: int
    """How many pairs each type has."""


@cache
def read_vocabulary() -> Vocabulary:
    """Return the vocabulary of the reference data."""
    seeds = read_reference()
    names = list_custom_names(seeds)
    counts = np.array([len(of) for of in names.values()], dtype=np.int64)
    money = seeds.money
    program_statuses, program_status = _by_status(seeds.statuses["program_status"])
    pause_statuses, pause_status = _by_status(seeds.statuses["pause_status"])
    return Vocabulary(
        kinds=make_table([entry["weight"] for entry in seeds.program_types.values()]),
        statuses=make_table(list(seeds.statuses["weights"].values())),
        program_statuses=program_statuses,
        program_status=program_status,
        pause_statuses=pause_statuses,
        pause_status=pause_status,
        has_budget=np.array([entry["budget"] for entry in seeds.program_types.values()], dtype=np.uint16),
        **_amounts("budget", money["budget"]),
        **_amounts("bid", money["max_bid"]),
        **_choices("currencies", "currency", money["currency"]),
        **_choices("autobids", "autobid", money["is_autobid"]),
        **_choices("fee_periods", "fee_period", money["fee_period"]),
        custom_names=tuple(name for of in names.values() for name in of),
        custom_kind=make_table([seeds.custom_names["weights"][kind] for kind in names]),
        custom_starts=np.cumsum(counts) - counts,
        custom_counts=counts,
        features=list_feature_pairs(seeds),
        pairs=seeds.features["combinations"],
    )


def list_custom_names(seeds: Reference) -> dict[str, list[str | None]]:
    """Return the values of the column ``custom_name``, by kind; None is null."""
    declared = seeds.custom_names
    ordinary = declared["ordinary"]
    return {
        "none": [None],
        "ordinary": [f"{s} {p}" for s, p in product(ordinary["subjects"], ordinary["purposes"])],
        "scripts": list(declared["scripts"]["values"]),
        "nasty": list(declared["nasty"]["values"]),
        "long": [fill(value) for value in declared["long"]["values"]],
    }


def list_feature_pairs(seeds: Reference) -> tuple[Pair, ...]:
    """Return the pairs (active, available) of each type in turn; None is null."""
    pairs: list[Pair] = []
    for number, kind in enumerate(PROGRAM_TYPES):
        known = seeds.program_types[kind]["features"]
        count = seeds.features["combinations"]
        mille = Draws(SEED, FEATURES, number).shorts(2 + 2 * len(known), count).astype(np.int64) * 1000 >> 16
        pairs.extend(_pair(seeds.features, known, column.tolist()) for column in mille.T)
    return tuple(pairs)


def _pair(features: Any, known: list[str], mille: list[int]) -> Pair:
    """Return one pair; *mille* holds two draws for the lists and two for each feature."""
    available = [f for f, draw in zip(known, mille[2::2], strict=True) if draw < features["available"]]
    drawn = dict(zip(known, mille[3::2], strict=True))
    active = [f for f in available if drawn[f] < features["active"][f]]
    return _thin(features, active, mille[0]), _thin(features, available, mille[1])


def _thin(features: Any, values: list[str], draw: int) -> list[str] | None:
    if draw < features["null_list"]:
        return None
    return [] if draw < features["null_list"] + features["empty_list"] else values


def _choices(values: str, index: str, weights: dict[str, int]) -> dict[str, Any]:
    return {values: tuple(value or None for value in weights), index: make_table(list(weights.values()))}


def _amounts(name: str, declared: Any) -> dict[str, Any]:
    units, cents = declared["units"], declared["cents"]
    return {
        f"{name}_units": np.array([int(unit) for unit in units], dtype=np.int64),
        f"{name}_unit": make_table(list(units.values())),
        f"{name}_cents": np.array([int(cent) for cent in cents], dtype=np.int64),
        f"{name}_cent": make_table(list(cents.values())),
    }


def _by_status(declared: dict[str, dict[str, int]]) -> tuple[tuple[str | None, ...], Table]:
    """Return the values of all statuses, and a lookup table with a row per status."""
    values = list(dict.fromkeys(value for weights in declared.values() for value in weights))
    rows = np.empty((len(STATUSES), GRAIN), dtype=np.int16)
    for row, status in enumerate(STATUSES):
        rows[row] = make_table([declared[status].get(value, 0) for value in values])
    return tuple(value or None for value in values), rows

"""The population of the data set: tenants, their programs and businesses."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from perfstudy.errors import PerfstudyError
from perfstudy.listing.dataset.draws import Draws, Integers, draw_per_mille, make_table, pick, scale_to
from perfstudy.listing.dataset.identifiers import BUSINESSES, REFERENCE_BUSINESSES, make_identifiers
from perfstudy.listing.dataset.reference import LONGEST, Reference, read_reference
from perfstudy.listing.dataset.scales import Scale

SEED = 2671
"""The first part of every stream's name."""
TENANTS, JOINED, OWNERS, PEOPLE, REFERENCE_PEOPLE, REFERENCE_ROWS, ROWS, ORDER = range(8)
"""The second part: what the stream is for."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Businesses:
    """The businesses, as arrays (b,), ordered by tenant."""

    ids: NDArray[np.bytes_]
    fetched: NDArray[np.bool_]
    """Whether the business has a row."""
    failed: NDArray[np.bool_]
    """Whether that row is of a fetch that failed."""
    partner: Integers
    """The partner's number for it, 0 for none."""
    first: NDArray[np.int16]
    noun: NDArray[np.int16]
    city: NDArray[np.int16]
    with_city: NDArray[np.bool_]
    long: NDArray[np.bool_]
    several: NDArray[np.bool_]
    """Whether its programs list a second business."""
    cached: Integers
    """When it was fetched, in milliseconds since the table's first day; -1 for unknown."""
    number: Integers
    """Its number among its kind, for its address."""

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, kw_only=True, eq=False)
class Population:
    """Tenants, as arrays (t,), and all businesses.

    The reference tenant is 0, the others follow by descending size.
    """

    scale: Scale
    names: tuple[str, ...]
    sizes: Integers
    counts: Integers
    """Businesses of each tenant."""
    starts: Integers
    """Where a tenant's businesses start in *businesses*."""
    businesses: Businesses
    keys: Integers
    """The primary key of each business's row, 0 where it has none."""


def draw_population(scale: Scale) -> Population:
    """Return the tenants and businesses of *scale*, the same at every call."""
    seeds = read_reference()
    sizes = draw_tenant_sizes(scale.rows, seeds)
    counts = np.maximum(1, sizes // seeds.businesses["programs_per_business"])
    counts[0] = seeds.tenants["reference"]["businesses"]
    businesses = _join(_reference_businesses(seeds), _other_businesses(seeds, scale, int(counts[1:].sum())))
    return Population(
        scale=scale,
        names=_names(seeds, len(sizes)),
        sizes=sizes,
        counts=counts,
        starts=np.cumsum(counts) - counts,
        businesses=businesses,
        keys=_keys(scale, businesses.fetched),
    )


def list_tenants(scale: Scale) -> tuple[tuple[str, ...], Integers]:
    """Return the names of the tenants of *scale*, and how many programs each has."""
    seeds = read_reference()
    sizes = draw_tenant_sizes(scale.rows, seeds)
    return _names(seeds, len(sizes)), sizes


def draw_tenant_sizes(rows: int, seeds: Reference) -> Integers:
    """Return the programs of each tenant, which sum to *rows*.

    The reference tenant's come first, the others follow Zipf's law.

    Raises:
        PerfstudyError: there is room for the reference tenant only.
    """
    own = seeds.tenants["reference"]["programs"]
    left = rows - own
    if left <= 0:
        raise PerfstudyError(f"a scale of {rows} rows has no room beside the reference tenant's {own}")
    largest = max(1, int(rows * seeds.tenants["others"]["largest_share"]))
    ranks, sums = 1024, np.zeros(1, dtype=np.int64)
    while sums[-1] < left:
        ranks *= 2
        sizes = np.maximum(1, largest // np.arange(1, ranks + 1, dtype=np.int64))
        sums = np.cumsum(sizes)
    last = int(np.searchsorted(sums, left))
    sizes = sizes[: last + 1]
    sizes[last] -= sums[last] - left
    return np.concatenate([[own], sizes])


def _names(seeds: Reference, tenants: int) -> tuple[str, ...]:
    declared = seeds.tenants["others"]
    patterns, words, kinds = declared["patterns"], declared["words"], declared["kinds"]
    shorts = Draws(SEED, TENANTS).shorts(3, tenants - 1)
    chosen = zip(
        *(scale_to(s, len(of)).tolist() for s, of in zip(shorts, (patterns, words, kinds), strict=True)), strict=True
    )
    names = (patterns[p].format(word=words[w], kind=kinds[k], rank=r) for r, (p, w, k) in enumerate(chosen, 1))
    return (seeds.tenant, *names)


def _reference_businesses(seeds: Reference) -> Businesses:
    count = seeds.tenants["reference"]["businesses"]
    return _businesses(seeds, Draws(SEED, REFERENCE_PEOPLE), REFERENCE_BUSINESSES, count)


def _other_businesses(seeds: Reference, scale: Scale, count: int) -> Businesses:
    return _businesses(seeds, Draws(SEED, PEOPLE, scale.rows), BUSINESSES, count)


def _businesses(seeds: Reference, draws: Draws, base: int, count: int) -> Businesses:
    mix = seeds.businesses
    shorts = draws.shorts(10, count)
    fetched = ~draw_per_mille(shorts[0], mix["not_fetched"])
    partner = scale_to(shorts[2], 50_000) * 65_536 + draws.shorts(1, count)[0] + 1
    partner[draw_per_mille(shorts[3], mix["partner_missing"])] = 0
    day = 24 * 60 * 60 * 1000
    cached = (draws.uniform(count) * ((seeds.today - seeds.first_day).days * day)).astype(np.int64)
    cached[draw_per_mille(shorts[9], mix["never_cached"])] = -1
    numbers = np.arange(count, dtype=np.int64)
    return Businesses(
        ids=make_identifiers(numbers.astype(np.uint64) + np.uint64(base)),
        fetched=fetched,
        failed=fetched & draw_per_mille(shorts[1], mix["fetch_failed"]),
        partner=partner,
        first=pick(shorts[4], make_table([weight for _, _, weight in seeds.names])),
        noun=scale_to(shorts[5], len(seeds.categories)).astype(np.int16),
        city=scale_to(shorts[6], len(seeds.cities)).astype(np.int16),
        with_city=draw_per_mille(shorts[7], mix["with_city"]),
        long=draw_per_mille(draws.shorts(1, count)[0], mix["long_name"]),
        several=draw_per_mille(shorts[8], mix["several_places"]),
        cached=cached,
        number=numbers,
    )


def _join(one: Businesses, other: Businesses) -> Businesses:
    both = {name: np.concatenate([getattr(one, name), getattr(other, name)]) for name in one.__dataclass_fields__}
    return Businesses(**both)


def _keys(scale: Scale, fetched: NDArray[np.bool_]) -> Integers:
    """Return primary keys in random order: businesses were not fetched by tenant."""
    order = np.argsort(Draws(SEED, ORDER, scale.rows).words(len(fetched)), kind="stable")
    present = order[fetched[order]]
    keys = np.zeros(len(fetched), dtype=np.int64)
    keys[present] = np.arange(1, len(present) + 1)
    return keys


def name_businesses(businesses: Businesses, seeds: Reference) -> list[str]:
    """Return the name of each business, at most 255 characters, fetched or not."""
    firsts = [name for name, _, _ in seeds.names]
    nouns = [noun for _, noun in seeds.categories]
    cities = [f" - {city}" for city, _ in seeds.cities]
    names = [
        f"{firsts[f]} {nouns[n]}{cities[c] if w else ''}"
        for f, n, c, w in zip(
            businesses.first.tolist(),
            businesses.noun.tolist(),
            businesses.city.tolist(),
            businesses.with_city.tolist(),
            strict=True,
        )
    ]
    for index in np.flatnonzero(businesses.long).tolist():
        names[index] = fill(f"{names[index]} / ")
    return names


def fill(text: str) -> str:
    """Return *text* repeated until it fills a column of names, ending in no blank."""
    whole = (text * (LONGEST // len(text) + 1))[:LONGEST]
    return whole if not whole.endswith(" ") else f"{whole[:-1]}."

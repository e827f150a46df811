"""The programs as numbers: vectorised draws for every column, before rendering."""

from dataclasses import dataclass, fields
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from perfstudy.listing.dataset.draws import Draws, Integers, draw_per_mille, pick, scale_to
from perfstudy.listing.dataset.identifiers import PROGRAMS, REFERENCE_PROGRAMS
from perfstudy.listing.dataset.population import REFERENCE_ROWS, ROWS, SEED
from perfstudy.listing.dataset.reference import STATUSES, read_reference
from perfstudy.listing.dataset.vocabulary import read_vocabulary

CURRENT, PAST, FUTURE, PAUSED = range(len(STATUSES))
NULL_LIST, EMPTY_LIST, OWN_LIST = range(3)
DAY = 24 * 60 * 60 * 1000
"""Milliseconds of a day."""
MOST_CLICKS = 10_000_000
"""Enough for any budget, and impressions still fit into four bytes."""

Codes = NDArray[np.int16]


@dataclass(frozen=True, kw_only=True, eq=False)
class Programs:
    """Programs as arrays (n,).

    A name without a unit is an index into the vocabulary; -1 is null. Days and milliseconds count from the table's
    first day; money is in cents.
    """

    number: NDArray[np.uint64]
    tenant: Integers
    place: Integers
    """Which of the tenant's businesses."""
    linked: NDArray[np.bool_]
    named: NDArray[np.bool_]
    kind: Codes
    status: Codes
    program_status: Codes
    pause_status: Codes
    start_day: Integers
    end_day: Integers
    custom_name: Integers
    budget: Integers
    max_bid: Integers
    ad_cost: Integers
    currency: Codes
    autobid: Codes
    impressions: Integers
    clicks: Integers
    fee_period: Codes
    listing: Codes
    features: Integers
    created: Integers
    updated: Integers

    def __len__(self) -> int:
        return len(self.number)

    def put(self, where: NDArray[np.bool_], other: "Programs", part: slice) -> None:
        """Overwrite the rows *where* is true with that *part* of the *other* programs."""
        for field in fields(self):
            getattr(self, field.name)[where] = getattr(other, field.name)[part]


def measure_horizon() -> int:
    """Return the length of the table's history in days."""
    return (read_reference().today - read_reference().first_day).days


def draw_reference_programs() -> Programs:
    """Return the reference tenant's programs, oldest first, the same at every scale."""
    declared = read_reference().tenants["reference"]
    count = declared["programs"]
    draws = Draws(SEED, REFERENCE_ROWS)
    moments = np.sort(declared["joined"] + (1 - declared["joined"]) * draws.uniform(count))
    quota = np.repeat(np.arange(len(STATUSES), dtype=np.int16), list(declared["statuses"].values()))
    statuses = quota[np.argsort(draws.words(count), kind="stable")]
    return _programs(
        draws,
        np.arange(count, dtype=np.uint64) + np.uint64(REFERENCE_PROGRAMS),
        tenant=np.zeros(count, dtype=np.int64),
        businesses=np.full(count, declared["businesses"]),
        moments=moments,
        statuses=statuses,
    )


def draw_other_programs(rows: int, chunk: int, first: int, tenant: Integers, businesses: Integers) -> Programs:
    """Return programs of the other tenants for the places from *first* on.

    The table has *rows*. *tenant* gives each program's tenant, and *businesses* how many businesses that tenant has.
    """
    draws = Draws(SEED, ROWS, rows, chunk)
    places = np.arange(first, first + len(tenant), dtype=np.int64)
    moments = (places + draws.uniform(len(tenant))) / rows
    numbers = places.astype(np.uint64) + np.uint64(PROGRAMS)
    return _programs(draws, numbers, tenant=tenant, businesses=businesses, moments=moments, statuses=None)


def _programs(
    draws: Draws,
    number: NDArray[np.uint64],
    *,
    tenant: Integers,
    businesses: Integers,
    moments: NDArray[np.float64],
    statuses: Codes | None,
) -> Programs:
    n = len(number)
    words = read_vocabulary()
    shorts = iter(draws.shorts(26, n))
    kind = pick(next(shorts), words.kinds)
    drawn = pick(next(shorts), words.statuses)
    status = drawn if statuses is None else statuses
    created = (moments * (measure_horizon() * DAY)).astype(np.int64)
    start, end = _days(status, created // DAY, *islice(shorts, 4))
    budget, bid, cost = _money(kind, *islice(shorts, 7))
    clicks, impressions = _counts(budget, cost, *islice(shorts, 2))
    businesses_mix = read_reference().businesses
    return Programs(
        number=number,
        tenant=tenant,
        place=_place(draws.uniform(n), businesses),
        linked=~draw_per_mille(next(shorts), businesses_mix["not_linked"]),
        named=~draw_per_mille(next(shorts), businesses_mix["name_missing"]),
        kind=kind,
        status=status,
        program_status=pick(next(shorts), words.program_status, status),
        pause_status=pick(next(shorts), words.pause_status, status),
        start_day=start,
        end_day=end,
        custom_name=_custom_name(*islice(shorts, 2)),
        budget=budget,
        max_bid=bid,
        ad_cost=cost,
        currency=pick(next(shorts), words.currency),
        autobid=pick(next(shorts), words.autobid),
        impressions=impressions,
        clicks=clicks,
        fee_period=pick(next(shorts), words.fee_period),
        listing=_listing(next(shorts)),
        features=kind.astype(np.int64) * words.pairs + scale_to(next(shorts), words.pairs),
        created=created,
        updated=_updated(created, draws.uniform(n)),
    )


def _place(uniform: NDArray[np.float64], businesses: Integers) -> Integers:
    """Return each program's business; squaring favours the first ones."""
    return (uniform * uniform * businesses).astype(np.int64)


def _updated(created: Integers, uniform: NDArray[np.float64]) -> Integers:
    """Return the time of the last synchronisation: at most today, and mostly of late."""
    return created + ((measure_horizon() * DAY - created) * (1 - uniform * uniform)).astype(np.int64)


def _days(
    status: Codes,
    created: Integers,
    delay: NDArray[np.uint16],
    length: NDArray[np.uint16],
    ended: NDArray[np.uint16],
    unknown: NDArray[np.uint16],
) -> tuple[Integers, Integers]:
    """Return start and end days that fit the status.

    A past program is over, a future one has not begun.
    """
    mix, today = read_reference().statuses["dates"], measure_horizon()
    start = np.minimum(created + scale_to(delay, mix["start_delay"]), today - 2)
    start = np.where(status == FUTURE, today + 1 + scale_to(delay, mix["future_start"]), start)
    end = np.maximum(start, today) + 1 + scale_to(length, mix["longest"])
    end[draw_per_mille(ended, mix["open_ended"])] = -1
    over = np.minimum(today - 1, start + 1 + scale_to(length, mix["longest"]))
    end = np.where(status == PAST, over, end)
    start[draw_per_mille(unknown, mix["start_missing"])] = -1
    return start, end


def _money(
    kind: Codes,
    has: NDArray[np.uint16],
    unit: NDArray[np.uint16],
    cent: NDArray[np.uint16],
    bid_unit: NDArray[np.uint16],
    bid_cent: NDArray[np.uint16],
    spent: NDArray[np.uint16],
    missing: NDArray[np.uint16],
) -> tuple[Integers, Integers, Integers]:
    """Return budget, bid and cost in cents; programs without a budget have none."""
    words, mix = read_vocabulary(), read_reference().money
    without = scale_to(has, 1000) >= words.has_budget[kind]
    budget = words.budget_units[pick(unit, words.budget_unit)] * 100 + words.budget_cents[pick(cent, words.budget_cent)]
    bid = words.bid_units[pick(bid_unit, words.bid_unit)] * 100 + words.bid_cents[pick(bid_cent, words.bid_cent)]
    cost = (budget * spent.astype(np.int64)) >> 16
    bid[without | draw_per_mille(missing, mix["max_bid"]["missing"])] = -1
    cost[without | draw_per_mille(~missing, mix["ad_cost"]["missing"])] = -1
    budget[without] = -1
    return budget, bid, cost


def _counts(
    budget: Integers, cost: Integers, rate: NDArray[np.uint16], missing: NDArray[np.uint16]
) -> tuple[Integers, Integers]:
    """Return clicks and impressions, which follow from what was spent."""
    mix = read_reference().money["ad_cost"]
    clicks = np.minimum(np.maximum(cost, 0) // mix["cents_per_click"], MOST_CLICKS)
    impressions = clicks * (1 + scale_to(rate, mix["impressions_per_click"])) + (rate & 7)
    absent = (budget < 0) | draw_per_mille(missing, mix["counts_missing"])
    clicks[absent] = -1
    impressions[absent] = -1
    return clicks, impressions


def _custom_name(kind: NDArray[np.uint16], which: NDArray[np.uint16]) -> Integers:
    words = read_vocabulary()
    chosen = pick(kind, words.custom_kind)
    return words.custom_starts[chosen] + scale_to(which, words.custom_counts[chosen])


def _listing(shorts: NDArray[np.uint16]) -> Codes:
    mix = read_reference().businesses
    mille = scale_to(shorts, 1000)
    null, empty = mix["list_null"], mix["list_null"] + mix["list_empty"]
    return np.select([mille < null, mille < empty], [NULL_LIST, EMPTY_LIST], OWN_LIST).astype(np.int16)

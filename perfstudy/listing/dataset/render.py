"""Rendering of programs and businesses as text for COPY."""

import json
from dataclasses import dataclass
from datetime import timedelta
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perfstudy.listing.dataset.copytext import (
    NULL,
    concatenate,
    escape,
    format_integers,
    join,
    make_fields,
    make_fragments,
    take,
    to_fixed,
)
from perfstudy.listing.dataset.draws import Integers
from perfstudy.listing.dataset.identifiers import make_identifiers
from perfstudy.listing.dataset.population import Businesses, Population, name_businesses
from perfstudy.listing.dataset.programs import DAY, Programs, measure_horizon
from perfstudy.listing.dataset.reference import PROGRAM_TYPES, STATUSES, read_reference
from perfstudy.listing.dataset.vocabulary import Vocabulary, read_vocabulary

PROGRAM_COLUMNS = (
    "id", "username", "program_id", "yelp_business_id", "partner_business_id", "business_name", "business_id",
    "status", "program_status", "program_pause_status", "program_name", "start_date", "end_date", "custom_name",
    "budget", "max_bid", "ad_cost", "currency", "is_autobid", "billed_impressions", "billed_clicks", "fee_period",
    "businesses", "active_features", "available_features", "created_at", "updated_at",
)  # fmt: skip
BUSINESS_COLUMNS = ("id", "yelp_business_id", "name", "url", "alias", "cached_at", "fetch_failed")

ADDRESS = "https://www.example.com/biz/"
YEARS_AHEAD = 3
"""How far beyond today a date may lie."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Dictionaries:
    """The fragments of a row that are the same for many rows, ready to be taken."""

    tenant: Any
    business: Any
    """Ids and name of each business; and again without the name."""
    key: Any
    """The foreign key to each business's row; and null at the end."""
    state: Any
    day: Any
    """Null, and then each day from the first on."""
    custom_name: Any
    cents: Any
    """Null, and then the cents from 00 on."""
    market: Any
    comma: Any
    """What follows a number that is there, and one that is not."""
    fee: Any
    listing: Any
    """Null, the empty list, and then the list of each business."""
    features: Any
    dates: NDArray[np.bytes_]
    times: NDArray[np.bytes_]
    millis: NDArray[np.bytes_]


def make_dictionaries(people: Population) -> Dictionaries:
    """Return the fragments for the rows of *people*."""
    words = read_vocabulary()
    days = [read_reference().first_day + timedelta(days=day) for day in range(measure_horizon() + YEARS_AHEAD * 366)]
    return Dictionaries(
        tenant=make_fields(people.names, before="\t"),
        business=concatenate(_business_fragments(people.businesses)),
        key=concatenate([_keys(people), make_fragments([f"{NULL}\t"])]),
        state=make_fragments(_states(words)),
        day=make_fields([None, *(day.isoformat() for day in days)]),
        custom_name=make_fields(words.custom_names),
        cents=make_fragments([f"{NULL}\t", *(f".{cents:02d}\t" for cents in range(100))]),
        market=make_fragments(f"{escape(c)}\t{escape(a)}\t" for c, a in product(words.currencies, words.autobids)),
        comma=make_fragments(["\t", f"{NULL}\t"]),
        fee=make_fields(words.fee_periods),
        listing=concatenate([make_fragments([f"{NULL}\t", "[]\t"]), _listings(people)]),
        features=make_fragments(f"{_json(active)}\t{_json(available)}\t" for active, available in words.features),
        dates=np.array([f"{day.isoformat()} " for day in days], dtype="S11"),
        times=np.array([f"{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}" for s in range(86_400)], dtype="S8"),
        millis=np.array([f".{ms:03d}" for ms in range(1000)], dtype="S4"),
    )


def render_programs(programs: Programs, first: int, people: Population, ready: Dictionaries) -> Any:
    """Return *programs* in COPY's text format, with primary keys from *first* on."""
    words, total = read_vocabulary(), len(people.businesses)
    business = people.starts[programs.tenant] + programs.place
    linked = programs.linked & people.businesses.fetched[business]
    return join(
        format_integers(np.arange(first, first + len(programs), dtype=np.int64)),
        take(ready.tenant, programs.tenant),
        to_fixed(make_identifiers(programs.number)),
        take(ready.business, np.where(programs.named, business, business + total)),
        take(ready.key, np.where(linked, business, total)),
        take(ready.state, _state(programs, words)),
        take(ready.day, programs.start_day + 1),
        take(ready.day, programs.end_day + 1),
        take(ready.custom_name, programs.custom_name),
        *_money(programs.budget, ready),
        *_money(programs.max_bid, ready),
        *_money(programs.ad_cost, ready),
        take(ready.market, programs.currency.astype(np.int64) * len(words.autobids) + programs.autobid),
        *_number(programs.impressions, ready),
        *_number(programs.clicks, ready),
        take(ready.fee, programs.fee_period),
        take(ready.listing, np.where(programs.listing < 2, programs.listing, business + 2)),
        take(ready.features, programs.features),
        to_fixed(_stamps(programs, ready)),
    )


def render_businesses(people: Population) -> Any:
    """Return the fetched businesses in COPY's text format, ordered by key."""
    businesses = people.businesses
    names, aliases = name_businesses(businesses, read_reference()), _aliases(businesses)
    present = np.argsort(people.keys, kind="stable")[int((people.keys == 0).sum()) :]
    return make_fragments(_business_row(people, index, names[index], aliases[index]) for index in present.tolist())


def _business_row(people: Population, index: int, name: str, alias: str) -> str:
    businesses = people.businesses
    failed, cached = bool(businesses.failed[index]), int(businesses.cached[index])
    known = ["", None, None] if failed else [name, ADDRESS + alias, alias]
    moment = None if cached < 0 else f"{_day(cached // DAY)} {_clock(cached % DAY)}"
    row = [str(people.keys[index]), businesses.ids[index].decode(), *known, moment, "t" if failed else "f"]
    return "\t".join(map(escape, row)) + "\n"


def _day(day: int) -> str:
    return (read_reference().first_day + timedelta(days=day)).isoformat()


def _clock(ms: int) -> str:
    seconds = ms // 1000
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{ms % 1000:03d}"


def _aliases(businesses: Businesses) -> list[str]:
    seeds = read_reference()
    columns = (businesses.first, businesses.noun, businesses.city, businesses.number)
    return [
        f"{seeds.names[f][1]}-{seeds.categories[n][0]}-{seeds.cities[c][1]}-{number}"
        for f, n, c, number in zip(*(column.tolist() for column in columns), strict=True)
    ]


def _business_fragments(businesses: Businesses) -> list[Any]:
    ids = [i.decode() for i in businesses.ids.tolist()]
    partners = [f"P-{partner}" if partner else None for partner in businesses.partner.tolist()]
    heads = [f"\t{i}\t{escape(partner)}\t" for i, partner in zip(ids, partners, strict=True)]
    names = name_businesses(businesses, read_reference())
    named = make_fragments(f"{head}{escape(name)}\t" for head, name in zip(heads, names, strict=True))
    return [named, make_fragments(f"{head}{NULL}\t" for head in heads)]


def _keys(people: Population) -> Any:
    return make_fragments(f"{key}\t" for key in people.keys.tolist())


def _listings(people: Population) -> Any:
    """Return each business's list of businesses: itself and, for some, the next one.

    Those that have several places also list their tenant's next business.
    """
    ids = [i.decode() for i in people.businesses.ids.tolist()]
    owner = np.repeat(np.arange(len(people.counts)), people.counts)
    local = np.arange(len(ids)) - people.starts[owner]
    after = people.starts[owner] + (local + 1) % people.counts[owner]
    several = people.businesses.several & (after != np.arange(len(ids)))
    return make_fragments(
        f"{_json([{'yelp_business_id': b} for b in ((one, ids[other]) if both else (one,))])}\t"
        for one, other, both in zip(ids, after.tolist(), several.tolist(), strict=True)
    )


def _json(value: list[Any] | None) -> str:
    return NULL if value is None else escape(json.dumps(value, ensure_ascii=False))


def _states(words: Vocabulary) -> list[str]:
    """Return the fragments of the four status and name columns, in index order.

    They are status, program_status, program_pause_status and program_name.
    """
    every = product(STATUSES, words.program_statuses, words.pause_statuses, PROGRAM_TYPES)
    return ["".join(f"{escape(value)}\t" for value in values) for values in every]


def _state(programs: Programs, words: Vocabulary) -> Integers:
    index = programs.status.astype(np.int64) * len(words.program_statuses) + programs.program_status
    return (index * len(words.pause_statuses) + programs.pause_status) * len(PROGRAM_TYPES) + programs.kind


def _money(cents: Integers, ready: Dictionaries) -> tuple[Any, Any]:
    return format_integers(cents // 100, cents < 0), take(ready.cents, np.where(cents < 0, 0, cents % 100 + 1))


def _number(values: Integers, ready: Dictionaries) -> tuple[Any, Any]:
    return format_integers(values, values < 0), take(ready.comma, (values < 0).astype(np.int8))


def _stamps(programs: Programs, ready: Dictionaries) -> NDArray[Any]:
    """Return created_at, updated_at and the row's end, as records of one width."""
    layout = [
        (f"{name}{i}", width)
        for i in "cu"
        for name, width in (("date", "S11"), ("time", "S8"), ("ms", "S4"), ("end", "S1"))
    ]
    out = np.empty(len(programs), dtype=layout)
    for column, moments, end in (("c", programs.created, b"\t"), ("u", programs.updated, b"\n")):
        out[f"date{column}"] = ready.dates[moments // DAY]
        out[f"time{column}"] = ready.times[moments % DAY // 1000]
        out[f"ms{column}"] = ready.millis[moments % 1000]
        out[f"end{column}"] = end
    return out

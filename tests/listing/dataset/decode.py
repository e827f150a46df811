"""Rows back from COPY's text format, and rows as they should be: neither by way of the renderer."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from perfstudy.listing.dataset.generate import CHUNK, Rows
from perfstudy.listing.dataset.population import name_businesses
from perfstudy.listing.dataset.programs import Programs
from perfstudy.listing.dataset.reference import PROGRAM_TYPES, STATUSES, read_reference
from perfstudy.listing.dataset.render import PROGRAM_COLUMNS
from perfstudy.listing.dataset.vocabulary import read_vocabulary

Row = dict[str, Any]
UNESCAPED = {"t": "\t", "n": "\n", "r": "\r", "\\": "\\"}


def lines(text: bytes | memoryview) -> list[list[str | None]]:
    """Return the fields of each row, None for null."""
    return [[_field(field) for field in line.split("\t")] for line in bytes(text).decode().split("\n")[:-1]]


def rows(source: Rows) -> list[Row]:
    """Return all programs of *source* as dictionaries of texts."""
    return [dict(zip(PROGRAM_COLUMNS, line, strict=True)) for part in source for line in lines(part)]


def _field(text: str) -> str | None:
    if text == r"\N":
        return None
    pieces = text.split("\\")
    out, index = [pieces[0]], 1
    while index < len(pieces):
        if pieces[index] == "":  # an escaped backslash: the next piece is plain
            out.append("\\" + (pieces[index + 1] if index + 1 < len(pieces) else ""))
            index += 2
            continue
        out.append(UNESCAPED[pieces[index][0]] + pieces[index][1:])
        index += 1
    return "".join(out)


def expected(source: Rows) -> list[tuple[Any, ...]]:
    """Return all programs of *source* as the database should give them, made value by value from their numbers."""
    names = name_businesses(source.people.businesses, read_reference())
    found: list[tuple[Any, ...]] = []
    for chunk in range(source.chunks):
        made = source.numbers(chunk)
        found += [_expected(source, names, made, i, chunk * CHUNK + i + 1) for i in range(len(made))]
    return found


def _expected(source: Rows, names: list[str], made: Programs, i: int, key: int) -> tuple[Any, ...]:
    people, words = source.people, read_vocabulary()
    index = int(people.starts[made.tenant[i]] + made.place[i])
    ids = people.businesses.ids[index].decode()
    partner = int(people.businesses.partner[index])
    linked = bool(made.linked[i]) and people.keys[index] > 0
    active, available = words.features[made.features[i]]
    return (
        key,
        people.names[made.tenant[i]],
        ids,
        f"P-{partner}" if partner else None,
        names[index] if made.named[i] else None,
        int(people.keys[index]) if linked else None,
        STATUSES[made.status[i]],
        words.program_statuses[made.program_status[i]],
        words.pause_statuses[made.pause_status[i]],
        PROGRAM_TYPES[made.kind[i]],
        _day(made.start_day[i]),
        _day(made.end_day[i]),
        words.custom_names[made.custom_name[i]],
        *(_money(cents[i]) for cents in (made.budget, made.max_bid, made.ad_cost)),
        words.currencies[made.currency[i]],
        {"t": True, "f": False, None: None}[words.autobids[made.autobid[i]]],
        *(None if counts[i] < 0 else int(counts[i]) for counts in (made.impressions, made.clicks)),
        words.fee_periods[made.fee_period[i]],
        active,
        available,
        _moment(made.created[i]),
        _moment(made.updated[i]),
    )


EXPECTED_COLUMNS = tuple(column for column in PROGRAM_COLUMNS if column not in ("program_id", "businesses"))
"""What ``expected`` gives, in its order."""


def _day(number: np.int64) -> date | None:
    return None if number < 0 else read_reference().first_day + timedelta(days=int(number))


def _money(cents: np.int64) -> Decimal | None:
    return None if cents < 0 else Decimal(int(cents)).scaleb(-2)


def _moment(milliseconds: np.int64) -> datetime:
    first = datetime.combine(read_reference().first_day, datetime.min.time(), UTC)
    return first + timedelta(milliseconds=int(milliseconds))

"""The scenarios of the listing, by name."""

import re
from dataclasses import replace

from perfstudy.errors import UsageError, unknown
from perfstudy.listing.contract import PROGRAM_TYPES
from perfstudy.listing.page_scenarios import PAGE_SCENARIOS, open_for
from perfstudy.listing.requests import listing
from perfstudy.model.scenario import NOOP, Scenario

NOOP_PATH = "/api/noop"
"""The endpoint that does nothing."""


PAGE = 0.012
"""The mean seconds of a page over the arms of the ladder: ``data/published/ladder-medium/cells.csv``."""


def page_at(offset: int) -> Scenario:
    """Return the scenario of one page of 20 programs of any status, at *offset*."""
    return Scenario(
        name=f"page@{offset}",
        summary=f"20 programs of any status, from the {offset}th on",
        target=lambda facts, random: listing(program_status="ALL", offset=offset, limit=20),
        series="offset",
        size=offset,
        seconds=PAGE,
    )


def page_after(offset: int) -> Scenario:
    """Return the scenario of the page of :func:`page_at`, reached by a cursor.

    The cursor is that of the page before it.

    Raises:
        UsageError: there is no page of 20 before it.
    """
    if offset < 20:
        raise UsageError(f"scenario 'after@{offset}': a cursor follows a page of 20, so name 20 or more")
    return Scenario(
        name=f"after@{offset}",
        summary=f"20 programs of any status, after the {offset}th, by its cursor",
        target=lambda facts, random: listing(program_status="ALL", offset=offset - 20, limit=20),
        follows_next=True,
        series="cursor",
        size=offset,
        seconds=PAGE,
    )


def first_rows(count: int) -> Scenario:
    """Return the scenario of the tenant's first *count* programs of any status."""
    return Scenario(
        name=f"rows@{count}",
        summary=f"the first {count} programs of any status",
        target=lambda facts, random: listing(program_status="ALL", limit=count),
        warmups=2,
        series="rows",
        size=count,
        seconds=PAGE,
    )


SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        Scenario(
            name=NOOP,
            summary="an endpoint that does nothing: what client, server and HTTP take by themselves",
            target=lambda facts, random: NOOP_PATH,
            seconds=0.0005,
        ),
        Scenario(
            name="page",
            summary="the first 20 current programs",
            target=lambda facts, random: listing(limit=20),
            seconds=PAGE,
        ),
        Scenario(
            name="all",
            summary="all programs of the tenant, of any status, in one answer",
            target=lambda facts, random: listing(all="true", program_status="ALL"),
            warmups=1,
            seconds=0.6,
        ),
        Scenario(
            name="business",
            summary="20 programs of one business, a different one each time",
            target=lambda facts, random: listing(
                program_status="ALL", business_id=random.choice(facts.businesses), limit=20
            ),
            seconds=PAGE,
        ),
        Scenario(
            name="type",
            summary="20 programs of one type, a different one each time",
            target=lambda facts, random: listing(
                program_status="ALL", program_type=random.choice(PROGRAM_TYPES), limit=20
            ),
            seconds=PAGE,
        ),
    )
}

QUESTIONS = tuple(name for name in SCENARIOS if name != NOOP)
"""The scenarios that ask for the listing as a plain client does."""

for _plain in (SCENARIOS["page"], SCENARIOS["all"]):
    _known = replace(
        _plain, name=f"{_plain.name}-known", summary=f"{_plain.summary}, which the client has", revalidates=True
    )
    _gzip = replace(
        _plain, name=f"{_plain.name}-gzip", summary=f"{_plain.summary}, accepted as gzip", accept_encoding="gzip"
    )
    SCENARIOS |= {shape.name: shape for shape in (_known, _gzip)}

_held = "all programs of the tenant, which each process of the service has had before"
SCENARIOS["all-held"] = replace(SCENARIOS["all"], name="all-held", summary=_held, warmups=6)

SCENARIOS |= PAGE_SCENARIOS

OF_A_SIZE = {"page": page_at, "after": page_after, "rows": first_rows, "open": open_for}
"""The scenarios that are named with a number, as ``page@OFFSET`` and ``rows@COUNT``."""


MOST = 2**31 - 1
"""The greatest number that a scenario takes: the service reads offsets and limits as 32-bit integers."""


def find_scenario(name: str) -> Scenario:
    """Return the scenario called *name*.

    ``page@OFFSET`` is one page at that offset, ``after@OFFSET`` the same page by a cursor, ``rows@COUNT`` so many rows,
    ``open@COUNT`` the page of a tenant of so many programs.

    Raises:
        UsageError: there is no such scenario (the message names the nearest), or its number is too large.
    """
    kind, _, size = name.partition("@")
    if kind in OF_A_SIZE and re.fullmatch("[0-9]+", size):
        if len(size) > len(str(MOST)) or int(size) > MOST:
            raise UsageError(f"scenario {name!r} is out of range: the number after @ is at most {MOST:,}")
        return OF_A_SIZE[kind](int(size))
    if name not in SCENARIOS:
        raise unknown("scenario", name, SCENARIOS)
    return SCENARIOS[name]

"""A scenario: one shape of request, as a stream that all variants of a block are given alike."""

import gzip
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from http import HTTPStatus
from random import Random

from perfstudy.drivers.http import Client, Exchange, listing
from perfstudy.errors import PerfstudyError, UsageError, unknown
from perfstudy.listing.contract import PROGRAM_TYPES
from perfstudy.listing.dataset import Facts
from perfstudy.listing.variants import Variant

Target = Callable[[Facts, Random], str]


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A named request shape: *target* draws the next request's path and query.

    ``warmups`` is the fixed number of requests that are made and thrown away before the timed ones.
    """

    name: str
    summary: str
    target: Target
    warmups: int = 5
    follows: bool = False
    """Whether what is asked is the page after the target's, which its answer's Link names."""
    holds: bool = False
    """Whether the client holds its last answer to a target, and sends the tag of it, where it was given one."""
    coding: str = ""
    """The coding of a body that the client accepts."""

    def requests(self, facts: Facts, seed: str, count: int) -> list[str]:
        """Return *count* targets, the same ones for the same *seed*."""
        random = Random(f"{seed}:{self.name}")
        return [self.target(facts, random) for _ in range(count)]


def page_at(offset: int) -> Scenario:
    """Return the scenario of one page of 20, *offset* rows into the tenant's programs of any status."""
    return Scenario(
        name=f"page@{offset}",
        summary=f"20 programs of any status, from the {offset}th on",
        target=lambda facts, random: listing(program_status="ALL", offset=offset, limit=20),
    )


def page_after(offset: int) -> Scenario:
    """Return the scenario of the page that :func:`page_at` shows, reached by the cursor of the page before it.

    Raises:
        UsageError: there is no page of 20 before it.
    """
    if offset < 20:
        raise UsageError(f"scenario 'after@{offset}': a cursor stands after a page of 20, so name 20 or more")
    return Scenario(
        name=f"after@{offset}",
        summary=f"20 programs of any status, after the {offset}th, by its cursor",
        target=lambda facts, random: listing(program_status="ALL", offset=offset - 20, limit=20),
        follows=True,
    )


def can_answer(variant: Variant, name: str) -> bool:
    """Whether the scenario *name* can be asked of *variant*: cursors are for those that give them."""
    return "keyset" in variant or not scenario(name).follows


def follow_links(client: Client, shape: Scenario, targets: list[str]) -> list[str]:
    """Return what is asked in the end where *shape* draws *targets*: with cursors, the pages after them.

    Raises:
        PerfstudyError: an answer names no next page.
    """
    if not shape.follows:
        return targets
    found = {target: _follow(client, target) for target in dict.fromkeys(targets)}
    return [found[target] for target in targets]


def _follow(client: Client, target: str) -> str:
    link = client.get(target).headers.get("link", "")
    found = re.fullmatch(r'<([^>]*)>; rel="next"', link)
    if found is None:
        raise PerfstudyError(f"the answer to {target} has no Link to a next page: serve a variant with keyset")
    return found[1]


class Asker:
    """A client that asks as a scenario says; it holds tags, not bodies."""

    def __init__(self, client: Client, shape: Scenario) -> None:
        self._client, self._shape = client, shape
        self._tags: dict[str, str] = {}

    def get(self, target: str, **headers: str) -> Exchange:
        """Request *target* with the headers of the scenario, and read the answer to its end."""
        found = self._client.get(target, **self._headers(target), **headers)
        if self._shape.holds and "etag" in found.headers:
            self._tags[target] = found.headers["etag"]
        return found

    def _headers(self, target: str) -> dict[str, str]:
        accepts = {"Accept-Encoding": self._shape.coding} if self._shape.coding else {}
        return accepts | ({"If-None-Match": self._tags[target]} if target in self._tags else {})


def decode_answer(client: Client, target: str, found: Exchange) -> tuple[int, bytes]:
    """Return the status and the body that *found*, the answer to *target*, stands for.

    Bytes that are packed are unpacked. Of one that was not modified it is what *client* is sent now, which has to bear
    the same tag; otherwise the answer stands for nothing.
    """
    if found.status == HTTPStatus.NOT_MODIFIED:
        now = client.get(target)
        same = now.headers.get("etag") == found.headers.get("etag")
        return (now.status, now.body) if same else (found.status, b"of another answer than is sent")
    packed = found.headers.get("content-encoding") == "gzip"
    return found.status, gzip.decompress(found.body) if packed else found.body


def first_rows(count: int) -> Scenario:
    """Return the scenario of the tenant's first *count* programs of any status."""
    return Scenario(
        name=f"rows@{count}",
        summary=f"the first {count} programs of any status",
        target=lambda facts, random: listing(program_status="ALL", limit=count),
        warmups=2,
    )


SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        Scenario(
            name="noop",
            summary="an endpoint that does nothing: the floor that client, server and HTTP set",
            target=lambda facts, random: "/api/noop",
        ),
        Scenario(
            name="page",
            summary="the first 20 current programs",
            target=lambda facts, random: listing(limit=20),
        ),
        Scenario(
            name="all",
            summary="all programs of the tenant, of any status, in one answer",
            target=lambda facts, random: listing(all="true", program_status="ALL"),
            warmups=1,
        ),
        Scenario(
            name="business",
            summary="20 programs of one business, a different one each time",
            target=lambda facts, random: listing(
                program_status="ALL", business_id=random.choice(facts.businesses), limit=20
            ),
        ),
        Scenario(
            name="type",
            summary="20 programs of one type, a different one each time",
            target=lambda facts, random: listing(
                program_status="ALL", program_type=random.choice(PROGRAM_TYPES), limit=20
            ),
        ),
    )
}

QUESTIONS = tuple(name for name in SCENARIOS if name != "noop")
"""The scenarios that ask for the listing as a plain client does."""

for _plain in (SCENARIOS["page"], SCENARIOS["all"]):
    _known = replace(_plain, name=f"{_plain.name}-known", summary=f"{_plain.summary}, held by the client", holds=True)
    _gzip = replace(_plain, name=f"{_plain.name}-gzip", summary=f"{_plain.summary}, accepted as gzip", coding="gzip")
    SCENARIOS |= {shape.name: shape for shape in (_known, _gzip)}


MOST = 2**31 - 1
"""The greatest number that a scenario takes: the service reads offsets and limits as 32-bit integers."""
OF_A_SIZE = {"page": page_at, "after": page_after, "rows": first_rows}
"""The scenarios that are named with a number: ``page@OFFSET``, ``after@OFFSET`` and ``rows@COUNT``."""


def scenario(name: str) -> Scenario:
    """Return the scenario called *name*; ``page@OFFSET`` is one page at that offset, ``after@OFFSET`` the same
    page by a cursor, ``rows@COUNT`` so many rows.

    Raises:
        UsageError: there is none of that name, the nearest ones are named, or its number is too large.
    """
    kind, _, size = name.partition("@")
    if kind in OF_A_SIZE and re.fullmatch("[0-9]+", size):
        if len(size) > len(str(MOST)) or int(size) > MOST:
            raise UsageError(f"scenario {name!r} is out of range: the number after @ is at most {MOST:,}")
        return OF_A_SIZE[kind](int(size))
    if name not in SCENARIOS:
        raise unknown("scenario", name, SCENARIOS)
    return SCENARIOS[name]

"""The shapes that meet at the seams: what a request asks, how rows are made, what a view answers.

The service fills in the baseline; an optimization replaces a part of it.
Both import this module, and it imports neither.
"""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Literal

STATUSES = ("CURRENT", "PAST", "FUTURE", "PAUSED")
PROGRAM_TYPES = ("BP", "EP", "CPC", "RCA", "CTA", "SLIDESHOW", "BH", "VL", "LOGO", "PORTFOLIO")
ANY_STATUS = "ALL"
"""The value of a filter that filters nothing."""

Path = Literal["all", "business", "type"]

Position = tuple[str | None, str]
"""A program's place in the order of the listing: its start as YYYY-MM-DD, None for none, and its program_id."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Query:
    """One validated request of the listing, together with the tenant that the token vouches for."""

    tenant: str
    status: str = "CURRENT"
    business_id: str | None = None
    program_type: str | None = None
    offset: int = 0
    limit: int = 20
    everything: bool = False
    after: Position | None = None
    """Where the page begins, in place of an offset."""
    known: tuple[str, ...] = field(default=(), compare=False)
    """The entity tags of the answers that the client holds already."""

    @property
    def deep(self) -> bool:
        """Whether more programs come before the page than stand on it, so that they had better not be fetched."""
        return not self.everything and self.offset > self.limit

    @property
    def path(self) -> Path:
        """Which of the listing's three paths serves this request."""
        if self.business_id is not None:
            return "business"
        return "type" if self.program_type is not None else "all"


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What a view answers: the JSON document, or its finished bytes, and what a cache had to do with it."""

    document: dict[str, Any] = field(default_factory=dict)
    body: bytes | None = None
    """The document as it goes out, where somebody has encoded it already."""
    coding: Literal["gzip"] | None = None
    """The content coding of *body*, None for the bytes themselves."""
    varies: bool = False
    """Whether another client may be sent another coding of it."""
    from_cache: bool = False
    cacheable: bool = False
    """Whether a cache was asked at all: decides between ``X-Cache: MISS`` and no header."""
    end: Position | None = None
    """Where the page ends, None where nothing can follow or nobody wants to know."""
    tag: str | None = None
    """The entity tag, None where nothing vouches for one."""
    unchanged: bool = False
    """Whether the client holds this answer already, so that it need not be sent."""
    total: int | None = None
    """How many programs there are, where *body* is in a coding in which that cannot be read."""


TOTAL, TAIL = b'"total_count":', 160
"""Where an answer says how many programs there are, and within how many bytes of its end."""


def total(body: bytes) -> int | None:
    """Return how many programs there are as the answer's *body* says, None where it does not."""
    _, found, rest = body[-TAIL:].rpartition(TOTAL)
    digits = rest.partition(b",")[0]
    return int(digits) if found and digits.isdigit() else None


View = Callable[[Query], Answer]


class Unshowable(Exception):  # noqa: N818 (it is the data that are wrong)
    """A program of a tenant holds what an answer cannot: a date, an amount or a list that is none."""

    def __init__(self, tenant: str, program_id: str) -> None:
        super().__init__(tenant, program_id)
        self.tenant = tenant
        self.program_id = program_id


@dataclass(frozen=True, kw_only=True)
class Rows:
    """How the rows of one page are fetched and read, step by step."""

    select: Callable[[Any], Iterable[Any]]
    """From a queryset of the page's programs to their rows."""
    read: Callable[[Any, str], Any]
    """The value of a column in a row."""
    name: Callable[[Any], str | None]
    """The name of a row's business, None where there is no business."""
    joined: bool = False
    """Whether the business arrives with the row."""
    at_once: bool = False
    """Whether the page's rows are asked for directly, without asking for their ids first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CachedAnswer:
    """What a cache has to say to a query."""

    payload: Any = None
    """What is kept, None where nothing is."""
    mark: str | None = ""
    """The state of the tenant's data, under which a fresh answer may be kept; None where none may be kept now."""
    due: float = 0.0
    """From when on it is so near its end that it should be computed afresh, in seconds since 1970."""
    lead: Any = None
    """What the cache gave to the one request that is to fill it, and takes back with the fresh answer."""


Recompute = Callable[[CachedAnswer], Answer]
"""Computes the answer afresh, and keeps it under the mark of what the cache said."""


@dataclass(frozen=True, kw_only=True)
class CachePolicy:
    """How answers are kept in a cache, step by step."""

    get: Callable[[Query], CachedAnswer]
    put: Callable[[Query, CachedAnswer, Any, float], None]
    """Keeps a payload for some seconds, under the mark of what ``get`` returned before it was computed."""
    dump: Callable[[Answer], Any]
    """From an answer to the payload that is kept."""
    load: Callable[[Any], Answer | None]
    """The way back; None for a payload that cannot be trusted, which then counts as a miss."""
    seconds: Callable[[Query], float]
    """How long an answer counts."""
    miss: Callable[[Query, CachedAnswer, Recompute], Answer | None] = lambda query, kept, refill: refill(kept)
    """What happens where nothing is kept; None: ask the cache again, for somebody else has filled it."""
    hit: Callable[[Query, CachedAnswer, Recompute], None] = lambda query, kept, refill: None
    """What happens beside an answer that is kept, before it is sent."""
    tag: Callable[[Query, CachedAnswer], str | None] = lambda query, kept: None
    """The entity tag of the answer."""
    mark: Callable[[Query], str | None] = lambda query: None
    """The state of the tenant's data alone, without an answer; None where nobody knows it."""
    varies: bool = False
    """Whether what is kept may be sent in more than one content coding."""
    behind: bool = False
    """Whether an answer is sent before it is kept."""


@dataclass(frozen=True, slots=True)
class Write:
    """A write to the data of a tenant: one program's update, a batch of a sync, or the end of a sync."""

    tenant: str
    kind: Literal["update", "batch", "sync"]


Writing = Callable[[Write], AbstractContextManager[None]]
"""What surrounds every write: the block holds the write, and ends when it is committed."""

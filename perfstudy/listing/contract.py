"""The interfaces between service and optimizations: queries, rows, answers.

The service implements the baseline; an optimization replaces a part of it.
Both import this module, and it imports neither.
"""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from math import inf
from typing import Any, Literal

STATUSES = ("CURRENT", "PAST", "FUTURE", "PAUSED")
PROGRAM_TYPES = ("BP", "EP", "CPC", "RCA", "CTA", "SLIDESHOW", "BH", "VL", "LOGO", "PORTFOLIO")
ANY_STATUS = "ALL"
"""The value of a filter that accepts everything."""

Position = tuple[str | None, str]
"""A program's place in the order of the listing: its start as YYYY-MM-DD, None for none, and its program_id."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Query:
    """A validated request of the listing, with the tenant that its token names."""

    tenant: str
    status: str = "CURRENT"
    business_id: str | None = None
    program_type: str | None = None
    search: str | None = None
    """What the id or the name of a program's business has to contain, in any case."""
    offset: int = 0
    limit: int = 20
    everything: bool = False
    after: Position | None = None
    """The position after which the page starts, in place of an offset."""
    known: tuple[str, ...] = field(default=(), compare=False)
    """The entity tags of the answers that the client has."""

    @property
    def deep(self) -> bool:
        """Return whether more programs precede the page than it has.

        A deep page selects ids first, so that the rows before it are not fetched.
        """
        return not self.everything and self.offset > self.limit


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What a view answers: the document or its encoded bytes, and the cache's part."""

    document: dict[str, Any] = field(default_factory=dict)
    body: bytes | None = None
    """The encoded document, if it is encoded already."""
    coding: Literal["gzip"] | None = None
    """The content coding of *body*, None without one."""
    varies: bool = False
    """Whether another client may be sent another coding of it."""
    from_cache: bool = False
    cacheable: bool = False
    """Whether a cache was asked at all: decides between ``X-Cache: MISS`` and no header."""
    end: Position | None = None
    """The end of the page; None if nothing can follow, or cursors are off."""
    tag: str | None = None
    """The entity tag, None where there is none."""
    unchanged: bool = False
    """Whether the client has this answer already, so that it need not be sent."""
    total: int | None = None
    """The number of programs, if *body* has a coding that hides it."""


View = Callable[[Query], Answer]


class Unshowable(Exception):  # noqa: N818 (it is the data that are wrong)
    """A program has a value that no answer can show: a date, an amount or a non-list."""

    def __init__(self, tenant: str, program_id: str) -> None:
        super().__init__(tenant, program_id)
        self.tenant = tenant
        self.program_id = program_id


Expression = tuple[str, list[Any]]
"""An SQL expression and its parameters."""


@dataclass(frozen=True, kw_only=True)
class Rows:
    """How the rows of one page are fetched, read and counted, step by step."""

    select: Callable[[Any], Iterable[Any]]
    """From a queryset of the page's programs to their rows."""
    read: Callable[[Any, str], Any]
    """The value of a column in a row."""
    name: Callable[[Any], str | None]
    """The name of a row's business, None where there is no business."""
    joined: bool = False
    """Whether the business arrives with the row."""
    at_once: bool = False
    """Whether the page's rows are fetched directly, without a query for their ids."""
    by_tenant: bool = False
    """Whether rows are fetched by their tenant besides their ids."""
    total: Callable[[Query], Expression | None] = lambda query: None
    """The number of programs, as SQL; None if they are to be counted."""
    page_ends: bool = False
    """Whether an answer states the end of its page."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CachedAnswer:
    """What a cache returns for a query."""

    payload: Any = None
    """The cached payload, None if there is none."""
    version: str | None = ""
    """The version under which to cache a new answer; None if none may be cached now."""
    refresh_at: float = inf
    """When it should be recomputed, shortly before its expiry, in seconds since 1970."""
    lock: Any = None
    """The lock of the request that computes the entry, released when its answer is cached."""


Refill = Callable[[CachedAnswer], Answer]
"""Recomputes the answer, and caches it under the version that the cache returned."""


class CachePolicy:
    """How answers are cached, step by step; this one caches nothing."""

    varies = False
    """Whether a cached answer may be sent in more than one content coding."""
    deferred = False
    """Whether an answer is sent before it is cached."""
    tagged = False
    """Whether answers have an entity tag."""

    def get(self, query: Query) -> CachedAnswer:
        """Return what is cached for *query*."""
        return CachedAnswer(version=None)

    def put(self, query: Query, cached: CachedAnswer, payload: Any, seconds: float) -> None:
        """Cache *payload* for *seconds*, under the version that ``get`` had returned."""

    def dump(self, answer: Answer) -> Any:
        """Return the payload of *answer*."""
        return answer

    def load(self, payload: Any) -> Answer | None:
        """Return the answer of *payload*; None, a miss, if it cannot be trusted."""
        return None

    def seconds(self, query: Query) -> float:
        """Return how long an answer to *query* lives."""
        return 0.0

    def miss(self, query: Query, cached: CachedAnswer, refill: Refill) -> Answer | None:
        """Answer a miss; return None if the cache must be asked again.

        That is so after another request has filled it.
        """
        return refill(cached)

    def refresh(self, query: Query, cached: CachedAnswer, refill: Refill) -> None:
        """Refresh an entry near its expiry, before it is sent."""

    def tag(self, query: Query, cached: CachedAnswer) -> str | None:
        """Return the entity tag of the answer."""
        return None

    def version(self, tenant: str) -> str | None:
        """Return the version of the tenant's data; None if it is not known."""
        return None

    def peek(self, query: Query) -> CachedAnswer | None:
        """Return a current answer of this process for *query*; None if it has none."""
        return None


STEPS = (
    *("varies", "deferred", "tagged", "get", "put", "dump", "load", "seconds", "miss", "refresh", "tag", "version"),
    "peek",
)


class CacheLayer(CachePolicy):
    """A policy around an *inner* one.

    A step that its class does not define is the inner one's own, bound here, so that a hit pays for no layer that has
    nothing to do; *bound* are steps that come from elsewhere in the same way.
    """

    def __init__(self, inner: CachePolicy, **bound: Any) -> None:
        self.inner = inner
        for step in STEPS:
            if getattr(type(self), step) is getattr(CachePolicy, step):
                setattr(self, step, bound.get(step) or getattr(inner, step))


@dataclass(frozen=True, slots=True)
class Write:
    """A write to a tenant's data: an update, a batch of a sync, or the end of a sync."""

    tenant: str
    kind: Literal["update", "batch", "sync"]


Writing = Callable[[Write], AbstractContextManager[None]]
"""The context of every write: its block contains the write, and ends after the commit."""

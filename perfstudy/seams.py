"""The shapes that meet at the seams: what a request asks, how rows are made, what a view answers.

The service fills in the baseline; an optimization replaces a part of it.
Both import this module, and it imports neither.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

STATUSES = ("CURRENT", "PAST", "FUTURE", "PAUSED")
PROGRAM_TYPES = ("BP", "EP", "CPC", "RCA", "CTA", "SLIDESHOW", "BH", "VL", "LOGO", "PORTFOLIO")
EVERY = "ALL"
"""The value of a filter that filters nothing."""

Path = Literal["all", "business", "type"]


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

    @property
    def path(self) -> Path:
        """Which of the listing's three paths serves this request."""
        if self.business_id is not None:
            return "business"
        return "type" if self.program_type is not None else "all"


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What a view answers: the JSON document, and whether a cache supplied it."""

    document: dict[str, Any]
    from_cache: bool = False
    cacheable: bool = False
    """Whether a cache was asked at all: decides between ``X-Cache: MISS`` and no header."""


View = Callable[[Query], Answer]


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

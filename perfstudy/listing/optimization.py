"""The declaration: an optimization, the seams it fills and the claims made of it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from perfstudy.listing.contract import CachePolicy, Rows, View, Writing
from perfstudy.model.claim import Claim, DeclarationError

SEAMS = ("schema", "settings", "rows", "view", "cache", "write", "parameters", "application", "server", "frontend")

NAME = re.compile(r"[a-z][a-z0-9_]*")

RowsFold = Callable[[Rows], Rows]
ViewFold = Callable[[View, Rows], View]
CacheFold = Callable[[CachePolicy], CachePolicy]
WriteFold = Callable[[Writing, View], Writing]


@dataclass(frozen=True, kw_only=True, eq=False)
class Optimization:
    """One change, declared once; the interpreter of each seam applies and reverts it.

    - ``schema``: the name of a migration of the app ``ads``.
    - ``settings``: Django settings, merged into the base settings mapping by mapping.
    - ``rows``: a fold over the listing's ``Rows``.
    - ``view``: a wrapper around the listing's ``View``; it is given the variant's rows too.
    - ``cache``: a layer around the ``CachePolicy``.
    - ``write``: a wrapper around every write to a tenant's data; it is given the variant's view too.
    - ``parameters``: the names of further query parameters that the listing takes.
    - ``application``: the ``module:name`` of a wrapper around the WSGI application, given the variant's view too.
    - ``frontend``: the names of switches that the page at ``/`` reads.
    - ``server``: the command that serves the project, with ``{host}``, ``{port}`` and ``{python}`` to fill in.
    """

    name: str
    title: str
    summary: str
    schema: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    rows: RowsFold | None = None
    view: ViewFold | None = None
    cache: CacheFold | None = None
    write: WriteFold | None = None
    parameters: tuple[str, ...] = ()
    application: str | None = None
    server: tuple[str, ...] | None = None
    frontend: tuple[str, ...] = ()
    conflicts: frozenset[str] = frozenset()
    requires: frozenset[str] = frozenset()
    """The optimizations that this one requires; it is applied after them."""
    after: frozenset[str] = frozenset()
    """The optimizations after which it is applied if both are present, so that it wraps them."""
    needs: frozenset[str] = frozenset()
    """The programs that must be installed on the system, for the lab to run."""
    caches: bool = False
    """Whether an answer may come from a cache, so that cold and warm are two quantities."""
    remembers: float = 0.0
    """The seconds for which a process may still answer with a hit after its cache was emptied."""
    manual_rollback: str = ""
    """How to revert it by hand, without this package."""
    claims: tuple[Claim, ...] = ()

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name) or self.name == "baseline":
            raise DeclarationError(
                f"optimization {self.name!r}: a name is lower-case letters, digits and _, and not 'baseline'"
            )
        if not self.seams:
            raise DeclarationError(f"optimization {self.name!r} fills no seam, so it changes nothing")
        if self.name in self.conflicts | self.requires | self.after:
            raise DeclarationError(f"optimization {self.name!r} names itself in conflicts, requires or after")

    @property
    def seams(self) -> tuple[str, ...]:
        """The names of the seams that this optimization fills."""
        return tuple(seam for seam in SEAMS if getattr(self, seam))

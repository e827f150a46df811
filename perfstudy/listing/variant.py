"""A variant: an ordered set of optimizations; the empty one is the baseline."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

from perfstudy.errors import UsageError, unknown
from perfstudy.listing.optimization import Optimization
from perfstudy.listing.optimizations import ALL, BY_NAME, FRONT_END, FURTHER, ORIGINAL
from perfstudy.model.claim import DeclarationError


@dataclass(frozen=True)
class Variant:
    """Optimizations in study order, each at most once, none in conflict with another.

    >>> (BASELINE + "cache" + "index").name
    'index+cache'
    """

    optimizations: tuple[Optimization, ...] = ()

    def __post_init__(self) -> None:
        chosen = set(self.optimizations)
        if len(chosen) != len(self.optimizations):
            raise DeclarationError(f"variant {self.name!r} names an optimization twice")
        ordered = tuple(o for o in ALL if o in chosen)
        if len(ordered) != len(chosen):
            raise DeclarationError(f"variant {self.name!r} holds an optimization that is not in ALL")
        object.__setattr__(self, "optimizations", ordered)
        for one, other in combinations(ordered, 2):
            if other.name in one.conflicts or one.name in other.conflicts:
                raise DeclarationError(f"{one.name!r} and {other.name!r} cannot be combined")
        names = {o.name for o in ordered}
        for one in ordered:
            for missing in sorted(one.requires - names):
                raise DeclarationError(f"{one.name!r} works only together with {missing!r}: add it")

    def __hash__(self) -> int:
        return hash(self.name)

    @property
    def name(self) -> str:
        """The canonical name, ``index+cache``; ``baseline`` for the empty variant."""
        return "+".join(o.name for o in self.optimizations) or "baseline"

    @property
    def short(self) -> str:
        """The shortest name that ``parse`` accepts, such as ``all+invalidate``."""
        within = {name: named for name, named in NAMED.items() if set(named) <= set(self)}
        shortened = ["+".join([name, *(o.name for o in self if o not in named)]) for name, named in within.items()]
        return min([self.name, *shortened], key=len)

    @property
    def caches(self) -> bool:
        """Whether an answer of this variant may come from a cache."""
        return any(o.caches for o in self.optimizations)

    @property
    def needs(self) -> frozenset[str]:
        """The programs that must be installed on the system."""
        return frozenset[str]().union(*(o.needs for o in self.optimizations))

    def __iter__(self) -> Iterator[Optimization]:
        return iter(self.optimizations)

    def __contains__(self, one: "Optimization | str") -> bool:
        return any(one in (o, o.name) for o in self.optimizations)

    def __add__(self, other: "Variant | Optimization | str") -> "Variant":
        added = [o for o in _optimizations(other) if o not in self.optimizations]
        return Variant((*self.optimizations, *added))

    def __sub__(self, other: "Variant | Optimization | str") -> "Variant":
        removed = set(_optimizations(other))
        return Variant(tuple(o for o in self.optimizations if o not in removed))

    def __str__(self) -> str:
        return self.name


BASELINE = Variant()
SOURCE_FINAL = Variant(ORIGINAL)
"""The final state of the report: all of its optimizations."""


BEST = Variant(
    tuple(
        BY_NAME[name]
        for name in (
            *("connections", "gunicorn", "cache", "invalidate", "single_flight", "breaker", "bytes", "granian"),
            *("page", "json", "prepared", "covering", "keyset", "near", "behind", "bypass"),
        )
    )
)
"""The study's recommendation: answers are encoded bytes, from the cache or from PostgreSQL.

Joins, dictionaries and the report's index would have no effect in it.
"""

UNCACHED = Variant(tuple(o for o in BEST if not (o.caches or "cache" in o.requires)))
"""The same without a cache."""

FASTEST = Variant(
    (*BEST, *(BY_NAME[name] for name in ("direct", "lease", "one_trip", "presorted", "straight", "delta")))
)
"""``best`` with what takes further time off its hits and misses, at a price.

A writer of a tenant that is being read waits up to 20 ms, and each process holds the lists that it answered.
"""

NAMED = {"all": SOURCE_FINAL, "best": BEST, "fastest": FASTEST, "uncached": UNCACHED}
"""The variants with a separate name."""


def list_page(names: Iterable[str]) -> tuple[Optimization, ...]:
    """Return the optimizations of the page that a back end of *names* can serve."""
    there = {*names, *(o.name for o in FRONT_END)}
    return tuple(o for o in FRONT_END if o.requires <= there)


def _optimizations(value: Variant | Optimization | str) -> tuple[Optimization, ...]:
    if isinstance(value, Optimization):
        return (value,)
    # Not parsed as a variant of its own: what is added to another one may require what that one has.
    return _read(value) if isinstance(value, str) else value.optimizations


def parse(text: str) -> Variant:
    """Return the variant named *text*: ``baseline``, ``index+cache`` or a named one.

    A named variant (see ``NAMED``) may be followed by more: ``all+invalidate``.

    Raises:
        UsageError: a part is neither an optimization nor a named variant (the nearest are named), occurs twice, or
            conflicts; or there is none.
    """
    try:
        return Variant(_read(text))
    except DeclarationError as error:
        raise UsageError(str(error)) from None


def _read(text: str) -> tuple[Optimization, ...]:
    """Return the optimizations that *text* names.

    Raises:
        UsageError: a part of it names none.
    """
    if not text.strip():
        raise UsageError(f"variant {text!r} is empty: name optimizations joined by +, baseline, {', '.join(NAMED)}")
    if text.strip() == "baseline":
        return ()
    chosen: list[Optimization] = []
    for part in (p.strip() for p in text.split("+")):
        if not part:
            raise UsageError(f"variant {text!r} has nothing beside a +: name an optimization there, or drop the +")
        if part not in BY_NAME and part not in NAMED:
            raise unknown("optimization", part, ("baseline", *NAMED, *BY_NAME))
        chosen += NAMED[part].optimizations if part in NAMED else (BY_NAME[part],)
    return tuple(chosen)


def smallest_variant(optimization: Optimization) -> Variant:
    """Return the smallest variant with *optimization*: it and all that it requires."""
    chosen = {optimization}
    while missing := {BY_NAME[name] for o in chosen for name in o.requires} - chosen:
        chosen |= missing
    return Variant(tuple(chosen))


def beyond_source() -> list[Variant]:
    """Return two variants for each optimization that goes beyond the report.

    They are its smallest variant, and the report's final state (FULL) with it, less what it conflicts with.
    """
    found = []
    for optimization in FURTHER:
        smallest = smallest_variant(optimization)
        conflicting = {name for o in smallest for name in o.conflicts}
        rest = tuple(
            o for o in SOURCE_FINAL if o.name not in conflicting and not o.conflicts & {p.name for p in smallest}
        )
        found += [smallest, Variant(rest) + smallest]
    return list(dict.fromkeys(found))


def variants(optimizations: Iterable[Optimization] = ORIGINAL) -> list[Variant]:
    """Return all valid combinations of *optimizations*, smallest first."""
    pool = tuple(optimizations)
    found = []
    for size in range(len(pool) + 1):
        for chosen in combinations(pool, size):
            try:
                found.append(Variant(chosen))
            except DeclarationError:
                continue
    return found

"""Display names of variants: by what they share with the report or its end state."""

from collections.abc import Iterable

from perfstudy.listing.optimizations import ALL, BY_NAME, FRONT_END, ORIGINAL
from perfstudy.listing.variant import BEST, FASTEST, UNCACHED, beyond_source, list_page, parse, variants

TITLES = {"fastest": FASTEST, "best": BEST, "best, uncached": UNCACHED}
"""What a variant beyond the report is called, the longest first."""
WHOLE_PAGE = "every switch of the page"
"""What all optimizations of the page are called that a back end can serve."""


def is_variant(name: str) -> bool:
    """Whether *name* is that of a variant."""
    return name == "baseline" or all(part in BY_NAME for part in name.split("+"))


def shorten(name: str) -> str:
    """Return the shortest name of a variant that the command line takes."""
    return parse(name).short


def describe(name: str) -> str:
    """Return a variant's display name: ``index + related``, ``best``, and so on.

    ``everything`` is what the report did, as in ``everything but cache``; further optimizations are added by name,
    those of the page together if it has every one that its back end can serve.
    """
    parts = name.split("+")
    if {o.name for o in list_page(parts)} <= set(parts):
        back_end = "+".join(part for part in parts if BY_NAME.get(part) not in FRONT_END)
        return f"{describe(back_end)} + {WHOLE_PAGE}" if back_end else WHOLE_PAGE
    for title, named in TITLES.items():
        if {o.name for o in named} <= set(parts):
            return " + ".join([title, *(part for part in parts if part not in named)])
    missing = [o.name for o in ORIGINAL if o.name not in parts]
    if len(missing) > 1:
        return name.replace("+", " + ")
    beyond = "".join(f" + {part}" for part in parts if part not in {o.name for o in ORIGINAL})
    return "everything" + "".join(f" but {missed}" for missed in missing) + beyond


def arm_names() -> Iterable[str]:
    """Return the names of the variants that the studies look at."""
    return [variant.name for variant in (*variants(), *beyond_source())]


def describe_factors() -> Iterable[dict[str, str]]:
    """Return a row for each optimization."""
    return [{"name": o.name, "seams": ", ".join(o.seams), "summary": o.summary} for o in ALL]

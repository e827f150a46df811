"""What a variant declares, as a table: optimizations, seams and their contents."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from perfstudy.listing.variant import Variant, parse
from perfstudy.model.table import Table


def declaration(variant: Variant | str) -> Table:
    """Return what the optimizations of *variant* declare, a row for each seam."""
    chosen = parse(variant) if isinstance(variant, str) else variant
    return Table(
        [
            {"optimization": one.name, "seam": seam, "declared": _words(getattr(one, seam))}
            for one in chosen
            for seam in one.seams
        ]
    )


def _words(declared: str | Mapping[str, Any] | tuple[str, ...] | Callable[..., Any]) -> str:
    """Return a seam's content in words.

    A name, settings as JSON, a command, or the first line of a function's docstring.
    """
    if isinstance(declared, str):
        return declared
    if isinstance(declared, Mapping):
        return json.dumps(declared, default=str)
    if isinstance(declared, tuple):
        return " ".join(declared)
    return f"{declared.__name__}: {(declared.__doc__ or '').strip().splitlines()[0]}"

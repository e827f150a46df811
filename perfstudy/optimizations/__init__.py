"""The optimizations of the study, one file each, in study order.

To add one: write its file, and add its line to ``ALL``.
"""

from collections import Counter

from perfstudy.optimization import DeclarationError, Optimization
from perfstudy.optimizations.cache import CACHE
from perfstudy.optimizations.connections import CONNECTIONS
from perfstudy.optimizations.gunicorn import GUNICORN
from perfstudy.optimizations.index import INDEX
from perfstudy.optimizations.related import RELATED
from perfstudy.optimizations.values import VALUES

ALL: tuple[Optimization, ...] = (INDEX, RELATED, VALUES, CONNECTIONS, GUNICORN, CACHE)


def registry(optimizations: tuple[Optimization, ...]) -> dict[str, Optimization]:
    """Return *optimizations* by name.

    Raises:
        DeclarationError: two of them share a name, a migration or a claim's id, or one conflicts with a name
            that is not there.
    """
    for what, values in {
        "name": [o.name for o in optimizations],
        "migration": [o.schema for o in optimizations if o.schema],
        "claim": [c.id for o in optimizations for c in o.claims],
    }.items():
        for value, count in Counter(values).items():
            if count > 1:
                owners = " and ".join(o.title for o in optimizations if value in _declared(o))
                raise DeclarationError(f"the {what} {value!r} is declared twice, by {owners}")
    names = {o.name for o in optimizations}
    for optimization in optimizations:
        for missing in optimization.conflicts - names:
            raise DeclarationError(f"{optimization.name!r} conflicts with {missing!r}, which is not declared")
    return {o.name: o for o in optimizations}


def _declared(optimization: Optimization) -> set[str | None]:
    return {optimization.name, optimization.schema, *(c.id for c in optimization.claims)}


BY_NAME = registry(ALL)

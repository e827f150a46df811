"""The optimizations of the study, one file each, in study order.

To add one: write its file, and add its line to ``REPORT`` or, where the report knows nothing of it, to ``BEYOND``.
"""

from collections import Counter

from perfstudy.optimization import DeclarationError, Optimization
from perfstudy.optimizations.behind import BEHIND
from perfstudy.optimizations.breaker import BREAKER
from perfstudy.optimizations.bypass import BYPASS
from perfstudy.optimizations.bytes import BYTES
from perfstudy.optimizations.cache import CACHE
from perfstudy.optimizations.compressed import COMPRESSED
from perfstudy.optimizations.connections import CONNECTIONS
from perfstudy.optimizations.count import COUNT
from perfstudy.optimizations.covering import COVERING
from perfstudy.optimizations.etag import ETAG
from perfstudy.optimizations.granian import GRANIAN
from perfstudy.optimizations.gunicorn import GUNICORN
from perfstudy.optimizations.index import INDEX
from perfstudy.optimizations.invalidate import INVALIDATE
from perfstudy.optimizations.json import JSON
from perfstudy.optimizations.keyset import KEYSET
from perfstudy.optimizations.near import NEAR
from perfstudy.optimizations.page import PAGE
from perfstudy.optimizations.pgbouncer import PGBOUNCER
from perfstudy.optimizations.pool import POOL
from perfstudy.optimizations.prepared import PREPARED
from perfstudy.optimizations.prune import PRUNE
from perfstudy.optimizations.related import RELATED
from perfstudy.optimizations.single_flight import SINGLE_FLIGHT
from perfstudy.optimizations.threads import THREADS
from perfstudy.optimizations.ttl import TTL
from perfstudy.optimizations.values import VALUES
from perfstudy.optimizations.warm import WARM

REPORT: tuple[Optimization, ...] = (INDEX, RELATED, VALUES, CONNECTIONS, GUNICORN, CACHE)
"""What the report did: the study crosses them in every combination."""

BEYOND: tuple[Optimization, ...] = (
    *(INVALIDATE, SINGLE_FLIGHT, TTL, WARM, BREAKER, ETAG, BYTES, COMPRESSED),
    *(POOL, PGBOUNCER, THREADS, GRANIAN, PAGE, JSON, PREPARED, COVERING, KEYSET, COUNT, PRUNE, NEAR, BEHIND, BYPASS),
)
"""What the report left for later or did not think of: each is studied on top of the report's final state."""

ALL = REPORT + BEYOND


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
        for missing in (optimization.conflicts | optimization.requires) - names:
            raise DeclarationError(
                f"{optimization.name!r} conflicts with or requires {missing!r}, which is not declared"
            )
    return {o.name: o for o in optimizations}


def _declared(optimization: Optimization) -> set[str | None]:
    return {optimization.name, optimization.schema, *(c.id for c in optimization.claims)}


BY_NAME = registry(ALL)

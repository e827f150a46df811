"""The optimizations of the study, one file each, in the order they are applied.

To add one: write its file, and add its line to ``ORIGINAL`` or, if it is not in the report, to ``FURTHER``, behind
whatever it requires or comes ``after``; to ``FRONT_END`` if it changes the page.
"""

from collections import Counter

from perfstudy.listing.optimization import Optimization
from perfstudy.listing.optimizations.behind import BEHIND
from perfstudy.listing.optimizations.breaker import BREAKER
from perfstudy.listing.optimizations.bypass import BYPASS
from perfstudy.listing.optimizations.bytes import BYTES
from perfstudy.listing.optimizations.cache import CACHE
from perfstudy.listing.optimizations.compressed import COMPRESSED
from perfstudy.listing.optimizations.connections import CONNECTIONS
from perfstudy.listing.optimizations.content_visibility import CONTENT_VISIBILITY
from perfstudy.listing.optimizations.count import COUNT
from perfstudy.listing.optimizations.covering import COVERING
from perfstudy.listing.optimizations.debounce import DEBOUNCE
from perfstudy.listing.optimizations.deferred import DEFERRED
from perfstudy.listing.optimizations.delta import DELTA
from perfstudy.listing.optimizations.direct import DIRECT
from perfstudy.listing.optimizations.etag import ETAG
from perfstudy.listing.optimizations.granian import GRANIAN
from perfstudy.listing.optimizations.gunicorn import GUNICORN
from perfstudy.listing.optimizations.index import INDEX
from perfstudy.listing.optimizations.invalidate import INVALIDATE
from perfstudy.listing.optimizations.json import JSON
from perfstudy.listing.optimizations.keyset import KEYSET
from perfstudy.listing.optimizations.lease import LEASE
from perfstudy.listing.optimizations.lines import LINES
from perfstudy.listing.optimizations.memo import MEMO
from perfstudy.listing.optimizations.near import NEAR
from perfstudy.listing.optimizations.one_trip import ONE_TRIP
from perfstudy.listing.optimizations.page import PAGE
from perfstudy.listing.optimizations.partition import PARTITION
from perfstudy.listing.optimizations.pgbouncer import PGBOUNCER
from perfstudy.listing.optimizations.pool import POOL
from perfstudy.listing.optimizations.prepared import PREPARED
from perfstudy.listing.optimizations.presorted import PRESORTED
from perfstudy.listing.optimizations.preview import PREVIEW
from perfstudy.listing.optimizations.prune import PRUNE
from perfstudy.listing.optimizations.related import RELATED
from perfstudy.listing.optimizations.sharing import SHARING
from perfstudy.listing.optimizations.single_flight import SINGLE_FLIGHT
from perfstudy.listing.optimizations.straight import STRAIGHT
from perfstudy.listing.optimizations.threads import THREADS
from perfstudy.listing.optimizations.ttl import TTL
from perfstudy.listing.optimizations.values import VALUES
from perfstudy.listing.optimizations.virtual import VIRTUAL
from perfstudy.listing.optimizations.warm import WARM
from perfstudy.listing.optimizations.windowed import WINDOWED
from perfstudy.model.claim import DeclarationError

ORIGINAL: tuple[Optimization, ...] = (INDEX, RELATED, VALUES, CONNECTIONS, GUNICORN, CACHE)
"""The report's optimizations, which the study measures in every combination."""

FURTHER: tuple[Optimization, ...] = (
    *(INVALIDATE, DIRECT, LEASE, SINGLE_FLIGHT, ONE_TRIP, TTL, WARM, BREAKER, ETAG, BYTES, COMPRESSED),
    *(POOL, PGBOUNCER, THREADS, GRANIAN, PAGE, JSON, PREPARED, COVERING, KEYSET, COUNT, PRUNE, NEAR, BEHIND, BYPASS),
    *(PRESORTED, LINES, STRAIGHT, DELTA, PARTITION),
)
"""What the report postponed or did not consider, each studied on top of its final state."""

FRONT_END: tuple[Optimization, ...] = (
    *(VIRTUAL, DEBOUNCE, MEMO),
    *(CONTENT_VISIBILITY, SHARING, DEFERRED, WINDOWED, PREVIEW),
)
"""The report's advice on the page, which its own work left out, and the study's own; see ``docs/front-end.md``."""

ALL = ORIGINAL + FURTHER + FRONT_END


def check_registry(optimizations: tuple[Optimization, ...]) -> dict[str, Optimization]:
    """Return *optimizations* by name.

    Raises:
        DeclarationError: two of them share a name, a migration or a claim's id, one names another that is not there,
            or one precedes another after which it must be applied.
    """
    for what, values in {
        "name": [o.name for o in optimizations],
        "migration": [o.schema for o in optimizations if o.schema],
        "claim": [c.id for o in optimizations for c in o.claims],
    }.items():
        for value, count in Counter(values).items():
            if count > 1:
                owners = " and ".join(o.title for o in optimizations if value in _check_declared(o))
                raise DeclarationError(f"the {what} {value!r} is declared twice, by {owners}")
    names = [o.name for o in optimizations]
    for place, one in enumerate(optimizations):
        for missing in sorted((one.conflicts | one.requires | one.after) - set(names)):
            raise DeclarationError(f"{one.name!r} names {missing!r}, which is not declared")
        for later in sorted((one.requires | one.after) & set(names[place:])):
            raise DeclarationError(f"{one.name!r} is folded in after {later!r}: move it behind that in the registry")
    return {o.name: o for o in optimizations}


def _check_declared(optimization: Optimization) -> set[str | None]:
    return {optimization.name, optimization.schema, *(c.id for c in optimization.claims)}


BY_NAME = check_registry(ALL)

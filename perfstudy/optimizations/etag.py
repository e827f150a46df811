"""Conditional requests: an answer that the client holds already is not sent again."""

from dataclasses import replace

from perfstudy.optimization import Optimization
from perfstudy.optimizations.cache import key
from perfstudy.seams import Keeping, Kept, Query


def tagged(keeping: Keeping | None) -> Keeping:
    """Name each answer after the mark of its tenant's data: equal marks mean equal answers, without looking.

    The tag is weak (RFC 9110, section 8.8.1), because ``from_cache`` differs between answers that mean the same.
    """
    assert keeping is not None

    def tag(query: Query, kept: Kept) -> str | None:
        return None if kept.mark is None else f'W/"{kept.mark}.{key(query)[-16:]}"'

    return replace(keeping, tag=tag)


ETAG = Optimization(
    name="etag",
    title="Conditional requests",
    summary="an ETag from the mark of the tenant's data; If-None-Match is answered 304 without PostgreSQL",
    keep=tagged,
    requires=frozenset({"cache", "invalidate"}),
    manual_rollback="send no ETag",
)

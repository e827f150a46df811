"""The answers likely to be requested first, computed as soon as a sync is done."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from perfstudy.listing.contract import Query, View, Write, Writing
from perfstudy.listing.optimization import Optimization
from perfstudy.model.claim import Claim

logger = logging.getLogger("perfstudy.cache")


def first_queries(tenant: str) -> tuple[Query, ...]:
    """Return a client's first queries for *tenant*: the first page and all programs."""
    return Query(tenant=tenant), Query(tenant=tenant, status="ALL", everything=True)


def warm_after_sync(writing: Writing, view: View) -> Writing:
    """Fill the cache after a sync, before it is acknowledged."""

    @contextmanager
    def followed(write: Write) -> Iterator[None]:
        with writing(write):
            yield
        if write.kind == "sync":
            for query in first_queries(write.tenant):
                try:
                    view(query)
                except Exception:  # the sync is done all the same; the first reader computes what is missing
                    logger.warning("the cache could not be warmed", exc_info=True)

    return followed


WARM = Optimization(
    name="warm",
    title="Warming after a sync",
    summary="a sync ends by computing the tenant's first page and whole list into the cache",
    write=warm_after_sync,
    requires=frozenset({"cache", "invalidate"}),
    manual_rollback="leave the cache empty after a sync",
    claims=(
        Claim(
            id="warm-hit",
            quote="a hit costs the same whether a reader or a sync filled the cache",
            source="a claim of the study's own: readers do not pass through it",
            variant="index+related+values+connections+gunicorn+cache+invalidate+warm",
            reference="index+related+values+connections+gunicorn+cache+invalidate",
            low=1,
            high=1.1,  # as fast: a direction alone would be refuted by no difference
            temperature="warm",
            reference_temperature="warm",
            note="its gain is the first request after a sync, a miss that becomes a hit",
        ),
    ),
)

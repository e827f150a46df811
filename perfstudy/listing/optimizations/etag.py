"""Conditional requests: an answer that the client holds already is not sent again."""

from dataclasses import replace

from perfstudy.listing.contract import CachedAnswer, CachePolicy, Query
from perfstudy.listing.optimization import Optimization
from perfstudy.listing.optimizations.cache import key
from perfstudy.model.claim import Claim


def add_etag(keeping: CachePolicy | None) -> CachePolicy:
    """Name each answer after the mark of its tenant's data: equal marks mean equal answers, without looking.

    The tag is weak (RFC 9110, section 8.8.1), because ``from_cache`` differs between answers that mean the same.
    """
    assert keeping is not None

    def tag(query: Query, kept: CachedAnswer) -> str | None:
        return None if kept.mark is None else f'W/"{kept.mark}.{key(query)[-16:]}"'

    return replace(keeping, tag=tag)


ETAG = Optimization(
    name="etag",
    title="Conditional requests",
    summary="an ETag from the mark of the tenant's data; If-None-Match is answered 304 without PostgreSQL",
    keep=add_etag,
    requires=frozenset({"cache", "invalidate"}),
    manual_rollback="send no ETag",
    claims=(
        Claim(
            id="etag-page",
            quote="a page that the client holds already is confirmed sooner than it is sent again",
            source="a claim of the study's own: some hundred bytes in place of a page",
            variant="index+related+values+connections+gunicorn+cache+invalidate+etag",
            reference="index+related+values+connections+gunicorn+cache+invalidate",
            low=1,
            temperature="warm",
            reference_temperature="warm",
            note="asked with the tag of the answer that the client holds",
            scenarios=("page-known",),
        ),
        Claim(
            id="etag-list",
            quote="confirming a whole list that the client holds takes at most a tenth of the time of sending it again",
            source="a claim of the study's own: some hundred bytes in place of a megabyte",
            variant="index+related+values+connections+gunicorn+cache+invalidate+etag",
            reference="index+related+values+connections+gunicorn+cache+invalidate",
            low=10,
            temperature="warm",
            reference_temperature="warm",
            note="asked with the tag of the answer that the client holds",
            scenarios=("all-known",),
        ),
    ),
)

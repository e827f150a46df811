"""Conditional requests: an answer that the client has is not sent again."""

from perfstudy.listing.contract import CachedAnswer, CacheLayer, Query
from perfstudy.listing.optimization import Optimization
from perfstudy.listing.optimizations.cache import key
from perfstudy.model.claim import Claim


class EntityTags(CacheLayer):
    """Tag each answer with the version of its tenant's data.

    Equal versions mean equal answers. The tag is weak (RFC 9110, section 8.8.1), because ``from_cache`` differs
    between answers that are otherwise equal.
    """

    tagged = True

    def tag(self, query: Query, cached: CachedAnswer) -> str | None:
        return None if cached.version is None else f'W/"{cached.version}.{key(query)[-16:]}"'


ETAG = Optimization(
    name="etag",
    title="Conditional requests",
    summary="an ETag from the version of the tenant's data; If-None-Match is answered 304 without PostgreSQL",
    cache=EntityTags,
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

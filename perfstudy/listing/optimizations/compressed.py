"""Compressed bytes in the cache: fewer to store, to carry, to check and to send."""

import gzip

from perfstudy.listing.contract import Answer, CacheLayer
from perfstudy.listing.optimization import Optimization
from perfstudy.listing.selection import total_of
from perfstudy.model.claim import Claim

LEVEL = 1
"""zlib's fastest: the levels above gain a few per cent for several times the work."""
MAGIC = b"\x1f\x8b"


class CompressedEntries(CacheLayer):
    """Compress an entry once, when it is cached.

    For a client that does not accept gzip, it is decompressed at each hit.
    """

    varies = True

    def dump(self, answer: Answer) -> bytes:
        return b"%d\n" % _total(answer) + gzip.compress(self.inner.dump(answer), LEVEL, mtime=0)

    def load(self, payload: bytes) -> Answer | None:
        """Return the answer of *payload*, None if it was cached in another form."""
        head, _, body = payload.partition(b"\n")
        if not (head.isdigit() and body.startswith(MAGIC)):
            return None
        return Answer(body=body, coding="gzip", total=int(head))


def _total(answer: Answer) -> int:
    """Return the number of programs, cached beside the compressed bytes."""
    found: int | None = answer.document.get("total_count") if answer.body is None else total_of(answer.body)
    assert found is not None
    return found


COMPRESSED = Optimization(
    name="compressed",
    title="Compressed bytes in the cache",
    summary="the cache holds the body as gzip, sent as it is to clients that accept it, and decompressed for others",
    cache=CompressedEntries,
    requires=frozenset({"cache", "invalidate", "bytes"}),
    manual_rollback="cache the body itself",
    claims=(
        Claim(
            id="compressed-hit",
            quote="compressed bytes reach a client that accepts them sooner than plain ones",
            source="a claim of the study's own: fewer bytes from Redis and to the client",
            variant="index+related+values+connections+gunicorn+cache+invalidate+bytes+compressed",
            reference="index+related+values+connections+gunicorn+cache+invalidate+bytes",
            low=1,
            temperature="warm",
            reference_temperature="warm",
            note="asked by a client that accepts gzip; the time to unpack it is not counted",
            scenarios=("page-gzip", "all-gzip"),
        ),
    ),
)

"""Compressed bytes in the cache: fewer to keep, to carry, to check and to send."""

import gzip
from dataclasses import replace

from perfstudy.listing.contract import Answer, CachePolicy, total
from perfstudy.listing.optimization import Optimization
from perfstudy.model.claim import Claim

LEVEL = 1
"""zlib's fastest: the levels above gain a few per cent for several times the work."""
MAGIC = b"\x1f\x8b"


def compress_entries(keeping: CachePolicy | None) -> CachePolicy:
    """Compress what is kept once, when it is kept; whoever does not accept gzip has it decompressed at each hit."""
    assert keeping is not None
    dump = keeping.dump

    def compressed(answer: Answer) -> bytes:
        return b"%d\n" % _total(answer) + gzip.compress(dump(answer), LEVEL, mtime=0)

    return replace(keeping, dump=compressed, load=load_entry, varies=True)


def load_entry(payload: bytes) -> Answer | None:
    """Return the answer of *payload*, None where it was kept in another form."""
    head, _, body = payload.partition(b"\n")
    return Answer(body=body, coding="gzip", total=int(head)) if head.isdigit() and body.startswith(MAGIC) else None


def _total(answer: Answer) -> int:
    """Return how many programs there are, which is kept beside the bytes that do not show it."""
    found: int | None = answer.document.get("total_count") if answer.body is None else total(answer.body)
    assert found is not None
    return found


COMPRESSED = Optimization(
    name="compressed",
    title="Compressed bytes in the cache",
    summary="the cache holds the body as gzip, sent as it is to clients that accept it, and decompressed for others",
    keep=compress_entries,
    requires=frozenset({"cache", "invalidate", "bytes"}),
    manual_rollback="keep the body itself",
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

"""The gate's requests to the listing, and what makes two of its answers the same."""

import json
import re
from hashlib import sha256
from itertools import product
from random import Random

from perfstudy.listing.contract import ANY_STATUS, PROGRAM_TYPES, STATUSES
from perfstudy.listing.dataset import Facts
from perfstudy.listing.requests import listing

FROM_CACHE = re.compile(rb'"from_cache":(?:true|false)')


def draw_requests(facts: Facts, seed: int) -> list[str]:
    """Return requests over all paths, statuses, types and pages, errors included."""
    random = Random(f"gate:{seed}")
    businesses = random.sample(facts.businesses, k=min(3, len(facts.businesses)))
    paged = [
        listing(program_status=status, offset=offset, limit=limit)
        for status, (offset, limit) in product((*STATUSES, ANY_STATUS), ((0, 20), (7, 3), (400, 100), (5000, 20)))
    ]
    by_business = [listing(program_status=s, business_id=b) for s, b in product(("CURRENT", "ALL"), businesses)]
    by_type = [listing(program_status="ALL", program_type=t, limit=50) for t in PROGRAM_TYPES]
    both = [listing(program_status="ALL", program_type="CPC", business_id=b) for b in businesses]
    edges = [
        listing(business_id="no such business"),
        listing(limit=0),
        listing(program_status="LOST"),
        listing(all="true"),
        listing(all="true", program_status=ANY_STATUS),
    ]
    return [*paged, *by_business, *by_type, *both, *edges]


def identify_exactly(status: int, body: bytes) -> str:
    """Return an answer's status and a digest of its bytes without ``from_cache``."""
    return f"{status} {sha256(FROM_CACHE.sub(b'', body)).hexdigest()[:16]}"


def identify_content(status: int, body: bytes) -> str:
    """Return an answer's status and a digest of its document without ``from_cache``.

    Answers that differ only in whitespace, escapes or the order of members are identified as equal.
    """
    try:
        document = json.loads(body)
    except ValueError:
        return identify_exactly(status, body)
    if isinstance(document, dict):
        document.pop("from_cache", None)
    return f"{status} {sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()[:16]}"

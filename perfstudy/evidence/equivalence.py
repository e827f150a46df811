"""The gate before any timing: every variant answers the same requests with the same bytes."""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256
from itertools import product
from random import Random

from perfstudy.drivers.http import Client, Exchange, listing
from perfstudy.listing.contract import ANY_STATUS, PROGRAM_TYPES, STATUSES
from perfstudy.listing.dataset import Facts

FROM_CACHE = re.compile(rb'"from_cache":(?:true|false)')


@dataclass(frozen=True, slots=True)
class Difference:
    """A request that two variants answer differently."""

    target: str
    expected: str
    found: str

    def __str__(self) -> str:
        return f"{self.target} was answered {self.found}, and the reference answers {self.expected}"


def gate_requests(facts: Facts, seed: int) -> list[str]:
    """Return requests over all paths, statuses, types, pages and the errors between them."""
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


def exact_identity(status: int, body: bytes) -> str:
    """Return the identity of an answer: its status and a digest of its bytes, ``from_cache`` aside."""
    return f"{status} {sha256(FROM_CACHE.sub(b'', body)).hexdigest()[:16]}"


def content_identity(status: int, body: bytes) -> str:
    """Return the identity of what an answer says: its status and a digest of its document, ``from_cache`` aside.

    Two answers with other blanks, escapes or another order of members say the same.
    """
    try:
        document = json.loads(body)
    except ValueError:
        return exact_identity(status, body)
    if isinstance(document, dict):
        document.pop("from_cache", None)
    return f"{status} {sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()[:16]}"


def collect_fingerprints(
    client: Client, targets: Iterable[str], *, twice: bool = False, identity: Callable[[int, bytes], str] | None = None
) -> dict[str, str]:
    """Ask for each target, *twice* where the second answer may come from a cache, and return the answers' identities.

    An answer that differs from its own repetition gets the identity of neither. *identity* is ``fingerprint`` by
    default, ``content`` where bytes may differ.
    """
    return {
        target: agree([client.get(target) for _ in range(2 if twice else 1)], identity or exact_identity)
        for target in targets
    }


def agree(answers: Iterable[Exchange], identity: Callable[[int, bytes], str]) -> str:
    """Return the identity of all *answers* to one request, or what says that they have none in common."""
    identities = {identity(answer.status, answer.body) for answer in answers}
    return identities.pop() if len(identities) == 1 else f"differs between cold and warm: {identities}"


def find_differences(expected: dict[str, str], found: dict[str, str]) -> list[Difference]:
    """Return the requests whose answers differ; both mappings are from a target to an answer's identity."""
    return [
        Difference(target, identity, found.get(target, "not at all"))
        for target, identity in expected.items()
        if found.get(target) != identity
    ]

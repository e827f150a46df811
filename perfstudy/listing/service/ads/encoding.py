"""Content codings: which ones a client accepts (RFC 9110, section 12.5.3)."""

import gzip
import re

PART = re.compile(
    r"\s*(?P<coding>[!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*(?:;\s*[qQ]\s*=\s*(?P<weight>[01](?:\.[0-9]{0,3})?)\s*)?"
)


def accepts_coding(header: str, coding: str) -> bool:
    """Whether *header*, an ``Accept-Encoding``, asks for *coding*; a part that cannot be read asks for nothing.

    A client that sends no such header would have to take any coding, but the oldest ones take none.
    """
    weights = {}
    for part in header.split(","):
        if found := PART.fullmatch(part):
            weights[found["coding"].lower()] = float(found["weight"] or 1)
    return weights.get(coding, weights.get("*", 0.0)) > 0


def decode(body: bytes) -> bytes:
    """Return what *body* is the gzip of."""
    return gzip.decompress(body)

"""Cursors: a place in a tenant's order of programs, under a signature, so that nobody can make one up.

A cursor names the program before the place, by what the order goes by. Whatever is inserted or deleted meanwhile, what
follows it is the same: no program is shown twice or left out, unless it moves itself.
"""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from datetime import date
from urllib.parse import urlencode

from django.conf import settings
from django.utils.encoding import force_bytes

from perfstudy.seams import Position

SEAL = 16
"""Bytes of the signature, HMAC-SHA256 cut short: 128 bits."""
LONGEST = 1024
"""Characters of a cursor at most."""


def issue(tenant: str, place: Position) -> str:
    """Return the cursor of *place* for *tenant*, in characters that need no escape in an address."""
    payload = json.dumps(place, separators=(",", ":")).encode()
    return urlsafe_b64encode(_seal(tenant, payload) + payload).decode().rstrip("=")


def place(cursor: str, tenant: str) -> Position:
    """Return the place of *cursor*.

    Raises:
        ValueError: it was not issued to *tenant*.
    """
    if len(cursor) > LONGEST or not cursor.isascii():
        raise ValueError(cursor)
    sealed = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    seal, payload = sealed[:SEAL], sealed[SEAL:]
    # Whatever is not the one way to write these bytes was not issued either.
    if (
        not hmac.compare_digest(seal, _seal(tenant, payload))
        or urlsafe_b64encode(sealed).decode().rstrip("=") != cursor
    ):
        raise ValueError(cursor)
    start, program = json.loads(payload)
    return start and date.fromisoformat(start).isoformat(), program


def link(path: str, given: Mapping[str, str], tenant: str, end: Position) -> str:
    """Return the ``Link`` (RFC 8288) to the page after the one that ends at *end*, asked for with what was *given*."""
    kept = {name: value for name, value in given.items() if name not in ("offset", "after")}
    return f'<{path}?{urlencode(kept | {"after": issue(tenant, end)})}>; rel="next"'


def _seal(tenant: str, payload: bytes) -> bytes:
    message = b"perfstudy.cursor\0" + json.dumps(tenant).encode() + b"\0" + payload
    return hmac.digest(force_bytes(settings.SECRET_KEY), message, "sha256")[:SEAL]

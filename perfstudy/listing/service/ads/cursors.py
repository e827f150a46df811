"""Cursors: signed positions in a tenant's order of programs.

A cursor has the sort key of the program before its position. Whatever is inserted or deleted meanwhile, what follows
is the same: no program is shown twice or left out, unless it changes its own position. The signature prevents
forgery.
"""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from datetime import date
from urllib.parse import urlencode

from django.conf import settings
from django.utils.encoding import force_bytes

from perfstudy.listing.contract import Position

SIGNATURE_BYTES = 16
"""Bytes of the signature, HMAC-SHA256 truncated to 128 bits."""
LONGEST = 1024
"""Characters of a cursor at most."""


def issue_cursor(tenant: str, position: Position) -> str:
    """Return the cursor of *position* for *tenant*, which needs no escapes in a URL."""
    payload = json.dumps(position, separators=(",", ":")).encode()
    return urlsafe_b64encode(_sign(tenant, payload) + payload).decode().rstrip("=")


def read_cursor(cursor: str, tenant: str) -> Position:
    """Return the position of *cursor*.

    Raises:
        ValueError: it was not issued to *tenant*.
    """
    if len(cursor) > LONGEST or not cursor.isascii():
        raise ValueError(cursor)
    signed = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    signature, payload = signed[:SIGNATURE_BYTES], signed[SIGNATURE_BYTES:]
    # Any other encoding of these bytes was not issued.
    if (
        not hmac.compare_digest(signature, _sign(tenant, payload))
        or urlsafe_b64encode(signed).decode().rstrip("=") != cursor
    ):
        raise ValueError(cursor)
    start, program = json.loads(payload)
    return start and date.fromisoformat(start).isoformat(), program


def link(path: str, given: Mapping[str, str], tenant: str, end: Position) -> str:
    """Return the ``Link`` (RFC 8288) to the page after *end*.

    It repeats the parameters *given* in the request.
    """
    same = {name: value for name, value in given.items() if name not in ("offset", "after")}
    return f'<{path}?{urlencode(same | {"after": issue_cursor(tenant, end)})}>; rel="next"'


def _sign(tenant: str, payload: bytes) -> bytes:
    message = b"perfstudy.cursor\0" + json.dumps(tenant).encode() + b"\0" + payload
    return hmac.digest(force_bytes(settings.SECRET_KEY), message, "sha256")[:SIGNATURE_BYTES]

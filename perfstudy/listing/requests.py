"""Requests of the listing, as paths and queries."""

from urllib.parse import urlencode

LISTING = "/api/programs"


def listing(**parameters: object) -> str:
    """Return the target of a listing request with these query parameters."""
    return f"{LISTING}?{urlencode(parameters)}"

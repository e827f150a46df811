"""A competitor that is wrong on purpose: it answers every request with nothing."""

from collections.abc import Callable, Iterable
from typing import Any


def application(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    """Answer with an empty document."""
    start("200 OK", [("Content-Type", "application/json"), ("Content-Length", "2")])
    return [b"{}"]

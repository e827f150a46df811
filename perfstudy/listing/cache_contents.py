"""The contents of a cache in readable form: keys, lifetimes and shapes of values."""

import io
import json
import pickle
from collections.abc import Mapping
from itertools import groupby
from math import ceil
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from redis import Redis

DIGEST = 8
"""Characters of a key's digest that are shown."""
HEAD = ("version", "refresh time", "signature")
"""What precedes the payload of a versioned entry; see ``perfstudy.listing.versioned_cache``."""
STEP = 10
"""Seconds to which a lifetime is rounded up, so that it stays the same for a moment."""


class PlainUnpickler(pickle.Unpickler):
    """An unpickler that accepts plain data only.

    A writer to Redis must not be able to run code in the reader's process.
    """

    def find_class(self, module: str, name: str) -> Any:
        """Refuse every class."""
        raise pickle.UnpicklingError(f"{module}.{name} is no plain data")


def list_entries(redis: "Redis", prefix: str) -> list[dict[str, object]]:
    """Return a row for each key below *prefix*: key, lives, bytes, holds.

    Refresh times are left out.
    """
    found = sorted(cast("list[bytes]", list(redis.scan_iter(match=f"{prefix}:*", count=1000))))
    return [_describe_entry(redis, key, prefix) for key in found]


def _describe_entry(redis: "Redis", key: bytes, prefix: str) -> dict[str, object]:
    payload = cast("bytes | None", redis.get(key)) or b""
    return {
        "key": _shorten(key.decode().removeprefix(f"{prefix}:")),
        "lives at most": f"{read_lifetime(redis, key)} s",
        "bytes": len(payload),
        "holds": describe_shape(payload),
    }


def read_lifetime(redis: "Redis", key: bytes | str) -> int:
    """Return the seconds until *key* expires, rounded up to tens."""
    left = redis.pttl(key) / 1e3
    return ceil(left / STEP) * STEP


def _shorten(key: str) -> str:
    head, _, digest = key.rpartition(":")
    return f"{head}:{digest[:DIGEST]}…" if len(digest) > DIGEST else key


def describe_shape(payload: bytes) -> str:
    """Return the shape of a cached value in words: its encoding, then its members."""
    if payload.startswith(b"\x80"):
        return f"pickle of {_members(PlainUnpickler(io.BytesIO(payload)).load())}"
    head, newline, rest = payload.partition(b"\n")
    text = rest if newline else payload
    if text.startswith(b"{"):
        before = [f"{word}, " for word, _ in zip(HEAD, head.split(), strict=False)] if newline else []
        return f"{''.join(before)}JSON of {_members(json.loads(text))}"
    return "a version" if payload else "nothing"


def _members(document: Any) -> str:
    if not isinstance(document, Mapping):
        return type(document).__name__
    return ", ".join(f"{name}{_several(value)}" for name, value in document.items())


def _several(value: Any) -> str:
    if not isinstance(value, list):
        return ""
    sizes = [f"{sum(1 for _ in alike)}" for _, alike in groupby(value, key=type)]
    return f" ({' + '.join(sizes) or '0'})"

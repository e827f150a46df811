"""Plain values: what JSON can hold, the same on every database and in every file."""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any


def plain(value: Any) -> Any:
    """Return *value* in types that JSON has.

    Numbers of numpy become Python's, a number that is not finite becomes ``None`` (JSON has no word for it),
    dataclasses become dictionaries, sets become sorted lists, times become ISO text in UTC.

    Raises:
        TypeError: a value of a type that has no plain form.
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(plain(inner) for inner in value)
    return _scalar(value)


def _scalar(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return plain(float(value))
    if isinstance(value, Path):
        return str(value)
    if hasattr(value, "tolist"):  # numpy's arrays and numbers, without importing numpy
        return plain(value.tolist())
    if isinstance(value, Iterable) and not isinstance(value, bytes):
        return [plain(inner) for inner in value]
    raise TypeError(f"a result cannot hold {value!r}, a {type(value).__name__}")


def compact(value: Any) -> str:
    """Return *value* as JSON text in one canonical form: sorted keys, no spaces."""
    return json.dumps(plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest(value: Any) -> str:
    """Return the SHA-256 of the canonical form; equal values have equal digests."""
    return sha256(compact(value).encode("utf-8", "surrogatepass")).hexdigest()

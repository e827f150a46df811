"""Find what differs between two mappings, as identities and declarations are."""

from collections.abc import Mapping
from typing import Any


def find_differences(one: Mapping[str, Any], other: Mapping[str, Any], prefix: str = "") -> list[str]:
    """Return the differences of two mappings, one a line.

    For example ``packages.django: '5.2.1' and '5.2.2'``.
    """
    lines = []
    for key in sorted({*one, *other}):
        left, right = one.get(key), other.get(key)
        if isinstance(left, Mapping) and isinstance(right, Mapping):
            lines += find_differences(left, right, f"{prefix}{key}.")
        elif left != right:
            lines.append(f"{prefix}{key}: {left!r} and {right!r}")
    return lines

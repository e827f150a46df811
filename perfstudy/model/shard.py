"""Declare a shard: the blocks of a run that one machine measures."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from perfstudy.errors import UsageError

SHARD = "shard"
"""The note of a run that measures a shard alone."""


@dataclass(frozen=True, slots=True)
class Shard:
    """Shard *number* of so many, counted from 1; by default the whole run.

    Block b, counted from 0, is in shard b mod *of* + 1.
    """

    number: int = 1
    of: int = 1

    def holds(self, block: int) -> bool:
        """Return whether it measures *block*."""
        return block % self.of == self.number - 1

    def count_until(self, block: int) -> int:
        """Return how many of its blocks there are up to *block*, which is one of them."""
        return block // self.of + 1

    def note(self) -> dict[str, Any]:
        """Return what is noted of a run that measures this shard; nothing for the whole."""
        return {} if self == WHOLE else {SHARD: {"number": self.number, "of": self.of}}

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"


WHOLE = Shard()


def read_shard(notes: Mapping[str, Any]) -> Shard:
    """Return the shard that a run measures, as its *notes* say."""
    found = notes.get(SHARD)
    return Shard(int(found["number"]), int(found["of"])) if found else WHOLE


def parse_shard(text: str, blocks: int) -> Shard:
    """Return the shard of *blocks* that *text* names, as in ``3/10``.

    Raises:
        UsageError: it is none, or there are more shards than blocks.
    """
    found = re.fullmatch(r"([0-9]{1,5})/([0-9]{1,5})", text)
    if not found or not 1 <= int(found[1]) <= int(found[2]):
        raise UsageError(f"--shard is {text!r}: give its number and how many there are, as in 1/3, 2/3 and 3/3")
    shard = Shard(int(found[1]), int(found[2]))
    if shard.of > blocks:
        raise UsageError(f"--shard is {text!r}, and there are {blocks} blocks: give at most {blocks} shards")
    return shard

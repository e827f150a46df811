"""Random draws that are the same with every numpy and on every machine.

They do not depend on the order of chunks either. numpy guarantees the stream of a bit generator (NEP 19), but not
what ``Generator`` makes of it. So the words of PCG64 are used directly, and everything derived from them is integer
arithmetic or a single multiplication of doubles, which IEEE 754 rounds alike everywhere.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

GRAIN = 1 << 12
"""The steps of a lookup table: a weight is rounded to a part in so many."""

Integers = NDArray[np.int64]


class Draws:
    """A stream of random words, named by integers; equal names give equal streams."""

    def __init__(self, *name: int) -> None:
        self._bits = np.random.PCG64(np.random.SeedSequence(name))

    def words(self, n: int) -> NDArray[np.uint64]:
        """Return *n* words of 64 random bits."""
        words: NDArray[np.uint64] = self._bits.random_raw(n)
        return words

    def shorts(self, columns: int, n: int) -> NDArray[np.uint16]:
        """Return an array (columns, n) of 16 random bits each."""
        words = self.words((columns * n + 3) // 4).astype("<u8", copy=False)
        return words.view("<u2")[: columns * n].reshape(columns, n)

    def uniform(self, n: int) -> NDArray[np.float64]:
        """Return *n* doubles, uniform in [0, 1)."""
        return (self.words(n) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def scale_to(shorts: NDArray[np.uint16], of: Integers | int) -> Integers:
    """Return for each of 16 random bits a number in [0, of), with *of* at most 65536."""
    return (shorts.astype(np.int64) * of) >> 16


def draw_per_mille(shorts: NDArray[np.uint16], per_mille: int) -> NDArray[np.bool_]:
    """Return True with a chance of *per_mille* in a thousand."""
    return shorts < np.uint16(min(65535, per_mille * 65536 // 1000))


def make_table(weights: Sequence[int]) -> NDArray[np.int16]:
    """Return an array (GRAIN,) of indices, each in proportion to its weight."""
    bounds = np.cumsum(np.asarray(weights, dtype=np.int64)) * GRAIN // sum(weights)
    return np.repeat(np.arange(len(weights), dtype=np.int16), np.diff(bounds, prepend=0))


def pick(shorts: NDArray[np.uint16], of: NDArray[np.int16], *rows: Integers | NDArray[np.int16]) -> NDArray[np.int16]:
    """Return indices drawn from the lookup table *of*, or from the row for each draw."""
    index = shorts >> 4
    picked: NDArray[np.int16] = of[(*rows, index)]
    return picked


def mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return *values* scrambled one to one by the finaliser of SplitMix64.

    Source: Steele, Lea, Flood 2014.
    """
    z = values + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))

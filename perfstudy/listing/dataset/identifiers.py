"""Identifiers as the advertising platform makes them: 22 unordered characters."""

import numpy as np
from numpy.typing import NDArray

from perfstudy.listing.dataset.draws import mix

ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
PAIRS = np.array([bytes((a, b)) for a in ALPHABET for b in ALPHABET], dtype="S2").view("<u2")
"""Two characters for each number below 4096."""

# Where the numbers of each kind of thing begin, so that no two things share one.
PROGRAMS, REFERENCE_PROGRAMS, BUSINESSES, REFERENCE_BUSINESSES = (kind << 60 for kind in range(4))

WIDTH = 22


def make_identifiers(numbers: NDArray[np.uint64]) -> NDArray[np.bytes_]:
    """Return an identifier for each number: (n,) byte strings of 22 characters.

    The first eleven characters hold 64 bits that are a one-to-one image of the number, so distinct numbers have
    distinct identifiers.
    """
    first = mix(numbers)
    second = mix(first ^ np.uint64(0x5851F42D4C957F2D))
    out = np.empty((len(numbers), WIDTH // 2), dtype="<u2")
    low = np.uint64(0xFFF)
    for column in range(5):
        shift = np.uint64(12 * column)
        out[:, column] = PAIRS[(first >> shift) & low]
        out[:, column + 6] = PAIRS[(second >> shift) & low]
    out[:, 5] = PAIRS[((first >> np.uint64(60)) << np.uint64(8)) | (second >> np.uint64(56))]
    return out.view(f"S{WIDTH}").ravel()

"""Compare the rows with the stored checksums, or ``--write`` new ones.

Usage: ``python -m perfstudy.listing.dataset [SCALE…]``.
"""

import argparse
import sys

from perfstudy.listing.dataset.checksums import read_stored, write
from perfstudy.listing.dataset.generate import CHUNK, Rows
from perfstudy.listing.dataset.scales import SCALES, find_scale

STEP = 100
"""Chunks from one line of progress to the next."""


def main() -> int:
    """Print the checksum of each scale named, by default of all that are published.

    Return 1 if one differs and nothing is written.
    """
    parser = argparse.ArgumentParser(prog="python -m perfstudy.listing.dataset", description=__doc__)
    parser.add_argument("scales", nargs="*", metavar="SCALE", help="of " + ", ".join(SCALES))
    parser.add_argument("--write", action="store_true", help="store the checksums in data/seeds")
    chosen = parser.parse_args()
    made, differs = {name: read_stored(name) or "" for name in SCALES}, False
    for name in chosen.scales or [scale.name for scale in SCALES.values() if not scale.further]:
        made[name] = compute(name)
        stored = read_stored(name)
        differs |= made[name] != stored
        said = "is not stored yet" if stored is None else "differs from what is stored"
        print(f"{name:8} {made[name]} {'as stored' if made[name] == stored else said}", flush=True)
    if chosen.write:
        write(made)
    return int(differs and not chosen.write)


def compute(name: str) -> str:
    """Return the checksum of the rows of the scale *name*, showing progress on stderr."""
    rows = Rows(find_scale(name))

    def report(chunk: int) -> None:
        if chunk % STEP == 0 or (chunk == rows.chunks and chunk > STEP):
            print(f"{name:8} {min(chunk * CHUNK, rows.scale.rows):,} of {rows.scale.rows:,} rows", file=sys.stderr)

    return rows.checksum(report)


if __name__ == "__main__":
    raise SystemExit(main())

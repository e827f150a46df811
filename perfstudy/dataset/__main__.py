"""``python -m perfstudy.dataset [SCALE…]``: compare the rows with the stored checksums, or ``--write`` these anew."""

import argparse

from perfstudy.dataset.checksums import stored, write
from perfstudy.dataset.generate import Rows
from perfstudy.dataset.scales import SCALES, scale_named


def main() -> int:
    """Print the checksum of each scale, or of those named; return 1 where one differs and nothing is written."""
    parser = argparse.ArgumentParser(prog="python -m perfstudy.dataset", description=__doc__)
    parser.add_argument("scales", nargs="*", metavar="SCALE", help="by default all: " + ", ".join(SCALES))
    parser.add_argument("--write", action="store_true", help="store the checksums in data/seeds/checksums.toml")
    chosen = parser.parse_args()
    made, differs = {name: stored(name) or "" for name in SCALES}, False
    for name in chosen.scales or SCALES:
        made[name] = Rows(scale_named(name)).checksum()
        same = made[name] == stored(name)
        differs |= not same
        print(f"{name:8} {made[name]} {'as stored' if same else 'differs from what is stored'}", flush=True)
    if chosen.write:
        write(made)
    return int(differs and not chosen.write)


if __name__ == "__main__":
    raise SystemExit(main())

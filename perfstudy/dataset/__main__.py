"""``python -m perfstudy.dataset``: compare the rows of every scale with the stored checksums, or ``--write`` them."""

import argparse

from perfstudy.dataset.checksum import stored, write
from perfstudy.dataset.generate import Rows
from perfstudy.dataset.scales import SCALES


def main() -> int:
    """Print each scale's checksum; return 1 where one differs from what is stored and nothing is written."""
    parser = argparse.ArgumentParser(prog="python -m perfstudy.dataset", description=__doc__)
    parser.add_argument("--write", action="store_true", help="store the checksums in data/seeds/checksums.toml")
    writes = parser.parse_args().write
    made, differs = {}, False
    for name, scale in SCALES.items():
        made[name] = Rows(scale).checksum()
        same = made[name] == stored(name)
        differs |= not same
        print(f"{name:8} {made[name]} {'as stored' if same else 'differs from what is stored'}", flush=True)
    if writes:
        write(made)
    return int(differs and not writes)


if __name__ == "__main__":
    raise SystemExit(main())

"""The slowest hits of one client: the 99.9th percentile over the median, by variants.

``python benchmarks/tails.py --scale medium`` serves each variant; they take turns, a burst of hits each, of an ordinary
socket on one connection.
"""

import argparse
from contextlib import ExitStack

import numpy as np

from benchmarks import stalls
from benchmarks.common import make_parser, open_databases
from perfstudy.commands import outcome
from perfstudy.formatting import duration
from perfstudy.listing.variant import parse

VARIANTS = ("best", "fastest")
CLIENT = "socket"


def main() -> None:
    """Print a line for each variant."""
    options = read_options()
    variants = {name: parse(name) for name in options.variant or VARIANTS}
    with open_databases(options.scale, variants) as (lab, databases), ExitStack() as stack:
        asks = {}
        for name, variant in variants.items():
            service = stack.enter_context(lab.serve(variant, databases[name], key_prefix=f"tails:{name}"))
            place = service.url, service.token(databases[name].facts.tenant)
            asks[name, CLIENT] = stack.enter_context(stalls.open_socket(*place))
        show(stalls.measure(asks, options.requests))


def read_options() -> argparse.Namespace:
    """Return which variants are requested, and how often."""
    parser = make_parser(__doc__, scale="tiny")
    parser.add_argument("--variant", action="append", default=[], help="serve this one; may be repeated")
    parser.add_argument("--requests", type=int, default=20_000, help="of each variant (default: 20000)")
    options = parser.parse_args()
    if options.requests < 1000:
        parser.error("--requests takes a whole number from 1000 on: fewer have no 99.9th percentile")
    return options


def show(times: dict[tuple[str, str], list[float]]) -> None:
    """Print the table."""
    print(f"{'median':>9} {'p99.9':>9} {'ratio':>6}  variant")
    for (name, _), found in times.items():
        middle, slow = np.quantile(found, (0.5, 0.999))
        print(f"{duration(middle):>9} {duration(slow):>9} {slow / middle:6.1f}  {name}")


if __name__ == "__main__":
    outcome.run_app(main)

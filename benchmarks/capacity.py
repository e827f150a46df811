"""Capacity at p99 under 50 ms: the fastest variant and the report's final state.

Run with ``python benchmarks/capacity.py``: in each round a search finds, for both, the highest rate of requests for
the first page, and then for the whole list, with filled caches, at which the 99th percentile stays within the limit.
The ratios have intervals over the rounds. Generator and service share the processors: the lag says how late the
generator itself was. A step at which it was too late does not count, so that a capacity may be the generator's.
"""

import argparse
from dataclasses import dataclass

from benchmarks import common
from perfstudy.commands import outcome
from perfstudy.drivers.load import Limit, Load, Step, find_capacity
from perfstudy.drivers.load.closed_loop import run_closed_loop
from perfstudy.formatting import duration
from perfstudy.listing.lab import Database, Lab
from perfstudy.listing.requests import listing
from perfstudy.listing.variant import FASTEST, SOURCE_FINAL, Variant

VARIANTS = {variant.short: variant for variant in (SOURCE_FINAL, FASTEST)}
"""The report's final state, and what is compared with it."""
LIMIT = Limit(99.0, 0.050)
REQUESTS = {"page": (listing(limit=20), 400.0), "all": (listing(all="true", program_status="ALL"), 20.0)}
"""What is requested, and the rate of the first step.

A later search begins at the rate that the one before found.
"""
LEAST = 4.0


@dataclass(frozen=True)
class Capacity:
    """The result of one search: a rate, the generator's lag there, the reason to stop.

    The lag is in seconds.
    """

    rate: float
    lag: float
    ended: str


def main() -> None:
    """Print a line for each search, and the ratio."""
    options = common.make_parser(__doc__, rounds=5, seconds=1.5, scale="small", seed=1).parse_args()
    with common.open_databases(options.scale, VARIANTS) as (lab, databases):
        for what in REQUESTS:
            show(what, compare(lab, databases, what, options))


def compare(
    lab: Lab, databases: dict[str, Database], what: str, options: argparse.Namespace
) -> dict[str, list[Capacity]]:
    """Return the results of each variant, round by round.

    A line is printed for each search.
    """
    print(f"{what}\n{'round':>5} {'variant':8} {'rate':>8} {'lag p99':>8}  what broke the next step")
    found: dict[str, list[Capacity]] = {name: [] for name in VARIANTS}
    path, least = REQUESTS[what]
    for number in range(options.rounds):
        for name in common.shuffle(VARIANTS, options.seed, number):
            first = found[name][-1].rate if found[name] else least
            mine = search(lab, databases[name], VARIANTS[name], path, first, options.seconds)
            found[name].append(mine)
            print(f"{number + 1:5} {name:8} {mine.rate:8.0f} {duration(mine.lag):>8}  {mine.ended}", flush=True)
    return found


def show(what: str, found: dict[str, list[Capacity]]) -> None:
    """Print the ratio."""
    theirs, mine = ([one.rate for one in found[name]] for name in VARIANTS)
    said = ", ".join(f"{name} {common.geometric_mean([one.rate for one in found[name]]):.0f}/s" for name in VARIANTS)
    print(f"{what}: {said}, ratio {common.compute_ratio(mine, theirs)}, target at least {LEAST:g}")


def search(lab: Lab, database: Database, variant: Variant, path: str, first: float, seconds: float) -> Capacity:
    """Serve *variant*, and return the highest rate that met the limit."""
    steps: list[Step] = []
    with lab.serve(variant, database, key_prefix=f"capacity-{variant.name}") as service:
        target = common.make_target(service, database.facts.tenant, path)
        run_closed_loop(target, 2, 0.3)
        rate = find_capacity(Load(target=target, rate=first, duration=seconds), LIMIT, steps.append)
    lags = [step.tally.lag.quantile(99) for step in steps if step.rate == rate]
    broken = min((step for step in steps if not step.met), key=lambda step: step.rate, default=None)
    return Capacity(rate or 1.0, lags[0] if lags else 0.0, explain(broken) if broken else "nothing did")


def explain(step: Step) -> str:
    """Return why *step* does not count."""
    if step.tally.saturated:
        return step.tally.saturated
    if step.tally.failed:
        return f"{step.tally.failed} requests failed"
    return f"p99 was {duration(step.tally.latency.quantile(99))}"


if __name__ == "__main__":
    outcome.run_app(main)

"""Capacity at p99 under 50 ms: what is recommended in the end, against the report's final state.

Run with ``python benchmarks/capacity.py``: in each round a search finds, for both, the highest rate of requests for
the first page, and then for the whole list, with filled caches, at which the 99th percentile stays within the limit.
The ratios have intervals over the rounds. Generator and service share the processors: the lag says how late the
generator itself was, and a step at which that was too much counts as not kept, so that a capacity may be the
generator's.
"""

import argparse
from dataclasses import dataclass

from benchmarks import bearing, rounds
from perfstudy.commands import outcome
from perfstudy.drivers.load import Limit, Load, Step, capacity
from perfstudy.drivers.load.closed_loop import run_closed_loop
from perfstudy.listing.lab import Database, Lab
from perfstudy.listing.requests import listing
from perfstudy.listing.variant import BEST, SOURCE_FINAL, Variant

VARIANTS = {"all": SOURCE_FINAL, "best": BEST}
LIMIT = Limit(99.0, 0.050)
ASKED = {"page": (listing(limit=20), 400.0), "all": (listing(all="true", program_status="ALL"), 20.0)}
"""What is asked, and the rate of the first step; a later search begins at what the one before found."""
LEAST = 3.0


@dataclass(frozen=True)
class Capacity:
    """What one search found: a rate, the generator's lag there in seconds, and what ended the search."""

    rate: float
    lag: float
    ended: str


def main() -> None:
    """Print a line for each search, and the ratio."""
    chosen = rounds.options(__doc__, rounds=5, seconds=1.5)
    with Lab.start() as lab, lab.database(chosen.scale) as one, lab.database(chosen.scale) as other:
        databases = dict(zip(VARIANTS, (one, other), strict=True))
        for name, variant in VARIANTS.items():
            databases[name].reconcile(variant)
        for what in ASKED:
            show(what, compared(lab, databases, what, chosen))


def compared(
    lab: Lab, databases: dict[str, Database], what: str, chosen: argparse.Namespace
) -> dict[str, list[Capacity]]:
    """Return what was found of each variant, round by round, and print a line for each search."""
    print(f"{what}\n{'round':>5} {'variant':8} {'rate':>8} {'lag p99 ms':>11}  what broke the next step")
    found: dict[str, list[Capacity]] = {name: [] for name in VARIANTS}
    path, least = ASKED[what]
    for number in range(chosen.rounds):
        for name in rounds.shuffled(VARIANTS, chosen.seed, number):
            first = found[name][-1].rate if found[name] else least
            mine = searched(lab, databases[name], VARIANTS[name], path, first, chosen.seconds)
            found[name].append(mine)
            print(f"{number + 1:5} {name:8} {mine.rate:8.0f} {mine.lag * 1e3:11.1f}  {mine.ended}", flush=True)
    return found


def show(what: str, found: dict[str, list[Capacity]]) -> None:
    """Print the ratio."""
    mine, theirs = ([one.rate for one in found[name]] for name in ("best", "all"))
    ratio = rounds.ratio(mine, theirs)
    print(
        f"{what}: best {rounds.middle(mine):.0f}/s, all {rounds.middle(theirs):.0f}/s, ratio {ratio}, "
        f"aim at least {LEAST:g}"
    )


def searched(lab: Lab, database: Database, variant: Variant, path: str, first: float, seconds: float) -> Capacity:
    """Serve *variant*, and return the highest rate that kept the limit."""
    steps: list[Step] = []
    with lab.serve(variant, database, key_prefix=f"capacity-{variant.name}") as service:
        asked = bearing.asked(service, database.facts.tenant, path)
        run_closed_loop(asked, 2, 0.3)
        rate = capacity(Load(target=asked, rate=first, duration=seconds), LIMIT, steps.append)
    kept = [step.tally.lag.quantile(99) for step in steps if step.rate == rate]
    broken = min((step for step in steps if not step.kept), key=lambda step: step.rate, default=None)
    return Capacity(rate or 1.0, kept[0] if kept else 0.0, why(broken) if broken else "nothing did")


def why(step: Step) -> str:
    """Return what kept *step* from counting."""
    if step.tally.saturated:
        return step.tally.saturated
    if step.tally.failed:
        return f"{step.tally.failed} requests failed"
    return f"p99 was {step.tally.latency.quantile(99) * 1e3:.0f} ms"


if __name__ == "__main__":
    outcome.run_app(main)

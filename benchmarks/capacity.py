"""Capacity at p99 under 50 ms: what is recommended in the end, against the report's final state.

Run with ``python benchmarks/capacity.py``: in each round a search finds, for both, the highest rate of requests for
the first page, with filled caches, at which the 99th percentile stays within the limit. The ratio has an interval over
the rounds. Generator and service share the processors: the lag says how late the generator itself was, and a step at
which that was too much counts as not kept, so that a capacity may be the generator's.
"""

from dataclasses import dataclass

from benchmarks import bearing, rounds
from perfstudy.lab import Database, Lab
from perfstudy.load import Limit, Load, Step, capacity
from perfstudy.load.wire import target
from perfstudy.variant import BEST, FULL, Variant

VARIANTS = {"all": FULL, "best": BEST}
LIMIT = Limit(99.0, 0.050)
FIRST = 400.0
"""The rate of the first step; a later search begins at what the one before found."""
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
    found: dict[str, list[Capacity]] = {name: [] for name in VARIANTS}
    print(f"{'round':>5} {'variant':8} {'rate':>8} {'lag p99 ms':>11}  what broke the next step")
    with Lab.start() as lab, lab.database(chosen.scale) as one, lab.database(chosen.scale) as other:
        databases = dict(zip(VARIANTS, (one, other), strict=True))
        for name, variant in VARIANTS.items():
            databases[name].reconcile(variant)
        for number in range(chosen.rounds):
            for name in rounds.shuffled(VARIANTS, chosen.seed, number):
                first = found[name][-1].rate if found[name] else FIRST
                mine = searched(lab, databases[name], VARIANTS[name], first, chosen.seconds)
                found[name].append(mine)
                print(f"{number + 1:5} {name:8} {mine.rate:8.0f} {mine.lag * 1e3:11.1f}  {mine.ended}", flush=True)
    best, full = ([one.rate for one in found[name]] for name in ("best", "all"))
    ratio = rounds.ratio(best, full)
    print(f"best {rounds.middle(best):.0f}/s, all {rounds.middle(full):.0f}/s, ratio {ratio}, aim at least {LEAST:g}")


def searched(lab: Lab, database: Database, variant: Variant, first: float, seconds: float) -> Capacity:
    """Serve *variant*, and return the highest rate that kept the limit."""
    steps: list[Step] = []
    with lab.serve(variant, database, key_prefix=f"capacity-{variant.name}") as service:
        asked = target(service.url, "/api/programs?limit=20", service.token(database.facts.tenant))
        bearing.borne(service, database, 2, 0.3)
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
    main()

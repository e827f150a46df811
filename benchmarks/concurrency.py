"""Response time by clients: the baseline, the report's final state, and what is recommended in the end.

Run with ``python benchmarks/concurrency.py``: 1 to 64 clients, each of which asks for the first page as soon as it has
the last one, with filled caches. Variants and numbers of clients take turns over several rounds; ratios are to the
report's final state with as many clients, with an interval over the rounds. Clients and service share the processors.
"""

from collections import defaultdict
from time import monotonic

from benchmarks import bearing, rounds
from perfstudy.commands import outcome
from perfstudy.drivers.load.closed_loop import ClosedLoopResult
from perfstudy.lab import RunningService
from perfstudy.listing.lab import Database, Lab
from perfstudy.listing.variant import BASELINE, BEST, SOURCE_FINAL, Variant

VARIANTS = {"baseline": BASELINE, "all": SOURCE_FINAL, "best": BEST}
CLIENTS = (1, 2, 4, 8, 16, 32, 64)
WARMING = 0.3
"""Seconds that are not counted, in which workers open their connections and the cache is filled."""

Found = dict[tuple[str, int], list[ClosedLoopResult]]


def main() -> None:
    """Print a line for each variant and number of clients."""
    chosen = rounds.options(__doc__, rounds=5, seconds=1.0)
    found: Found = defaultdict(list)
    with (
        Lab.start() as lab,
        # A copy for each, since an index must not be built in every round.
        lab.database(chosen.scale) as one,
        lab.database(chosen.scale) as two,
        lab.database(chosen.scale) as three,
    ):
        databases = dict(zip(VARIANTS, (one, two, three), strict=True))
        for name, variant in VARIANTS.items():
            databases[name].reconcile(variant)
        for number in range(chosen.rounds):
            for name in rounds.shuffled(VARIANTS, chosen.seed, number):
                order = rounds.shuffled(CLIENTS, chosen.seed, number)
                for clients, borne in measured(lab, databases[name], VARIANTS[name], order, chosen.seconds):
                    found[name, clients].append(borne)
            print(f"round {number + 1} of {chosen.rounds} is done", flush=True)
    show(found)


def measured(
    lab: Lab, database: Database, variant: Variant, order: list[int], seconds: float
) -> list[tuple[int, ClosedLoopResult]]:
    """Serve *variant* once, and return what each number of clients got."""
    with lab.serve(variant, database, key_prefix=f"concurrency-{variant.name}") as service:
        bearing.borne(service, database, 2, WARMING)
        return [(clients, whole(service, database, clients, seconds)) for clients in order]


def whole(service: RunningService, database: Database, clients: int, seconds: float) -> ClosedLoopResult:
    """Return what *clients* got until the last of them had its answer, which a slow service gives after the end."""
    start = monotonic()
    found = bearing.borne(service, database, clients, seconds)
    found.seconds = monotonic() - start
    return found


def show(found: Found) -> None:
    """Print the figures of all rounds: geometric means, and the ratios to the report's final state."""
    print(f"{'variant':9} {bearing.COLUMNS} {'answers/s, ratio [95%]':>26} {'p50, ratio [95%]':>26}")
    for name in VARIANTS:
        for clients in CLIENTS:
            mine, theirs = found[name, clients], found["all", clients]
            line = f"{name:9} {clients:7} {rounds.middle(throughputs(mine)):10.1f}"
            line += "".join(f" {rounds.middle(times(mine, percent)) * 1e3:8.2f}" for percent in (50, 99))
            line += f" {sum(one.failed for one in mine):7}"
            if name != "all":
                line += f" {rounds.ratio(throughputs(mine), throughputs(theirs))!s:>26}"
                line += f" {rounds.ratio(times(mine, 50), times(theirs, 50))!s:>26}"
            print(line)


def throughputs(found: list[ClosedLoopResult]) -> list[float]:
    """Return the answers a second of each round, at least one in the whole of it."""
    return [max(one.answered, 1) / one.seconds for one in found]


def times(found: list[ClosedLoopResult], percent: float) -> list[float]:
    """Return a percentile of each round, in seconds; where nobody was answered in time, the round's length."""
    return [one.times.quantile(percent) or one.seconds for one in found]


if __name__ == "__main__":
    outcome.run_app(main)

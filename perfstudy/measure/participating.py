"""Take part in a run that other processes measure at the same time, in one store."""

from collections.abc import Callable

from perfstudy.evidence import environment
from perfstudy.lab import Lab
from perfstudy.measure import resuming
from perfstudy.measure.bench import Document, open_bench
from perfstudy.model.service import Progress, ignore_progress
from perfstudy.model.study import Study
from perfstudy.results import Store, document
from perfstudy.results.joining import add_part, check_shared, list_free_blocks
from perfstudy.results.merging import Part

COSTS = -1
"""What is claimed before the costs are measured, beside the numbers of the blocks."""


def take_part(
    store: Store,
    run: str,
    study: Study,
    lab: Lab,
    progress: Progress = ignore_progress,
    is_over: Callable[[], bool] = lambda: False,
) -> int:
    """Measure free blocks of *run* until none is left or *is_over*; count them.

    Whoever ends with nothing missing closes the run.

    Raises:
        PerfstudyError: the reference cannot be served, or a server or the store is gone; the block becomes free.
        UsageError: the run cannot be shared, or this lab answers otherwise than the first.
    """
    check_shared(store, run)
    found = store.run(run)
    resuming.check_tenant(found, given=False)
    done = 0
    if is_over():
        return 0
    with store.participate(run) as claims, open_bench(lab, study, found.seed, progress) as bench:
        add(store, run, bench.prepare())

        def list_free() -> list[int]:
            free = [] if is_over() else list_free_blocks(store, run)
            progress("measuring", found.blocks - len(free), found.blocks)
            return free

        for block in claims.take_each(list_free):
            done += add(store, run, bench.measure(block))
        has_costs = False

        def lacks_costs() -> bool:
            return study.costs is not None and not has_costs and not len(store.costs(run))

        for _ in claims.take_each(lambda: [COSTS] if lacks_costs() and not is_over() else []):
            add(store, run, bench.measure_costs())
            has_costs = True  # though there may be none, as in a narrowed study
        whole = not lacks_costs() and not store.missing(run)
    if whole:
        store.finish(run, environment.read_telemetry())
    return done


def add(store: Store, run: str, made: Document) -> bool:
    """Add what a bench *made* to *run*, and return whether its blocks were new.

    Raises:
        UsageError: it is of another run, or was answered otherwise.
    """
    return add_part(store, run, Part("what this lab measured", document.read(made)))

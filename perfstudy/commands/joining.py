"""``--share`` and ``--join``: measure one run on several machines, in one store."""

from time import monotonic
from typing import TYPE_CHECKING

from perfstudy.commands import concluding, failing, guarding, output
from perfstudy.errors import UsageError

if TYPE_CHECKING:
    from perfstudy.model.study import Study
    from perfstudy.results import Store


def check_options(share: bool, join: str | None, **others: object) -> None:
    """Refuse ``--share`` and ``--join`` together, or with what is for one machine.

    Raises:
        UsageError: two options contradict each other; the message names them.
    """
    mine = [f"--{name}" for name, given in (("share", share), ("join", join)) if given]
    theirs = [f"--{name}" for name, given in others.items() if given]
    if len(mine) + (len(theirs) if mine else 0) > 1:
        both = [*mine, *theirs]
        raise UsageError(f"{both[0]} and {both[1]} are given, which exclude each other: leave out one of them")


def join(
    store: "Store",
    run: str | None,
    seed: int,
    study: "Study | None" = None,
    *,
    trust_commands: bool = False,
    within: float | None,
    ending: failing.Ending,
) -> None:
    """Take part in *run*, or in a new one of *study*, and judge it once it is whole."""
    from perfstudy.measure import resuming
    from perfstudy.results.joining import check_shared

    if run is not None:
        found = store.run(run)
        run = found.id
        check_shared(store, run)
        resuming.check_commands(found, trusted=trust_commands, is_own=False)
        study = resuming.restore_study(found)
    assert study is not None
    identifier = take_part(store, run, study, seed, within)
    if say_missing(store, identifier):
        concluding.conclude(store, identifier, ending)


def take_part(store: "Store", run: str | None, study: "Study", seed: int, within: float | None) -> str:
    """Measure free blocks of *run*, or of a new one, for at most *within* seconds."""
    from perfstudy.lab.opening import open_lab
    from perfstudy.measure import participating
    from perfstudy.measure.runner import Runner

    deadline = None if within is None else monotonic() + within
    with output.progress() as progress, open_lab(study, progress) as lab:
        identifier = run or Runner(lab, store).start(study, seed)
        output.say(f"others take part by `perfstudy run --join {identifier}` with the same PERFSTUDY_STORE", error=True)

        def is_over() -> bool:
            return deadline is not None and monotonic() > deadline

        guarding.guard(
            lambda: participating.take_part(store, identifier, study, lab, progress, is_over),
            lambda: f"perfstudy run --join {identifier}",
            lab.is_lost,
        )
    return identifier


def say_missing(store: "Store", run: str) -> bool:
    """Say what *run* still lacks, and return whether it is whole."""
    blocks = sorted({cell.block for cell in store.missing(run)})
    if blocks:
        from perfstudy.results.joining import list_free_blocks

        how = f"`perfstudy run --join {run}` goes on"
        if not list_free_blocks(store, run):
            how = f"one process began them alone, and `perfstudy run --resume {run}` ends them"
        output.say(f"missing: blocks {', '.join(map(str, blocks))}; {how}")
    return not blocks

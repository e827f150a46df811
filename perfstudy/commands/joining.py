"""``--share`` and ``--join``: measure one run on several machines, in one store."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from perfstudy.commands import concluding, failing, guarding, output
from perfstudy.commands.stopping import Deadline
from perfstudy.errors import PerfstudyError

if TYPE_CHECKING:
    from perfstudy.model.study import Study
    from perfstudy.results import Store


def join(
    store: "Store",
    run: str | None,
    seed: int,
    study: "Study | None" = None,
    *,
    trust_commands: bool = False,
    deadline: Deadline,
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
    identifier = take_part(store, run, study, seed, deadline)
    if say_missing(store, identifier, name_join(store, identifier), ending):
        concluding.conclude(store, identifier, ending)


def take_part(store: "Store", run: str | None, study: "Study", seed: int, deadline: Deadline) -> str:
    """Measure free blocks of *run*, or of a new one, until *deadline*."""
    from perfstudy.lab.opening import open_lab
    from perfstudy.measure import participating
    from perfstudy.measure.runner import Runner

    deadline.begin()
    with output.progress() as progress, open_lab(study, progress) as lab:
        identifier = run or Runner(lab, store).start(study, seed)
        command = name_join(store, identifier)
        output.say(f"others take part by `{command}` with the same PERFSTUDY_STORE", error=True)
        guarding.guard(
            lambda: participating.take_part(store, identifier, study, lab, progress, deadline.is_over),
            lambda: command,
            lab.is_lost,
        )
    return identifier


def say_missing(store: "Store", run: str, command: str, ending: failing.Ending) -> bool:
    """Say what *run* lacks and which *command* goes on; return whether it is whole.

    Raises:
        PerfstudyError: it is not, and *ending* asks for verdicts.
    """
    from perfstudy.results.joining import list_free_blocks

    blocks = name_missing(store, run)
    if blocks:
        how = f"`{command}` goes on"
        if not list_free_blocks(store, run):
            how = f"one process began them alone, and `perfstudy run --resume {run}` ends them"
        output.say(f"missing: {blocks}; {how}")
        if ending != failing.Ending():
            raise PerfstudyError(f"run {run} is not whole, so it has no verdict for --fail-on, --strict or --summary")
    elif not store.run(run).finished:
        output.say(f"missing: what the changes cost; `{command}` goes on")
    return not blocks


def name_join(store: "Store", run: str) -> str:
    """Return the command that takes part in *run*."""
    return f"perfstudy run --join {run}{name_trust(store, run)}"


def name_missing(store: "Store", run: str) -> str:
    """Return the blocks that *run* lacks, in words; empty where it is whole."""
    blocks = sorted({cell.block for cell in store.missing(run)})
    return f"block{'s' * (len(blocks) != 1)} {name_blocks(blocks)}" if blocks else ""


def name_blocks(blocks: Iterable[int]) -> str:
    """Return the numbers of *blocks* as progress counts them: from 1."""
    return ", ".join(str(block + 1) for block in blocks)


def name_trust(store: "Store", run: str) -> str:
    """Return the option without which a study file's commands are not run elsewhere."""
    return " --trust-commands" if store.run(run).declaration.get("file") else ""

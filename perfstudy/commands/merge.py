"""``perfstudy merge``: join parts of a run that several machines measured."""

import os
from typing import TYPE_CHECKING, Annotated

import typer

from perfstudy.commands import choices, concluding, failing, joining, output
from perfstudy.errors import UsageError

if TYPE_CHECKING:
    from perfstudy.results import Store
    from perfstudy.results.merging import Part

EXAMPLES = """
\b
Examples:
  perfstudy merge part-1.parquet part-2.parquet part-3.parquet
  perfstudy merge parts/*.parquet --summary summary.md --fail-on slower
  perfstudy merge other/results.sqlite#latest part-2.parquet
  perfstudy merge latest part-3.parquet          a part that came later
"""
MARK = "#"
"""Between the address of a store and a run in it."""


def register(app: typer.Typer) -> None:
    """Add the command to *app*."""
    app.command(epilog=EXAMPLES)(merge)


def merge(
    parts: Annotated[
        list[str],
        typer.Argument(
            metavar="PART...",
            help="Exports of the parts; or runs of the store, or of another one as in URL#RUN.",
            autocompletion=choices.complete_parts,
        ),
    ],
    fail_on: failing.FailOn = None,
    strict: failing.Strict = False,
    summary: choices.SummaryFile = None,
    store: choices.StoreUrl = None,
) -> None:
    """Join the parts of a run, as `run --shard` measured them, and judge the whole.

    Parts of another study, seed, version or code are refused. Machines that are alike count as one.
    """
    from perfstudy.results import Store, document
    from perfstudy.results.merging import merge_parts

    ending = failing.read_ending(fail_on, strict, summary)
    with Store.open(store) as opened:
        run = document.restore(opened, merge_parts([_read_part(opened, part) for part in parts]))
        _say_machines(opened, run)
        _say_missing(opened, run)
        concluding.conclude(opened, run, ending)


def _read_part(store: "Store", part: str) -> "Part":
    """Return the part called *part*: a file, a run of the *store*, or of another.

    Raises:
        UsageError: it is none of them.
    """
    from perfstudy.results import Store, export
    from perfstudy.results.merging import Part

    if os.path.isfile(part):  # noqa: PTH113 - which also takes a name that is too long for a file
        return Part(part, export.read_file(part))
    url, mark, run = part.rpartition(MARK)
    if not (url and run):
        return _read_run(store, run if mark else part, part)
    with Store.open(url, read_only=True) as other:
        return _read_run(other, run, part)


def _read_run(store: "Store", run: str, name: str) -> "Part":
    from perfstudy.results import document
    from perfstudy.results.merging import Part

    try:
        return Part(name, document.read(document.dump(store, run)))
    except UsageError as error:
        raise UsageError(f"part {name!r} is no file, and no run of {store.where}: {error}") from None


def _say_machines(store: "Store", run: str) -> None:
    from perfstudy.results.machines import MERGED, read_machines

    notes = store.run(run).notes
    machines = read_machines(notes)
    parts = len(notes[MERGED])
    output.say(f"run {run}: {parts} part{'s' * (parts != 1)}")
    for number, one in enumerate(machines, 1):
        differs = one.name_differences(machines[0])
        unlike = f"; differs from machine 1 in {differs}" if differs else ""
        output.say(f"machine {number}: {one.words}; {len(one.blocks)} block{'s' * (len(one.blocks) != 1)}{unlike}")


def _say_missing(store: "Store", run: str) -> None:
    """Say which blocks no part has, and what measures them."""
    blocks = joining.name_missing(store, run)
    if blocks:
        command = f"perfstudy run --resume {run}{joining.name_trust(store, run)}"
        output.say(f"missing: {blocks}; merge the parts that have them too, or `{command}` measures them here")

"""``perfstudy run``: measure a study, then show verdicts and a report."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from perfstudy.commands import (
    choices,
    clustering,
    concluding,
    failing,
    guarding,
    joining,
    output,
    prospects,
    sharding,
    stopping,
)
from perfstudy.commands.exclusive import check_exclusive
from perfstudy.errors import UsageError
from perfstudy.model.shard import WHOLE, Shard, read_shard

if TYPE_CHECKING:
    from perfstudy.model.study import Study
    from perfstudy.results import Store

EXAMPLES = """
\b
Examples:
  perfstudy run                                  the first study that is installed
  perfstudy run --scale medium --blocks 10       the same where verdicts count
  perfstudy run --study factorial --scenario page
  perfstudy run --variant index --variant index+cache
  perfstudy run my_study.py                      a service of your own
  perfstudy run my_study.py --base origin/main --head HEAD
  perfstudy run --until decided --within 20m     stop at a planned look, or when time is up
  perfstudy run --shard 1/3                      a third of the blocks; `perfstudy merge` joins the parts
  perfstudy run --share                          let other machines take part, each by --join ID
  perfstudy run --cluster tcp://host:8786        on the labs of a Dask cluster
  perfstudy run --resume latest                  go on where a run was stopped
"""
"""With a mark that keeps the lines as they are."""


def register(app: typer.Typer) -> None:
    """Add the command to *app*."""
    app.command(epilog=EXAMPLES)(run)


def run(
    file: Annotated[
        str | None,
        typer.Argument(metavar="FILE", help="A study file; or the name of a study, as for --study."),
    ] = None,
    study: Annotated[
        str | None,
        typer.Option(
            help="A declared study, or a Python file with one. Default: the first of `perfstudy list studies`.",
            autocompletion=choices.complete_from("load_studies"),
        ),
    ] = None,
    scale: Annotated[
        list[str] | None,
        typer.Option(
            help="How many rows; more than once for several. Default: the study's own.",
            autocompletion=choices.complete_from("scale_names"),
        ),
    ] = None,
    blocks: Annotated[
        int | None, typer.Option(min=1, max=10_000, help="Repetitions of the whole; fewer than 10 are indicative.")
    ] = None,
    requests: Annotated[
        int | None, typer.Option(min=1, max=1_000_000, help="Timed requests of a cell, at most.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1, help="Draws the order of the cells and the requests.")] = 1,
    scenario: Annotated[
        list[str] | None,
        typer.Option(
            help="Which request; more than once for several. Default: the study's own.",
            autocompletion=choices.complete_from("scenario_names"),
        ),
    ] = None,
    variant: Annotated[
        list[str] | None,
        typer.Option(
            help="Measure the reference and these variants only; more than once for several.",
            autocompletion=choices.complete_from("arm_names"),
        ),
    ] = None,
    base: Annotated[str | None, typer.Option(metavar="REF", help="The git ref that the reference serves.")] = None,
    head: Annotated[str | None, typer.Option(metavar="REF", help="The git ref that the other arms serve.")] = None,
    until: Annotated[
        str | None,
        typer.Option(
            metavar="WHAT",
            help="Stop when every claim is `decided`, or when intervals reach a half width, as in 5%.",
            autocompletion=choices.complete(lambda: ("decided", "5%", "2%")),
        ),
    ] = None,
    within: Annotated[
        str | None, typer.Option(metavar="TIME", help="Stop at the end of a block once this time is up, as in 20m.")
    ] = None,
    shard: Annotated[
        str | None,
        typer.Option(metavar="I/N", help="Measure part I of N of the blocks, and export it for `perfstudy merge`."),
    ] = None,
    export: Annotated[
        Path | None,
        typer.Option(
            dir_okay=False, metavar="FILE", help="Where the export of a shard goes. Default: beside the store."
        ),
    ] = None,
    resume: Annotated[str | None, typer.Option(metavar="ID", help="Fill the gaps of this run.")] = None,
    share: Annotated[
        bool, typer.Option("--share", help="Let other machines take part, in a store in PostgreSQL.")
    ] = False,
    join: Annotated[str | None, typer.Option(metavar="ID", help="Take part in this run of the store.")] = None,
    cluster: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Measure on the labs of this Dask scheduler, as in tcp://HOST:8786."),
    ] = None,
    trust_commands: Annotated[
        bool, typer.Option("--trust-commands", help="Run the commands that an imported run names, as --resume shows.")
    ] = False,
    fail_on: failing.FailOn = None,
    strict: failing.Strict = False,
    summary: choices.SummaryFile = None,
    store: choices.StoreUrl = None,
    plan: Annotated[bool, typer.Option("--plan", help="Print the plan and stop.")] = False,
) -> None:
    """Run a study end to end: load, serve, measure, judge, show.

    It can be stopped at any time and resumed; every finished cell stays.
    """
    from perfstudy.measure import resuming
    from perfstudy.model.study import check_seed
    from perfstudy.results import Store

    check_seed(seed)
    if file is not None and study is not None:
        raise UsageError(f"two studies are named, {file!r} and --study {study!r}: name one")
    # Before anything is made.
    chosen = _choose_study(file or study, scale, blocks, requests, scenario, variant, base, head)
    chosen = stopping.plan_stop(chosen, until, blocks)
    limit = None if within is None else stopping.parse_duration(within)
    deadline = stopping.Deadline(limit)
    ending = failing.read_ending(fail_on, strict, summary)
    whole = {"--until": until, "--shard": shard}  # what looks at all blocks, or measures some alone
    alone = whole | {"--resume": resume, "--plan": plan, "--cluster": cluster}
    check_exclusive({"--share": share, "--join": join}, alone)
    if cluster is not None:
        clustering.check_address(cluster)
        check_exclusive({"--cluster": cluster}, whole)
    part = sharding.choose_shard(shard, chosen, resume, ending)
    if resume is None:
        sharding.check_export(export, part)
    with Store.open(store) as opened:
        if join is not None:
            opened.run(join)  # so that an unknown run is named before the store is refused
        if share or join is not None:
            opened.check_shareable()
        if join is not None:
            joining.join(opened, join, seed, trust_commands=trust_commands, deadline=deadline, ending=ending)
            return
        if resume is not None:
            found = opened.run(resume)
            if found.finished:
                raise UsageError(f"run {found.id!r} is finished: `perfstudy report {found.id}` shows it")
            sharding.check_export(export, read_shard(found.notes))
            resuming.check_commands(found, trusted=trust_commands)
            with opened.hold_claim(found.id):  # a second process ends here, before it starts anything
                pass
            if cluster is not None:
                clustering.run(opened, cluster, found.id, resuming.restore_study(found), found.seed, deadline, ending)
                return
            identifier = _fill(opened, found.id, trust_commands=trust_commands, deadline=deadline)
            _conclude(opened, identifier, ending, export)
            return
        prospects.print_plan(opened, chosen, limit, part)
        if plan:
            prospects.print_prospects(opened, chosen)
            return
        if share:
            joining.join(opened, None, seed, chosen, deadline=deadline, ending=ending)
            return
        unfinished = _find_unfinished(opened, chosen, seed, part)
        if cluster is not None:
            clustering.run(opened, cluster, unfinished, chosen, seed, deadline, ending)
            return
        identifier = _fill(opened, unfinished, chosen, seed, deadline=deadline, shard=part)
        _conclude(opened, identifier, ending, export)


def _choose_study(
    name: str | None,
    scale: list[str] | None,
    blocks: int | None,
    requests: int | None,
    scenario: list[str] | None,
    variant: list[str] | None,
    base: str | None = None,
    head: str | None = None,
) -> "Study":
    from perfstudy.model.catalog import find_study, first_catalog

    found = find_study(name) if name else next(iter(first_catalog().studies.values()))
    for value in scale or ():
        found.service.data.check(value)
    if scale and found.is_own:
        raise UsageError(f"--scale is {scale[0]!r}, and study {found.name!r} loads its own data: leave it out")
    return (
        found.choose_arms(variant or ())
        .compare_refs(base or "", head or "")
        .narrow(
            scales=tuple(dict.fromkeys(scale)) if scale else None,
            blocks=blocks,
            requests=requests,
            least=min(found.least, requests) if requests else None,
            scenarios=tuple(dict.fromkeys(scenario)) if scenario else None,
        )
    )


def _find_unfinished(store: "Store", study: "Study", seed: int, shard: Shard) -> str | None:
    """Return the run that the reader chooses to go on with, None for a new one."""
    import json

    declaration = json.loads(json.dumps(study.declaration()))  # as it is stored
    for found in store.unfinished():
        if found.seed == seed and found.declaration == declaration:
            if read_shard(store.run(found.id).notes) != shard:
                continue
            left = len(store.missing(found.id))
            output.say(f"run {found.id} of this study is unfinished, with {left} cells left.", error=True)
            if sys.stdin.isatty() and typer.confirm("Go on with it?", default=True, err=True):
                return found.id
            output.say(f"`perfstudy run --resume {found.id}` goes on with it.", error=True)
            return None
    return None


def _fill(
    store: "Store",
    run: str | None,
    study: "Study | None" = None,
    seed: int = 1,
    *,
    trust_commands: bool = False,
    deadline: stopping.Deadline,
    shard: Shard = WHOLE,
) -> str:
    """Measure what is missing of *run* or of a new run, and return its id."""
    from perfstudy.lab.opening import open_lab
    from perfstudy.measure.runner import Runner
    from perfstudy.model.catalog import restore

    if study is None:
        assert run is not None
        study = restore(store.run(run).declaration)
    with output.progress() as progress, open_lab(study, progress) as lab:
        runner = Runner(lab, store, progress, progress.step)
        identifier = run or runner.start(study, seed, shard)
        progress.deadline = deadline.begin()
        stop = stopping.make_stop(study, store, identifier, deadline)
        guarding.guard(
            lambda: runner.fill(identifier, study, trust_commands=trust_commands, stop=stop),
            lambda: f"perfstudy run --resume {identifier}",
            lab.is_lost,
        )
    return identifier


def _conclude(store: "Store", run: str, ending: failing.Ending, export: Path | None) -> None:
    """Show the verdicts of a whole run; export a shard for the merge."""
    if read_shard(store.run(run).notes) == WHOLE:
        concluding.conclude(store, run, ending)
    else:
        sharding.conclude(store, run, export)

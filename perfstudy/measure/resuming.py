"""Checks before a stored run is resumed: its study, commands and environment."""

import shlex
from collections.abc import Mapping
from typing import Any

from perfstudy.errors import UsageError
from perfstudy.evidence import environment
from perfstudy.model.catalog import restore
from perfstudy.model.study import Study
from perfstudy.results import Run, Store
from perfstudy.results.differences import find_differences
from perfstudy.results.imported import MARK
from perfstudy.results.machines import MACHINES, Machine, join_machines, locate_blocks
from perfstudy.results.plain import plain
from perfstudy.results.remarks import SOURCES, TENANT


def restore_study(run: Run) -> Study:
    """Return the study of a stored *run*.

    Raises:
        UsageError: what is stored is no study.
    """
    try:
        return restore(run.declaration)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UsageError(f"run {run.id} cannot go on: its study cannot be read ({error!r})") from error


def check_commands(run: Run, *, trusted: bool, is_own: bool = True) -> None:
    """Refuse to run the commands of an untrusted *run* that came from elsewhere.

    One that is not *is_own* did, and so did one that was imported.

    Raises:
        UsageError: it has some; the message shows them.
    """
    if trusted or (is_own and not run.notes.get(MARK)):
        return
    commands = _list_commands(run)
    if commands:
        whose = "was imported, and going on with it runs commands from its file" if is_own else "runs commands here"
        raise UsageError(
            f"run {run.id} {whose}: {'; '.join(map(repr, commands))}; read them, and add --trust-commands to run them"
        )


def _list_commands(run: Run) -> list[str]:
    """Return the commands that going on with *run* executes.

    A study file is one of them, and is not read to find others: to read it is to execute it.
    """
    file = run.declaration.get("file")
    if file:
        return [f"python {file}"]
    return [shlex.join(arm.argv) for arm in restore_study(run).arms if arm.is_competitor]


def check_tenant(run: Run, *, given: bool) -> None:
    """Refuse to resume *run* with another tenant, unless databases are *given*.

    Raises:
        UsageError: the run is of another tenant than the reference tenant.
    """
    tenant = run.notes.get(TENANT)
    if tenant and not given:
        raise UsageError(
            f"run {run.id} measures tenant {tenant!r}, and only the bench that began it goes on with it: "
            "start a new run"
        )


def check_sources(run: Run, here: Mapping[str, Any]) -> None:
    """Refuse to add cells to *run* from other code than it began with.

    Raises:
        UsageError: the code of an arm differs; the message names it.
    """
    then = run.notes.get(SOURCES) or {}
    for label, source in plain(here).items():
        if then and source != then.get(label):
            raise UsageError(
                f"run {run.id} cannot go on: the code of arm {label!r} is not what it was when the run began; "
                "start a new run"
            )


def join_run(store: Store, run: Run, here: Mapping[str, Any]) -> None:
    """Note that a joined *run* has its missing blocks measured *here*.

    Raises:
        UsageError: a block was begun on another machine, or this is another version of perfstudy.
    """
    identity = plain(here)
    if run.package != identity.get("perfstudy"):
        raise UsageError(
            f"run {run.id} was measured by perfstudy {run.package}, and this is {identity.get('perfstudy')}: "
            "go on with that version"
        )
    missing = {cell.block for cell in store.missing(run.id)}
    measured = {int(block) for block in run.cells["block"]}
    machines = locate_blocks(run.environment, run.notes, measured, run.telemetry["before"])
    mine = Machine(identity, frozenset(missing), (environment.read_telemetry(),))
    for one in machines:
        begun = sorted(one.blocks & missing)
        if begun and one.digest != mine.digest:
            raise UsageError(
                f"run {run.id} cannot go on here: block {begun[0] + 1} was begun on another machine ({one.words}); "
                "resume its part there, and merge again"
            )
    store.note(run.id, MACHINES, [one.note() for one in join_machines([*machines, mine])])


def check_environment(run: Run, here: Mapping[str, Any]) -> None:
    """Refuse to add cells to *run* from an environment of another identity.

    Raises:
        UsageError: they differ; the message names the first difference.
    """
    differing = find_differences(run.environment, plain(here))
    if differing:
        raise UsageError(
            f"run {run.id} cannot go on here, where not all is as it was ({differing[0]}, then and now): "
            "its cells would not be comparable; start a new run"
        )

"""``perfstudy try``: serve each arm once and compare the answers."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from perfstudy.commands import output

if TYPE_CHECKING:
    from perfstudy.model.study import Study
    from perfstudy.results import Run, Store

EXAMPLES = """
\b
Examples:
  perfstudy try perfstudy_study.py
  perfstudy try perfstudy_study.py --base origin/main --head HEAD
"""
DIFFERENT = 3
"""The exit code where an arm answers otherwise than the reference."""


def register(app: typer.Typer) -> None:
    """Add the command to *app*."""
    app.command("try", epilog=EXAMPLES)(try_study)


def try_study(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A study file, or the name of a study.")],
    base: Annotated[str | None, typer.Option(metavar="REF", help="The git ref that the reference serves.")] = None,
    head: Annotated[str | None, typer.Option(metavar="REF", help="The git ref that the other arms serve.")] = None,
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1, help="Draws the requests.")] = 1,
) -> None:
    """Build, load and serve each arm once; compare answers and count statements.

    Nothing is timed, so that the result is the same on every machine. It exits with 3 where an arm answers otherwise
    than the reference, or cannot be served.
    """
    from perfstudy.model.catalog import find_study
    from perfstudy.results import Store

    study = find_study(file).compare_refs(base or "", head or "").narrow(blocks=1)
    with tempfile.TemporaryDirectory() as folder, Store.open(str(Path(folder) / "try.sqlite")) as store:
        found = _collect(store, study, seed)
        _print_evidence(found, study)
        for name, reason in found.excluded.items():
            output.say(f"{name}: {reason}", error=True)
        if found.excluded:
            raise typer.Exit(DIFFERENT)
    output.say(f"every arm answers alike; `perfstudy run {file}` measures them", error=True)


def _collect(store: "Store", study: "Study", seed: int) -> "Run":
    from perfstudy.lab.opening import open_lab
    from perfstudy.measure.runner import Runner

    with output.progress() as progress, open_lab(study, progress) as lab:
        runner = Runner(lab, store, progress, progress.step)
        run = runner.start(study, seed)
        runner.collect(run, study)
    return store.run(run)


COLUMNS = ("scenario", "arm", "temperature", "statements", "bytes", "cache")


def _print_evidence(run: "Run", study: "Study") -> None:
    import pandas as pd

    from perfstudy.results.remarks import list_statement_doubts

    rows: list[dict[str, Any]] = [
        {
            "scenario": entry["scenario"],
            "arm": entry["variant"],
            "temperature": entry["temperature"],
            "statements": str(entry["statement_count"]) if entry["statements_known"] else "",
            "bytes": entry["bytes"],
            "cache": entry["cache"] or "",
        }
        for entry in run.evidence
    ]
    scenarios, arms = list(study.scenario_names), [arm.name for arm in study.arms]
    asked = [row for row in rows if row["scenario"] in scenarios]
    asked.sort(key=lambda row: (scenarios.index(row["scenario"]), arms.index(row["arm"])))
    output.show_table(pd.DataFrame(asked, columns=COLUMNS), "table", numeric=("statements", "bytes"))
    for doubt in list_statement_doubts(run.evidence):
        output.say(doubt, error=True)

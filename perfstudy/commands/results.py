"""``perfstudy results``, ``import`` and ``publish``."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from perfstudy import formatting
from perfstudy.commands import choices, output
from perfstudy.commands.verdicts import get_run, load_findings, make_findings, print_verdicts, print_warnings
from perfstudy.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

    from perfstudy.findings import Findings

EXPORTS = (*choices.FORMATS, "parquet")


def register(app: typer.Typer) -> None:
    """Add the commands to *app*."""
    app.command(epilog="Example: `perfstudy results latest --format parquet --output run.parquet`")(results)
    app.command("import", epilog="Example: `perfstudy import run.parquet`")(import_)
    app.command(epilog="Example: `perfstudy publish latest`")(publish)


def results(
    run: choices.RunId = "latest",
    format: Annotated[
        str, typer.Option(help=f"One of {', '.join(EXPORTS)}.", autocompletion=choices.complete(lambda: EXPORTS))
    ] = "table",
    destination: Annotated[
        Path | None,
        typer.Option("--output", "-o", dir_okay=False, help="Write the whole run to this file, to import elsewhere."),
    ] = None,
    store: choices.StoreUrl = None,
) -> None:
    """Show a run's response times as a table, or export all of it.

    With `--output`, or as parquet, the whole run is written; otherwise the table is printed in the format asked for.
    """
    from perfstudy.results import Store, export
    from perfstudy.results.opening import find_run
    from perfstudy.results.published import Published

    output.check_format(format, EXPORTS)
    if format in ("table", "markdown") and destination is not None:
        raise UsageError(f"a table cannot be written to {str(destination)!r}: choose --format json, csv or parquet")
    with Store.open(store) as opened:
        found = find_run(opened, run)
        if format == "parquet" or destination is not None:
            if isinstance(found, Published):
                raise UsageError(
                    f"{run!r} is a published set without single requests, which cannot be exported: "
                    "leave out --output, and choose --format json or csv"
                )
            rows = make_findings(found).verdicts.to_dict(orient="records") if found.finished else []
            output.say(export.export(opened, found.id, format, destination, rows), error=True)
            return
        _print_results(make_findings(found), format)


def _print_results(facts: "Findings", format: str) -> None:
    from perfstudy.model.labels import find_both_temperatures, name_reference, sort_places

    run = get_run(facts)
    found = facts.comparisons
    caching = find_both_temperatures(zip(found["label"], found["temperature"], strict=True)) if len(found) else set()
    short = format == "table"
    columns: dict[str, output.Cell] = {
        "scale": lambda r: r["scale"],
        "scenario": lambda r: r["scenario"],
        "variant": lambda r: _name(r, caching) if short else r["label"],
        "cache": lambda r: r["temperature"] if r["label"] in caching else "",
        "median": lambda r: formatting.time_cell(r["median"]),
        "p95": lambda r: formatting.time_cell(r["p95"]),
        "speed-up" if short else f"speed-up on {facts.reference}": formatting.speedup_cell,
        "is": lambda r: (
            r["comparison"] + (" (indicative)" if not short and r["indicative"] and r["comparison"] else "")
        ),
        "samples": lambda r: _samples(r, run.declaration.get("requests")),
    }
    if "stalled" in found and (found["stalled"] > 0).any():
        columns["over 35 ms"] = lambda r: formatting.share_cell(r["stalled"])
    title, groups = f"Run {run.id}", ("scale", "scenario")
    if short:
        title += f", speed-ups on {name_reference(facts.reference)}"
        del columns["cache"]
        columns = output.leave_out_uniform(found, columns, (*groups, "p95"))
        place = {name: number for number, name in enumerate(sort_places([*found["scale"], *found["scenario"]]))}
        found = found.sort_values(list(groups), key=lambda names: names.map(place), kind="stable")
    output.show_table(found, format, columns, title, optional=("samples", "p95", "median"), groups=groups)
    if short:
        if found["indicative"].any():
            output.say("indicative: from fewer than 10 blocks")
        print_warnings(run)


def _name(row: "pd.Series[Any]", caching: set[str]) -> str:
    """Return the name of the arm of *row*, with its temperature if it has two."""
    from perfstudy.model.labels import name_arm

    return name_arm(row["label"]) + (f", {row['temperature']}" if row["label"] in caching else "")


def _samples(row: "pd.Series[Any]", requests: int | None) -> str:
    """Return how many requests were timed, of how many where some are missing."""
    from perfstudy.results.remarks import of_planned

    return of_planned(row["n"], (requests or 0) * row["blocks"])


def import_(file: Annotated[Path, typer.Argument(help="An export of a run.")], store: choices.StoreUrl = None) -> None:
    """Read a run that another machine exported, as parquet or JSON."""
    from perfstudy.results import Store, export

    if not os.path.isfile(file):  # noqa: PTH113 - which also takes a name that is too long for a file
        lacks = "is a folder" if file.is_dir() else "does not exist"
        raise UsageError(f"file {str(file)!r} {lacks}: name one that `perfstudy results --output` wrote")
    with Store.open(store) as opened:
        run = export.import_file(opened, file)
        output.say(f"{opened.run(run).summary}\n`perfstudy verdicts {run}` and `perfstudy report {run}` show it.")


def publish(
    run: choices.RunId,
    destination: Annotated[
        Path | None, typer.Option("--output", "-o", file_okay=False, help="The folder of published results.")
    ] = None,
    store: choices.StoreUrl = None,
) -> None:
    """Write a reviewed run as small text files, for other readers."""
    from perfstudy import paths
    from perfstudy.results import Store
    from perfstudy.results import publish as publishing

    with Store.open(store) as opened:
        found = load_findings(opened, run)
        print_verdicts(found)
        rows = found.verdicts.to_dict(orient="records")
        output.say(publishing.publish(opened, opened.run(run).id, destination or paths.publishing(), rows))

"""``perfstudy report``: a run as one HTML file."""

import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from perfstudy.commands import choices, output
from perfstudy.commands.verdicts import get_run, load_findings

if TYPE_CHECKING:
    from perfstudy.findings import Findings


def register(app: typer.Typer) -> None:
    """Add the commands to *app*."""
    app.command(epilog="Example: `perfstudy report latest --output report.html`")(report)


def report(
    run: choices.RunId = "latest",
    destination: Annotated[
        Path | None, typer.Option("--output", "-o", dir_okay=False, help="The file to write.")
    ] = None,
    site: Annotated[
        Path | None,
        typer.Option(
            file_okay=False, help="A folder to write it to as static files: named by digest, and compressed too."
        ),
    ] = None,
    summary: choices.SummaryFile = None,
    show: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
    store: choices.StoreUrl = None,
) -> None:
    """Write the report of a run as one HTML file, and print its path.

    With `--summary` alone, the summary is written and no report.
    """
    from perfstudy.report.static_files import write
    from perfstudy.results import Store

    with Store.open(store) as opened:
        found = load_findings(opened, run)
        if summary is not None:
            write_summary(found, summary)
            if destination is None and site is None:
                return
        path = write_report(found, destination)
    written = write(path.read_bytes(), site) if site else path
    output.say(written)
    if show and not webbrowser.open(written.resolve().as_uri()):
        output.say("no browser can be opened here: open the file yourself", error=True)


def write_report(found: "Findings", destination: Path | None = None) -> Path:
    """Write the report of a run and return its path."""
    from perfstudy import paths
    from perfstudy.model import files
    from perfstudy.report import render

    path = destination or paths.home() / "reports" / f"{get_run(found).id}.html"
    files.make_folder(path.parent)
    return render(found, path)


def write_summary(found: "Findings", file: Path) -> None:
    """Write the summary of a run to *file*, or print it where that is ``-``.

    Raises:
        PerfstudyError: the file cannot be written.
    """
    from perfstudy.model import files
    from perfstudy.report import summarise

    text = summarise(found)
    if str(file) == "-":
        output.say(text.rstrip())
        return
    files.make_folder(file.parent)
    files.write(file, text.encode())
    output.say(f"summary: {file}", error=True)

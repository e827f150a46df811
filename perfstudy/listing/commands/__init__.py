"""The commands that only the study of the source report has."""

import typer

from perfstudy.listing.commands import monitor, rollback, serve, verify


def register(app: typer.Typer) -> None:
    """Add the commands to *app*; called by the command line, through its entry point."""
    for part in (serve, verify, rollback, monitor):
        part.register(app)

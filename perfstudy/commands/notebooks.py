"""``perfstudy notebooks``: run notebooks and store outputs, or render them."""

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command to *app*."""
    app.command(epilog="Example: `perfstudy notebooks notebooks/01-baseline.ipynb`")(notebooks)


def notebooks(
    files: Annotated[list[Path] | None, typer.Argument(help="The notebooks; all of them if none is named.")] = None,
    html: Annotated[
        Path | None,
        typer.Option(file_okay=False, help="Run nothing: write them, as stored, as a small site to this folder."),
    ] = None,
) -> None:
    """Run notebooks and rewrite their stored outputs."""
    from perfstudy.formatting import duration
    from perfstudy.notebook import execution

    chosen = execution.choose_notebooks(files or [])
    if html is not None:
        from perfstudy.notebook import site

        print(site.render(chosen, html))
        return
    for path in chosen:
        print(f"{path.name}: {duration(execution.rewrite_outputs(path))}")

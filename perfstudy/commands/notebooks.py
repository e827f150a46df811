"""``perfstudy notebooks``: run notebooks and store their outputs."""

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command to *app*."""
    app.command(epilog="Example: `perfstudy notebooks 01`")(notebooks)


def notebooks(
    files: Annotated[
        list[Path] | None, typer.Argument(help="The notebooks, or their numbers; all of them if none is named.")
    ] = None,
) -> None:
    """Run notebooks and rewrite their stored outputs."""
    from perfstudy.formatting import duration
    from perfstudy.notebook import execution

    for path in execution.choose_notebooks(files or []):
        print(f"{path.name}: {duration(execution.rewrite_outputs(path))}")

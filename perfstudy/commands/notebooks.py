"""``perfstudy notebooks``: run the notebooks again and store their outputs in a clean, stable form."""

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command to *app*."""
    app.command(epilog="Example: `perfstudy notebooks notebooks/01-baseline.ipynb`")(notebooks)


def notebooks(
    files: Annotated[list[Path] | None, typer.Argument(help="The notebooks; all of them if none is named.")] = None,
) -> None:
    """Run notebooks and rewrite their stored outputs."""
    from perfstudy import books

    for path in books.chosen(files or []):
        print(f"{path.name}: {books.rewrite(path):.1f} s")

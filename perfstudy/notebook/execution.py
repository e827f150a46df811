"""Run notebooks as files, and store their outputs in a stable form."""

from collections.abc import Sequence
from pathlib import Path
from time import monotonic
from typing import Any

from perfstudy.errors import PerfstudyError, UsageError
from perfstudy.notebook.prose import fill_citations
from perfstudy.paths import PROJECT

FOLDER = PROJECT / "notebooks"
SECONDS = 600


def choose_notebooks(files: Sequence[Path]) -> list[Path]:
    """Return *files*, or all notebooks of the study, which have numbers too.

    Raises:
        UsageError: one of them is no notebook, or none is named where none comes with the package.
    """
    chosen = [_find(file) for file in files] or list_notebooks()
    if not chosen:
        raise UsageError(f"{str(FOLDER)!r} has no notebook: name one; the study's own are in its repository")
    return chosen


def _find(file: Path) -> Path:
    """Return the notebook at *file*, or the study's own whose name begins so."""
    if file.is_file() and file.suffix == ".ipynb":
        return file
    found = [path for path in list_notebooks() if path.name.startswith(str(file)) and str(file)]
    if len(found) != 1:
        known = ", ".join(path.name for path in found or list_notebooks())
        raise UsageError(f"{str(file)!r} is not a notebook: name one of {known or 'your own, that ends in .ipynb'}")
    return found[0]


def list_notebooks() -> list[Path]:
    """Return the study's notebooks in order."""
    return sorted(FOLDER.glob("*.ipynb"))


def rewrite_outputs(path: Path) -> float:
    """Run the notebook at *path*, store its outputs, and return the seconds.

    Raises:
        PerfstudyError: a cell fails; the file is left as it was.
    """
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    book = nbformat.read(path, as_version=4)
    start = monotonic()
    client = NotebookClient(
        book,
        timeout=SECONDS,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
        extra_arguments=["--log-level=ERROR"],  # the kernel listens on loopback alone, and would warn of that
    )
    try:
        client.execute()
    except CellExecutionError as error:
        raise PerfstudyError(f"{path.name} does not run: {error}") from None
    nbformat.write(make_stable(book), path)
    return monotonic() - start


def make_stable(book: Any) -> Any:
    """Return *book* without what differs at every run but says nothing.

    Numbers in its prose are filled in from the published results that they name.

    Raises:
        UsageError: a number names no result.
    """
    book.metadata = {
        "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for place, cell in enumerate(book.cells):
        cell.id = f"cell-{place:02}"
        cell.metadata = {name: value for name, value in cell.metadata.items() if name == "tags"}
        if cell.cell_type == "code":
            for output in cell.outputs:
                _make_static(output)
            cell.outputs = [output for output in cell.outputs if not _is_empty(output)]
        if cell.cell_type == "markdown":
            cell.source = fill_citations(cell.source)
    return book


WIDGET = "application/vnd.jupyter.widget-view+json"


def _make_static(output: Any) -> None:
    """Leave of a chart its image, and nothing of a control, which needs a kernel.

    GitHub, and JupyterLab until the reader has run the notebook, drop drawings from HTML.
    """
    data = output.get("data", {})
    if "image/png" in data:
        data.pop("text/html", None)
    if WIDGET in data:
        data.clear()


def _is_empty(output: Any) -> bool:
    """Return whether nothing is left of *output*, as of a line of progress."""
    return output.output_type == "display_data" and not output.data

"""Progress below a notebook's cell: a line while it runs, and nothing of it afterwards."""

from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from perfstudy.notebook.execution import make_stable

BEGIN = """
from perfstudy.model.progress import Step
from perfstudy.notebook.progress import CellLine
line = CellLine()
line("starting the servers", 0, 1)
line("starting the servers", 1, 1)
line.step(Step("block 1 of 2", "index, page", 10, 0, 30))
"""
END = """
line.close()
"result"
"""


@pytest.fixture(scope="module")
def book() -> Any:
    """Return a notebook with a cell that stops amid its run, and one that ends it."""
    cells = [nbformat.v4.new_code_cell(source) for source in (BEGIN, BEGIN + END)]
    made = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(made, timeout=60, kernel_name="python3", extra_arguments=["--log-level=ERROR"]).execute()
    return made


def test_the_line_says_what_is_measured_and_how_long_the_rest_takes(book: Any) -> None:
    (output,) = book.cells[0].outputs
    assert output.data == {"text/plain": "25%, about 30 seconds left: block 1 of 2 · index, page"}


def test_nothing_of_it_is_stored(book: Any) -> None:
    (result,) = make_stable(book).cells[1].outputs
    assert result.output_type == "execute_result"
    assert result.data == {"text/plain": "'result'"}

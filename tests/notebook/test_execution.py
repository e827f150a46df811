"""Notebooks as files: found by number, and stored without what needs a kernel."""

from pathlib import Path

import nbformat.v4 as notebook
import pytest

from perfstudy.errors import UsageError
from perfstudy.notebook.execution import choose_notebooks, make_stable


def test_a_notebook_is_found_by_its_number() -> None:
    assert [path.name for path in choose_notebooks([Path("00"), Path("02-index")])] == [
        "00-the-study.ipynb",
        "02-index.ipynb",
    ]


@pytest.mark.parametrize("name", ["0", "99", ""])
def test_a_number_of_no_or_several_notebooks_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="name one of 00-the-study"):
        choose_notebooks([Path(name)])


def test_a_chart_is_stored_as_an_image_and_a_control_not_at_all() -> None:
    widget = {"application/vnd.jupyter.widget-view+json": {"model_id": "1"}, "text/plain": "VBox"}
    chart = {"image/png": "iVBO", "text/html": "<figure></figure>", "text/plain": "<Chart>"}
    outputs = [notebook.new_output("display_data", data) for data in (widget, chart, {"text/html": "<p>1</p>"})]
    book = make_stable(notebook.new_notebook(cells=[notebook.new_code_cell("1", outputs=outputs)]))
    assert [list(output.data) for output in book.cells[0].outputs] == [["image/png", "text/plain"], ["text/html"]]

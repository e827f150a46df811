"""Notebooks as files: run whole, without errors, with nothing of the machine that ran them, and short."""

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest

from perfstudy.books import FOLDER, everything

MACHINE = re.compile(r"/(home|root|Users|tmp|work)/\w|127\.0\.0\.1:\d+|\w+://\w*:\w+@")


def code(path: Path) -> list[dict[str, Any]]:
    """Return the code cells of the notebook at *path*."""
    return [cell for cell in json.loads(path.read_text())["cells"] if cell["cell_type"] == "code"]


pytestmark = pytest.mark.parametrize("path", everything(), ids=lambda path: path.stem)


def test_every_cell_was_run_in_order_and_without_error(path: Path) -> None:
    cells = code(path)
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    assert not [o for cell in cells for o in cell["outputs"] if o["output_type"] == "error"]


def test_nothing_of_the_machine_is_stored(path: Path) -> None:
    document = json.loads(path.read_text())
    for cell in document["cells"]:
        for output in cell.get("outputs", []):
            output.get("data", {}).pop("image/png", None)
    assert not MACHINE.search(json.dumps(document))
    assert document["metadata"].keys() == {"kernelspec", "language_info"}


def test_cells_are_few_and_short(path: Path) -> None:
    cells = json.loads(path.read_text())["cells"]
    assert 12 <= len(cells) <= 40
    for cell in code(path):
        lines = [line for line in "".join(cell["source"]).splitlines() if line.strip()]
        assert len(lines) <= 5, cell["source"]
        assert not lines[-1].endswith(";"), "nbval shows what a semicolon hides"


def test_cells_call_the_facade_alone(path: Path) -> None:
    tree = ast.parse("\n".join("".join(cell["source"]) for cell in code(path)))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported == {"perfstudy"}
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.For | ast.While)]


def test_a_size_can_be_given(path: Path) -> None:
    (parameters,) = [cell for cell in code(path) if "parameters" in cell["metadata"].get("tags", [])]
    names = {node.id for node in ast.walk(ast.parse("".join(parameters["source"]))) if isinstance(node, ast.Name)}
    assert {"scale", "blocks", "tenant"} <= names


def test_markdown_has_one_sentence_a_line(path: Path) -> None:
    for cell in json.loads(path.read_text())["cells"]:
        if cell["cell_type"] == "markdown":
            for line in "".join(cell["source"]).splitlines():
                assert not re.search(r"[a-z)]\. [A-Z]", line), line


def test_the_study_has_its_notebooks(path: Path) -> None:
    assert path.parent == FOLDER
    assert re.fullmatch(r"\d\d-[a-z-]+", path.stem)

"""The names that ``perfstudy`` gives a notebook: all load, type checkers know them, and notebooks use no others."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import perfstudy
from perfstudy.paths import PROJECT

NOTEBOOKS = sorted((PROJECT / "notebooks").glob("*.ipynb"))


def imported(path: Path) -> set[str]:
    """Return the names that the code cells of a notebook import from the package itself."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    trees = [
        ast.parse("\n".join(line for line in text.splitlines() if not line.lstrip().startswith(("%", "!"))))
        for text in code
    ]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    found = [node for node in nodes if isinstance(node, ast.ImportFrom) and node.module == "perfstudy"]
    return {alias.name for node in found for alias in node.names}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_imports_only_what_is_exported(path: Path) -> None:
    assert imported(path) <= set(perfstudy.__all__)


def test_notebooks_import_something() -> None:
    assert set().union(*map(imported, NOTEBOOKS)) > {"Bench", "aims", "charts"}


def test_every_exported_name_loads_in_a_fresh_process() -> None:
    """There, no other import has set a module as an attribute of the package."""
    ask = "import perfstudy; print(*[n for n in perfstudy.__all__ if getattr(perfstudy, n, None) is None])"
    found = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, timeout=180)
    assert (found.returncode, found.stdout.strip(), found.stderr) == (0, "", "")


def test_type_checkers_are_told_of_every_name() -> None:
    tree = ast.parse(Path(perfstudy.__file__).read_text(encoding="utf-8"))
    blocks = [node for node in tree.body if isinstance(node, ast.If)]
    told = {alias.name for node in ast.walk(blocks[0]) if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert told == set(perfstudy.__all__) - {"__version__"} == set(perfstudy._FACADE)

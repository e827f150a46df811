"""The names that ``perfstudy`` gives a notebook: all load, type checkers know them, and notebooks use no others."""

import ast
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import perfstudy
from perfstudy import listing
from perfstudy.paths import PROJECT

FACADES: tuple[Any, ...] = (perfstudy, listing)
NOTEBOOKS = sorted((PROJECT / "notebooks").glob("*.ipynb"))


def imported(path: Path, module: str) -> set[str]:
    """Return the names that the code cells of a notebook import from *module*."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    trees = [
        ast.parse("\n".join(line for line in text.splitlines() if not line.lstrip().startswith(("%", "!"))))
        for text in code
    ]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    found = [node for node in nodes if isinstance(node, ast.ImportFrom) and node.module == module]
    return {alias.name for node in found for alias in node.names}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_imports_only_what_is_exported(path: Path) -> None:
    for package in FACADES:
        assert imported(path, package.__name__) <= set(package.__all__)


def test_notebooks_import_something() -> None:
    assert set().union(*(imported(path, "perfstudy") for path in NOTEBOOKS)) > {"charts", "published"}
    assert set().union(*(imported(path, "perfstudy.listing") for path in NOTEBOOKS)) > {"Bench", "targets"}


@pytest.mark.parametrize("package", FACADES, ids=lambda package: package.__name__)
def test_every_exported_name_loads_in_a_fresh_process(package: ModuleType) -> None:
    """There, no other import has set a module as an attribute of the package."""
    ask = f"import {package.__name__} as p; print(*[n for n in p.__all__ if getattr(p, n, None) is None])"
    found = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, timeout=180)
    assert (found.returncode, found.stdout.strip(), found.stderr) == (0, "", "")


@pytest.mark.parametrize("package", FACADES, ids=lambda package: package.__name__)
def test_type_checkers_are_told_of_every_name(package: ModuleType) -> None:
    assert package.__file__ is not None
    tree = ast.parse(Path(package.__file__).read_text(encoding="utf-8"))
    blocks = [node for node in tree.body if isinstance(node, ast.If)]
    lines = [node for node in ast.walk(blocks[0]) if isinstance(node, ast.ImportFrom)]
    told = {alias.asname or alias.name for node in lines for alias in node.names}
    assert told == set(package.__all__) - {"__version__"} == set(package._FACADE)

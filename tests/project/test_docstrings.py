"""The first line of a docstring: one plain sentence that fits where tools list it."""

import ast

import pytest

from perfstudy.paths import PROJECT

PACKAGE = PROJECT / "perfstudy"
ROOMS = sorted(path.name for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists())
LONGEST = 80


@pytest.mark.parametrize("room", ROOMS)
def test_first_lines_are_short(room: str) -> None:
    place = PACKAGE / room
    long = [
        f"{path.name}: {text.splitlines()[0]}"
        for path in ([place] if place.suffix else sorted(place.rglob("*.py")))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        if (text := ast.get_docstring(node)) and len(text.splitlines()[0]) > LONGEST
    ]
    assert not long

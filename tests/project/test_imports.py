"""Who may import whom: the rooms of the project keep the distance that lets each be read, tested and deleted alone."""

import ast
import sys
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from perfstudy.paths import PROJECT
from tests.project.declared import pyproject, sources

DECLARATIONS = {"claims", "errors", "optimization", "optimizations", "rival", "seams", "variant"}

PROJECT_IMPORTS = {
    "closing": set[str](),
    "errors": set[str](),
    "controls": set[str](),
    "files": {"errors"},
    "variables": {"errors"},
    "paths": {"variables"},
    "seams": set[str](),
    "series": set[str](),
    "tokens": set[str](),
    "analysis": set[str](),
    "optimization": {"seams"},
    "marks": set[str](),
    "rival": set[str](),
    "optimizations": {"marks", "optimization", "seams"},
    "variant": {"errors", "optimization", "optimizations"},
    "claims": DECLARATIONS,
    "service": {"errors", "optimization", "optimizations", "seams", "tokens", "variables", "variant"},
    "dataset": {"errors", "paths"},
    "client": {"errors"},
    "lab": DECLARATIONS | {"closing", "dataset", "paths", "tokens", "variables"},
    "evidence": DECLARATIONS | {"analysis", "client", "dataset", "lab", "paths"},
    "results": DECLARATIONS | {"analysis", "closing", "controls", "files", "paths", "variables"},
    "measure": DECLARATIONS
    | {"analysis", "client", "dataset", "evidence", "files", "lab", "paths", "results", "tokens"},
    "charts": DECLARATIONS | {"analysis", "dataset", "paths", "series"},
}
"""What each room may import of the others; a room that is not named here ties the others together."""

OUTSIDE = {
    "closing": set[str](),
    "errors": set[str](),
    "controls": set[str](),
    "files": set[str](),
    "paths": set[str](),
    "variables": {"psycopg"},
    "seams": set[str](),
    "series": set[str](),
    "optimization": {"django"},
    "marks": {"redis"},
    "optimizations": {"django", "psycopg", "redis"},
    "variant": {"django"},
    "claims": set[str](),
    "tokens": {"django"},
    "analysis": {"numpy", "scipy"},
}
"""What a room may import from outside the standard library, where that is decided."""

NO_DJANGO = ("lab", "dataset", "evidence", "measure", "results", "analysis", "charts", "findings", "client", "commands")


def room(path: Path) -> str:
    """The first part of a module's name below the package: ``lab`` for perfstudy/lab/postgres.py."""
    return path.relative_to(PROJECT / "perfstudy").with_suffix("").parts[0]


@cache
def imports() -> tuple[tuple[Path, str], ...]:
    """Every import of the package, wherever in a file it stands, as the file and the imported module's full name."""
    return tuple((path, name) for path in sources() for name in imported(path))


def imported(path: Path) -> Iterator[str]:
    """The full names of what *path* imports; ``from perfstudy import charts`` gives ``perfstudy.charts``."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path} imports relatively, so its line does not say which room it means"
            assert node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def top(name: str) -> str:
    """The part of a full name before the first dot."""
    return name.split(".")[0]


def inside(name: str) -> str:
    """The room that a full name lies in; empty outside the project, and for what the package's own file holds."""
    parts = name.split(".")
    if parts[0] != "perfstudy" or len(parts) < 2:
        return ""
    base = PROJECT / "perfstudy" / parts[1]
    return parts[1] if base.is_dir() or base.with_suffix(".py").exists() else ""


@pytest.mark.parametrize("name", PROJECT_IMPORTS)
def test_a_room_imports_only_the_rooms_it_may(name: str) -> None:
    allowed = PROJECT_IMPORTS[name]
    found = {(path.name, inside(module)) for path, module in imports() if room(path) == name and inside(module)}
    assert any(room(path) == name for path in sources()), f"there is no room {name}"
    assert not {(file, other) for file, other in found if other not in allowed | {name}}


@pytest.mark.parametrize("name", OUTSIDE)
def test_a_room_imports_only_the_packages_it_may(name: str) -> None:
    found = {(path.name, top(module)) for path, module in imports() if room(path) == name}
    allowed = OUTSIDE[name] | {"perfstudy"} | sys.stdlib_module_names
    assert not {(file, package) for file, package in found if package not in allowed}


def test_nobody_imports_the_service() -> None:
    """Deleting it leaves stored results readable, and the measurer cannot measure itself."""
    assert not {str(path.relative_to(PROJECT)) for path, name in imports() if inside(name) == "service" != room(path)}


@pytest.mark.parametrize("name", NO_DJANGO)
def test_servers_are_reached_without_the_service_s_django(name: str) -> None:
    found = {
        (path.name, module) for path, module in imports() if room(path) == name and module.split(".")[0] == "django"
    }
    assert not found


def test_every_imported_package_is_a_declared_dependency() -> None:
    declared = {canonicalize_name(Requirement(line).name) for line in pyproject()["project"]["dependencies"]}
    distributions = packages_distributions()
    own = {"perfstudy"} | sys.stdlib_module_names
    undeclared = {
        f"{path.relative_to(PROJECT)}: {name}"
        for path, name in imports()
        if (package := top(name)) not in own
        and not declared & {canonicalize_name(distribution) for distribution in distributions.get(package, [package])}
    }
    assert not undeclared

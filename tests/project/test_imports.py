"""The order of the rooms: each imports those above it, so that it can be read, tested and deleted alone."""

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

ORDER = (
    "errors",
    "formatting",
    "model",
    "paths",
    "analysis",
    "results",
    "drivers",
    "lab",
    "evidence",
    "measure",
    "findings",
    "charts",
    "notebook",
    "report",
    "commands",
    "__main__",
    "listing",
)
"""Every room and loose module: each may import those above it, and nothing imports the listing but itself."""

NEVER = {
    "findings": {"drivers", "lab", "evidence", "measure"},
    "charts": {"drivers", "lab", "evidence", "measure", "results"},
    "measure": {"formatting"},
}
"""What a room may not import although it stands above: what is stored is shown without asking for anything."""

FACADE = {"charts", "findings", "model", "notebook", "results"}
"""What the package's own file names for type checkers; it loads none of them by itself."""

OUTSIDE = {
    "errors": set[str](),
    "model": {"psycopg"},
    "paths": set[str](),
    "formatting": set[str](),
    "analysis": {"numpy", "scipy"},
    "findings": {"numpy", "pandas"},
}
"""What a room may import from outside the standard library, where that is decided."""

NO_DJANGO = tuple(room for room in ORDER if room != "listing")


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


def test_every_room_has_its_place() -> None:
    assert {room(path) for path in sources()} - {"__init__"} == set(ORDER)


@pytest.mark.parametrize("name", ORDER)
def test_a_room_imports_only_the_rooms_above_it(name: str) -> None:
    allowed = {*ORDER[: ORDER.index(name) + 1]} - NEVER.get(name, set())
    found = {(str(path), inside(module)) for path, module in imports() if room(path) == name and inside(module)}
    assert not {(file, other) for file, other in found if other not in allowed}


def test_the_package_itself_names_only_its_facade() -> None:
    assert {inside(module) for path, module in imports() if room(path) == "__init__" and inside(module)} == FACADE


def test_at_most_five_files_lie_loose() -> None:
    assert len(list((PROJECT / "perfstudy").glob("*.py"))) <= 5


@pytest.mark.parametrize("name", OUTSIDE)
def test_a_room_imports_only_the_packages_it_may(name: str) -> None:
    found = {(path.name, top(module)) for path, module in imports() if room(path) == name}
    allowed = OUTSIDE[name] | {"perfstudy"} | sys.stdlib_module_names
    assert not {(file, package) for file, package in found if package not in allowed}


def test_nobody_imports_the_service() -> None:
    """Deleting it leaves stored results readable, and the measurer cannot measure itself."""
    service = PROJECT / "perfstudy" / "listing" / "service"
    asked = {path for path, name in imports() if name.startswith("perfstudy.listing.service.")}
    assert not {str(path.relative_to(PROJECT)) for path in asked if service not in path.parents}


@pytest.mark.parametrize("name", NO_DJANGO)
def test_servers_are_reached_without_the_service_s_django(name: str) -> None:
    found = {
        (path.name, module) for path, module in imports() if room(path) == name and module.split(".")[0] == "django"
    }
    assert not found


def provided(*extras: str) -> set[str]:
    """The import names that the core and *extras* install, the standard library's and the package's own."""
    project = pyproject()["project"]
    lines = [*project["dependencies"], *(line for extra in extras for line in project["optional-dependencies"][extra])]
    declared = {canonicalize_name(Requirement(line).name) for line in lines}
    named = {name for name, found in packages_distributions().items() if declared & set(map(canonicalize_name, found))}
    return named | {"perfstudy"} | sys.stdlib_module_names


def test_every_imported_package_is_a_declared_dependency() -> None:
    """One for development alone is none."""
    known = provided("lab", "parquet", "listing", "cluster", "notebooks")
    assert not {f"{path.relative_to(PROJECT)}: {name}" for path, name in imports() if top(name) not in known}


def test_what_an_extra_installs_is_imported_only_where_it_is_used() -> None:
    """Outside the listing, a module can be imported whatever is installed besides the core."""
    core = provided()
    files = [path for path in sources() if room(path) != "listing"]
    nodes = [(path, node) for path in files for node in ast.parse(path.read_text(encoding="utf-8")).body]
    names = [
        (path.name, top(name))
        for path, node in nodes
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""])
    ]
    assert not {(file, name) for file, name in names if name not in core}

"""Say what a project is: its folders, applications, lock file, and git refs."""

import json
import subprocess
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from perfstudy.commands.initial import sources
from perfstudy.commands.initial.applications import Application, find_applications, list_routes

ROOTS = (("manage.py",), ("pyproject.toml", "setup.py", "setup.cfg", "Pipfile", "requirements.txt"))
"""Files that mark a project's folder; the first row goes before the second."""
LOCKS = {
    "uv.lock": "uv sync --frozen",
    "poetry.lock": "env POETRY_VIRTUALENVS_IN_PROJECT=1 poetry install --no-interaction",
    "pdm.lock": "pdm sync",
    "Pipfile.lock": "env PIPENV_VENV_IN_PROJECT=1 pipenv sync",
    "requirements.txt": "sh -c 'python3 -m venv .venv && .venv/bin/pip install -r requirements.txt'",
}
"""Files that pin what a tree needs, and the command that installs it into the tree's ``.venv``."""
DOCUMENTS = ("openapi.json", "openapi.yaml", "openapi.yml", "swagger.json", "swagger.yaml")
BRANCHES = ("origin/main", "origin/master", "main", "master", "origin/develop", "trunk")
"""The branches that changes are compared with, the most likely first; a remote's own default goes before them."""


@dataclass(frozen=True)
class Project:
    """A project as its files show it; *root* is where its commands run."""

    root: Path
    repository: Path | None
    """The folder that git tracks; None outside git."""
    files: tuple[Path, ...] = field(repr=False)

    @cached_property
    def trees(self) -> dict[Path, Any]:
        """The syntax trees of its Python files."""
        return sources.parse_files(self.files)

    @cached_property
    def applications(self) -> tuple[Application, ...]:
        """Its WSGI and ASGI applications, the one to serve first."""
        return find_applications(self.trees, self.root)

    @cached_property
    def routes(self) -> tuple[str, ...]:
        """The paths that its first application, or else its document, says it answers."""
        found = list_routes(self.applications[0], self.trees, self.root) if self.applications else ()
        return found or _read_paths(self.openapi)

    @cached_property
    def variables(self) -> frozenset[str]:
        """What may be the name of an environment variable that it reads."""
        return sources.list_variables(self.trees)

    @property
    def openapi(self) -> Path | None:
        """Its OpenAPI document."""
        return next((path for name in DOCUMENTS for path in self.files if path.name == name), None)

    @property
    def lock(self) -> str:
        """The name of its lock file, empty where it has none."""
        return next((name for name in LOCKS if (self.root / name).is_file()), "")

    @property
    def has_manage(self) -> bool:
        """Whether it has Django's ``manage.py``."""
        return (self.root / "manage.py").is_file()

    @property
    def own_commands(self) -> tuple[str, ...]:
        """The commands that it adds to ``manage.py`` for measuring, called ``perf_…``."""
        paths = [path for path in self.files if path.parts[-3:-1] == ("management", "commands")]
        return tuple(path.stem for path in paths if path.match("perf_*.py")) if self.has_manage else ()

    @property
    def name(self) -> str:
        """The name that pyproject.toml gives it; else that of its folder."""
        try:
            declared = tomllib.loads((self.root / "pyproject.toml").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            declared = {}
        table = declared.get("project")
        name = table.get("name") if isinstance(table, dict) else None
        return name if isinstance(name, str) and name else self.root.name

    def needs(self, package: str) -> bool:
        """Return whether a file of its requirements names *package*."""
        named = (*LOCKS, "pyproject.toml", "Pipfile", "setup.cfg", "setup.py")
        return any(package in _read(self.root / name).lower() for name in named)


def find_project(start: Path) -> Project:
    """Return the project that *start* lies in.

    A folder below it may hold its ``manage.py``.
    """
    repository = next((folder for folder in (start, *start.parents) if (folder / ".git").exists()), None)
    root = _find_root(start, repository)
    files = sources.list_files(root)
    if not (root / "manage.py").is_file():
        below = next((path.parent for path in files if path.name == "manage.py"), root)
        root, files = below, files if below == root else sources.list_files(below)
    return Project(root, repository, files)


def _find_root(start: Path, repository: Path | None) -> Path:
    folders = [start, *start.parents]
    if repository is not None:
        folders = folders[: folders.index(repository) + 1]
    for names in ROOTS:
        for folder in folders:
            if any((folder / name).is_file() for name in names):
                return folder
    return start


def find_branch(repository: Path | None) -> str:
    """Return the ref that changes are compared with, empty without a commit."""
    listed = _run_git(repository, "for-each-ref", "--format=%(refname) %(symref)", "refs/heads", "refs/remotes")
    refs = dict(line.partition(" ")[::2] for line in listed.splitlines())
    default = refs.get("refs/remotes/origin/HEAD", "").removeprefix("refs/remotes/")
    known = {name.removeprefix("refs/heads/").removeprefix("refs/remotes/") for name in refs}
    return next((name for name in (default, *BRANCHES) if name and name in known), "HEAD" if refs else "")


def _run_git(folder: Path | None, *arguments: str) -> str:
    """Return what git says in *folder*, empty where it fails or is not there."""
    if folder is None:
        return ""
    try:
        done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""


def _read_paths(document: Path | None) -> tuple[str, ...]:
    """Return the paths of an OpenAPI *document* in JSON with a plain GET."""
    try:
        paths = json.loads(_read(document))["paths"] if document and document.suffix == ".json" else {}
        return tuple(_select(paths.items()))
    except (ValueError, KeyError, TypeError, AttributeError):
        return ()


def _select(paths: Iterable[tuple[str, Any]]) -> Iterable[str]:
    for path, item in paths:
        required = [one for one in item.get("get", {}).get("parameters", ()) if one.get("required")]
        if "get" in item and "{" not in path and path.startswith("/") and not required:
            yield path

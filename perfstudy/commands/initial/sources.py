"""Parse a project's Python files; its code is never imported or run."""

import ast
import os
import warnings
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

SKIPPED = frozenset(
    ("node_modules", "site-packages", "venv", "env", "tests", "test", "migrations", "build", "dist", "docs", "examples")
)
"""Folders that hold no application of the project's own; hidden ones are skipped too."""
DEEPEST = 5
"""Folders below the project's that are looked into."""
SEEN = 50_000
"""Files that are looked at, where the folder is no project but holds many."""
MOST = 2_000
"""Files that are parsed: the shallowest."""
LARGEST = 500_000
"""Bytes of the largest file that is parsed; a larger one is generated."""


def list_files(root: Path) -> tuple[Path, ...]:
    """Return the files below *root* that may be of its application, shallowest first."""
    found = (Path(folder) / name for folder, names in _walk(root) for name in names)
    return tuple(sorted(islice(found, SEEN), key=lambda path: (len(path.parts), path)))


def _walk(root: Path) -> Iterator[tuple[str, list[str]]]:
    for folder, inner, names in os.walk(root):
        depth = len(Path(folder).relative_to(root).parts)
        inner[:] = [name for name in inner if depth < DEEPEST and name not in SKIPPED and not name.startswith(".")]
        yield folder, names


def parse_files(files: tuple[Path, ...]) -> dict[Path, ast.Module]:
    """Return the syntax trees of *files*; what is no Python is left out."""
    sources = [path for path in files if path.suffix == ".py" and not _is_test(path)][:MOST]
    parsed = {path: _parse(path) for path in sources}
    return {path: tree for path, tree in parsed.items() if tree is not None}


def _is_test(path: Path) -> bool:
    return path.name.startswith("test_") or path.name == "conftest.py"


def _parse(path: Path) -> ast.Module | None:
    try:
        if not path.is_file() or path.stat().st_size > LARGEST:
            return None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the reader's code, which is not our matter
            return ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def name_module(path: Path, root: Path) -> str:
    """Return the name of *path* for an import in *root*; ``src`` is no part of it."""
    parts = path.relative_to(root).with_suffix("").parts
    parts = parts[1:] if parts[0] == "src" and len(parts) > 1 else parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


def read_text(node: ast.AST | None) -> str | None:
    """Return the string that *node* is written as; None for anything else."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def name_call(node: ast.AST | None) -> str:
    """Return the last part of the name that *node* calls, empty for no call."""
    if not isinstance(node, ast.Call):
        return ""
    return str(getattr(node.func, "attr", "") or getattr(node.func, "id", ""))


def assigned(tree: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Give the names that are assigned to anywhere in *tree*, each with its value."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            yield from ((one.id, node.value) for one in node.targets if isinstance(one, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
            yield node.target.id, node.value


def list_variables(trees: Mapping[Path, ast.Module]) -> frozenset[str]:
    """Return what may name an environment variable: strings, and annotated fields."""
    nodes = [node for tree in trees.values() for node in ast.walk(tree)]
    texts = {text for node in nodes if (text := read_text(node))}
    fields = {
        node.target.id.upper()
        for node in nodes
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }
    return frozenset(texts | fields | _implied(nodes))


def _implied(nodes: list[ast.AST]) -> set[str]:
    """Return the variables that a library reads by itself."""
    imported = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    imported |= {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)}
    by_environ = {name_call(node) for node in nodes} if "environ" in imported else set()
    found = {"DATABASE_URL"} if "dj_database_url" in imported or "db" in by_environ else set()
    return found | ({"CACHE_URL"} if "cache" in by_environ else set())

"""Make trees ready to run."""

import sys
from collections.abc import Mapping
from pathlib import Path

from perfstudy.lab.worktrees import Tree
from perfstudy.model.service import Progress


def hash_lock(folder: Path) -> str:
    """Return the hash of the lock file in *folder*."""
    return ""


def find_python(folder: Path, declared: str) -> str:
    """Return the interpreter of the tree in *folder*."""
    own = folder / ".venv" / "bin" / "python"
    return str(own) if own.exists() else declared or sys.executable


def build(
    tree: Tree | None,
    command: str | tuple[str, ...],
    python: str,
    environment: Mapping[str, str],
    progress: Progress,
) -> None:
    """Build *tree* by *command*."""

"""Real git repositories for the tests of what is checked out and built."""

import os
import subprocess
from pathlib import Path

SETTINGS = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    **{f"GIT_{role}_{field}": "test@example.org" for role in ("AUTHOR", "COMMITTER") for field in ("NAME", "EMAIL")},
}


def git(folder: Path, *command: str) -> str:
    """What git says, without this machine's own configuration."""
    environment = os.environ | SETTINGS
    return subprocess.run(
        ["git", *command], cwd=folder, env=environment, check=True, capture_output=True, text=True
    ).stdout.strip()


def commit(folder: Path, **files: str) -> str:
    """Commit *files*, where ``__`` in a name stands for a dot, and return the sha."""
    for name, text in files.items():
        path = folder / name.replace("__", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    git(folder, "add", "--all", *(name.replace("__", ".") for name in files))
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "a commit")
    return git(folder, "rev-parse", "HEAD")


def make_repository(folder: Path) -> Path:
    """A repository of two commits on ``main``; ``code.txt`` reads one, then two."""
    folder.mkdir(parents=True)
    git(folder, "init", "--quiet", "--initial-branch", "main")
    commit(folder, code__txt="one\n")
    commit(folder, code__txt="two\n")
    return folder


def snapshot(repository: Path) -> dict[str, bytes]:
    """Every file of a repository with its content, the index, the branches and the configuration among them."""
    files = (path for path in sorted(repository.rglob("*")) if path.is_file() and "objects" not in path.parts)
    return {str(path.relative_to(repository)): path.read_bytes() for path in files}

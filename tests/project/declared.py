"""The project's own files, read once for the tests of this folder."""

import re
import subprocess
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from perfstudy.paths import PROJECT


@cache
def pyproject() -> dict[str, Any]:
    """pyproject.toml, parsed."""
    return tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))


def requirements() -> list[Requirement]:
    """Every requirement of an installation, those of all extras but the peers included."""
    extras = pyproject()["project"]["optional-dependencies"]
    lines = [line for name, group in extras.items() if name != "peers" for line in group]
    found = [Requirement(line) for line in pyproject()["project"]["dependencies"] + lines]
    return [one for one in found if one.name != "perfstudy"]


def peers() -> list[Requirement]:
    """The requirements that the benchmark of the peers installs for itself."""
    return [Requirement(line) for line in pyproject()["project"]["optional-dependencies"]["peers"]]


@dataclass(frozen=True)
class Pin:
    """One entry of the lock."""

    requirement: Requirement
    hashes: tuple[str, ...]


@cache
def lock(name: str = "requirements.lock") -> dict[str, list[Pin]]:
    """The entries of a lock by name; a name stands more than once where markers divide its versions."""
    entries: dict[str, list[Pin]] = {}
    text = re.sub(r"^\s*#.*$", "", (PROJECT / name).read_text(encoding="utf-8"), flags=re.MULTILINE)
    for entry in text.replace("\\\n", " ").splitlines():
        if entry.strip():
            line, *hashes = re.split(r"\s+--hash=", entry.strip())
            pin = Pin(Requirement(line), tuple(hashes))
            entries.setdefault(canonicalize_name(pin.requirement.name), []).append(pin)
    return entries


@cache
def files() -> tuple[Path, ...]:
    """Every file that belongs to the project: what git tracks or would, in a checkout; else what .gitignore leaves."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT,
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0:
        names = {name for name in listed.stdout.decode().split("\0") if name}
        found = [PROJECT / name for name in sorted(names)]
    else:
        skipped = re.compile(
            r"(^|/)(\.venv[^/]*|\.perfstudy|\.git|__pycache__|build|dist|\.[a-z]+_cache|\.hypothesis)/"
        )
        found = [path for path in sorted(PROJECT.rglob("*")) if not skipped.search(f"{path.relative_to(PROJECT)}/")]
    return tuple(path for path in found if path.is_file())


def sources(folder: str = "perfstudy") -> list[Path]:
    """Every Python file below *folder*."""
    return [path for path in files() if path.suffix == ".py" and path.is_relative_to(PROJECT / folder)]

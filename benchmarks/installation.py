"""The peers' own virtual environment: made from ``peers.lock`` at the first use, beside the project's other state."""

import hashlib
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

from perfstudy import paths

LOCK = Path(__file__).with_name("peers.lock")
SHARED = ("django", "psycopg", "redis", "hiredis", "gunicorn", "sqlalchemy")
"""What the peers need of the project's own dependencies, in the versions of its own lock."""


def folder() -> Path:
    """Return where the environment is."""
    return paths.home() / "peers"


def python() -> Path:
    """Return its interpreter."""
    return folder() / "bin" / "python"


def requirements() -> list[str]:
    """Return what the lock is made from: the extra ``peers``, and what the peers share with the project."""
    project = tomllib.loads((paths.PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    shared = [line for line in project["dependencies"] if Requirement(line).name in SHARED]
    return [*project["optional-dependencies"]["peers"], *shared]


def install() -> str:
    """Make the environment unless it is there, and return why it could not be made, empty where it could."""
    stamp = folder() / "perfstudy-stamp"
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return ""
    shutil.rmtree(folder(), ignore_errors=True)
    folder().parent.mkdir(parents=True, exist_ok=True)
    say(f"installing the peers into {folder()}, once")
    for command in (
        ("venv", "--python", sys.executable, str(folder())),
        ("pip", "install", "--python", str(python()), "--require-hashes", "--compile-bytecode", "-r", str(LOCK)),
    ):
        # uv shows its own progress, and says itself what failed.
        if subprocess.run([sys.executable, "-m", "uv", *command], check=False).returncode:
            return f"`uv {command[0]}` failed, and the lines above say why"
    stamp.write_text(wanted)
    return ""


def lacking(module: str) -> str:
    """Return why *module* cannot be used there, empty where it can."""
    if not python().exists():
        return "there is no environment of the peers"
    probe = "import importlib.util, sys; sys.exit(importlib.util.find_spec(sys.argv[1]) is None)"
    done = subprocess.run([python(), "-c", probe, module], check=False)
    return f"{folder()} has no module {module}" if done.returncode else ""


def say(text: str) -> None:
    """Tell the reader what takes its time."""
    print(text, file=sys.stderr, flush=True)

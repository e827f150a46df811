"""The service and the frameworks that people would choose instead, as a study.

Run with ``python benchmarks/peers.py --scale medium``. The first run installs the peers into ``.perfstudy/peers``, from
``benchmarks/peers.lock``, which ``make lock`` writes. Each serves the same listing from the same database with one
worker, as its own documentation recommends, and counts where its documents are those of the baseline.
"""

import hashlib
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

from benchmarks import targets
from perfstudy import paths
from perfstudy.commands import outcome
from perfstudy.listing.compiling import arms, declare_competitor
from perfstudy.listing.studies import declare
from perfstudy.listing.targets import FINAL
from perfstudy.model.arm import Arm

PYTHON = "{home}/peers/bin/python"
LOCK = Path(__file__).with_name("peers.lock")
SHARED = ("django", "psycopg", "psycopg-pool", "redis", "hiredis", "gunicorn", "sqlalchemy")
"""The project's own dependencies that the peers need, in the versions of its lock."""


def make_gunicorn_command(application: str, python: str = "{python}") -> tuple[str, ...]:
    """Return the command that serves a WSGI *application* by an interpreter.

    It is that of the optimization ``gunicorn`` with one worker and without ``--preload``: a fork must not share a
    database connection. It is the first server that Django's documentation names:
    https://docs.djangoproject.com/en/5.2/howto/deployment/wsgi/.
    """
    return (
        *(python, "-m", "gunicorn", application),
        *("--bind", "{host}:{port}", "--workers", "1", "--threads", "1", "--worker-class", "gthread"),
        *("--keep-alive", "75", "--worker-tmp-dir", "{scratch}", "--log-level", "warning"),
    )


@dataclass(frozen=True)
class Peer:
    """A competitor, and the *module* that must be installed to test it."""

    arm: Arm
    module: str


def _declare_wsgi(name: str, title: str, application: str, module: str, caches: bool = False) -> Peer:
    command = make_gunicorn_command(f"benchmarks.competitors.{application}:application", PYTHON)
    return Peer(declare_competitor(name, title, command, schema=FINAL, caches=caches), module)


def _declare_asgi(name: str, title: str, application: str) -> Peer:
    # One process: https://fastapi.tiangolo.com/deployment/manually/ and https://www.uvicorn.org/settings/.
    command = (
        *(PYTHON, "-m", "uvicorn", f"benchmarks.competitors.{application}:app"),
        *("--host", "{host}", "--port", "{port}", "--log-level", "warning", "--no-access-log"),
    )
    return Peer(declare_competitor(name, title, command, schema=FINAL), "fastapi")


PEERS = (
    _declare_wsgi("drf", "Django REST framework", "drf", "rest_framework"),
    _declare_wsgi("ninja", "Django Ninja", "ninja", "ninja"),
    _declare_asgi("fastapi-orm", "FastAPI and SQLAlchemy's ORM", "fastapi_orm"),
    _declare_asgi("fastapi-core", "FastAPI and SQLAlchemy Core", "fastapi_core"),
    _declare_wsgi("cache-page", "Django's cache_page", "cache_page", "django", caches=True),
    _declare_wsgi("cachalot", "django-cachalot", "cachalot", "cachalot", caches=True),
    _declare_wsgi("cacheops", "django-cacheops", "cacheops", "cacheops", caches=True),
)

STUDY = declare(
    name="peers",
    title="The service and its peers",
    arms=(
        *arms(targets.VARIANTS),
        *(peer.arm for peer in PEERS),
    ),
    scenarios=("page", "all"),
    requests=100,
    costs=None,
)


def show(run: Any) -> None:
    """Print the tables of *run*."""
    targets.show_excluded(run)
    targets.show_ratios(run, FINAL, "", "time over that of the final variant, cold to cold and warm to warm")
    targets.show_targets(run)


def find_folder() -> Path:
    """Return the folder of the environment."""
    return paths.home() / "peers"


def find_python() -> Path:
    """Return its interpreter."""
    return find_folder() / "bin" / "python"


def list_requirements() -> list[str]:
    """Return the requirements of the lock: the extra ``peers``, and ``SHARED``."""
    project = tomllib.loads((paths.PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    lines = [*project["dependencies"], *extras["listing"]]
    return [*extras["peers"], *(line for line in lines if Requirement(line).name in SHARED)]


def install() -> str:
    """Create the environment if missing.

    Return why it could not be created, empty where it could.
    """
    stamp = find_folder() / "perfstudy-stamp"
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return ""
    shutil.rmtree(find_folder(), ignore_errors=True)
    find_folder().parent.mkdir(parents=True, exist_ok=True)
    say(f"installing the peers into {find_folder()}, once")
    for command in (
        ("venv", "--python", sys.executable, str(find_folder())),
        ("pip", "install", "--python", str(find_python()), "--require-hashes", "--compile-bytecode", "-r", str(LOCK)),
    ):
        # uv shows its own progress and errors.
        if subprocess.run([sys.executable, "-m", "uv", *command], check=False).returncode:
            return f"`uv {command[0]}` failed, and the lines above say why"
    stamp.write_text(wanted)
    return ""


def explain_missing(module: str) -> str:
    """Return why *module* cannot be used there, empty where it can."""
    if not find_python().exists():
        return "there is no environment of the peers"
    probe = "import importlib.util, sys; sys.exit(importlib.util.find_spec(sys.argv[1]) is None)"
    done = subprocess.run([find_python(), "-c", probe, module], check=False)
    return f"{find_folder()} has no module {module}" if done.returncode else ""


def say(text: str) -> None:
    """Print a step that takes time, or what is missing."""
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    """Install, run and show; or print the requirements that the lock is made from."""
    if sys.argv[1:] == ["--requirements"]:
        print(*list_requirements(), sep="\n")
        return
    options = targets.read_options(STUDY, __doc__)
    if reason := install():
        say(f"the peers cannot be installed here: {reason}")
    for peer in PEERS:
        if reason := explain_missing(peer.module):
            say(f"{peer.arm.title} is not testable here: {reason}")
    targets.run_study(STUDY, options, show)


if __name__ == "__main__":
    outcome.run_app(main)

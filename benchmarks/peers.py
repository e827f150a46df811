"""The service beside what people would pick instead, as a study of its own.

Run with ``python benchmarks/peers.py --scale medium``. The first run installs the peers into ``.perfstudy/peers``, from
``benchmarks/peers.lock``, which ``make lock`` writes. Each serves the same listing from the same database with one
worker, as its own documentation recommends, and counts where its documents are those of the baseline.
"""

import sys
from dataclasses import dataclass
from typing import Any

from benchmarks import beside, installation
from perfstudy.commands import outcome
from perfstudy.listing.compiling import arms, competitor
from perfstudy.listing.studies import declare
from perfstudy.listing.targets import FINAL
from perfstudy.model.arm import Arm

PYTHON = "{home}/peers/bin/python"


def gunicorn(application: str, python: str = "{python}") -> tuple[str, ...]:
    """Return the command that serves a WSGI *application* by an interpreter.

    That of the optimization ``gunicorn`` with one worker, and without ``--preload``: a fork must not share a database
    connection. It is the first server that Django's documentation names:
    https://docs.djangoproject.com/en/5.2/howto/deployment/wsgi/.
    """
    return (
        *(python, "-m", "gunicorn", application),
        *("--bind", "{host}:{port}", "--workers", "1", "--threads", "1", "--worker-class", "gthread"),
        *("--keep-alive", "75", "--worker-tmp-dir", "{scratch}", "--log-level", "warning"),
    )


@dataclass(frozen=True)
class Peer:
    """A competitor, and the *module* without which it cannot be tested."""

    arm: Arm
    module: str


def _wsgi(name: str, title: str, application: str, module: str, caches: bool = False) -> Peer:
    command = gunicorn(f"benchmarks.rivals.{application}:application", PYTHON)
    return Peer(competitor(name, title, command, schema=FINAL, caches=caches), module)


def _asgi(name: str, title: str, application: str) -> Peer:
    # One process: https://fastapi.tiangolo.com/deployment/manually/ and https://www.uvicorn.org/settings/.
    command = (
        *(PYTHON, "-m", "uvicorn", f"benchmarks.rivals.{application}:app"),
        *("--host", "{host}", "--port", "{port}", "--log-level", "warning", "--no-access-log"),
    )
    return Peer(competitor(name, title, command, schema=FINAL), "fastapi")


PEERS = (
    _wsgi("drf", "Django REST framework", "drf", "rest_framework"),
    _wsgi("ninja", "Django Ninja", "ninja", "ninja"),
    _asgi("fastapi-orm", "FastAPI and SQLAlchemy's ORM", "fastapi_orm"),
    _asgi("fastapi-core", "FastAPI and SQLAlchemy Core", "fastapi_core"),
    _wsgi("cache-page", "Django's cache_page", "cache_page", "django", caches=True),
    _wsgi("cachalot", "django-cachalot", "cachalot", "cachalot", caches=True),
    _wsgi("cacheops", "django-cacheops", "cacheops", "cacheops", caches=True),
)

STUDY = declare(
    name="peers",
    title="The service beside its peers",
    arms=(
        *arms(beside.VARIANTS),
        *(peer.arm for peer in PEERS),
    ),
    scenarios=("page", "all"),
    requests=100,
    costs=None,
)


def show(run: Any) -> None:
    """Print the tables of *run*."""
    beside.excluded(run)
    beside.show_ratios(run, FINAL, "", "time over that of the final variant, cold to cold and warm to warm")
    beside.show_aims(run)


def main() -> None:
    """Install, run and show; or print the requirements that the lock is made from."""
    if sys.argv[1:] == ["--requirements"]:
        print(*installation.requirements(), sep="\n")
        return
    given = beside.options(STUDY, __doc__)
    if reason := installation.install():
        installation.say(f"the peers cannot be installed here: {reason}")
    for peer in PEERS:
        if reason := installation.lacking(peer.module):
            installation.say(f"{peer.arm.title} is not testable here: {reason}")
    beside.measured(STUDY, given, show)


if __name__ == "__main__":
    outcome.run_app(main)

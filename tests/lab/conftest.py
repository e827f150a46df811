"""A home of its own for a test that breaks things."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from perfstudy.lab import down

from .clients import Client
from .repositories import make_repository


@pytest.fixture
def bare_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home, of a test that starts no server."""
    monkeypatch.setenv("PERFSTUDY_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A git repository with one commit, in a folder with a space in its name."""
    return make_repository(tmp_path / "my shop")


@pytest.fixture
def home(bare_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty home, whose servers are brought down at the end."""
    monkeypatch.delenv("PERFSTUDY_DATABASE_URL", raising=False)
    monkeypatch.delenv("PERFSTUDY_REDIS_URL", raising=False)
    yield bare_home
    down()


@pytest.fixture
def client(home: Path) -> Iterator[Callable[..., Client]]:
    """A function that starts another process on the home, ended with the test."""
    started: list[Client] = []

    def start(*arguments: object, **options: object) -> Client:
        started.append(Client(home, *arguments, **options))
        return started[-1]

    yield start
    for one in started:
        one.end()

"""A service that is not ours, in a process of its own."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest

from perfstudy.lab import processes


@contextmanager
def serve(url: str) -> Iterator[Callable[[str], None]]:
    """Serve plain_service.py on the database at *url*; give a function that asks for a path."""
    command = [sys.executable, Path(__file__).with_name("plain_service.py")]
    environment = processes.build_environment(DATABASE_URL=url)
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as service:
        assert service.stdout
        port = int(service.stdout.readline())

        def ask(path: str) -> None:
            connection = HTTPConnection("127.0.0.1", port, timeout=30)
            connection.request("GET", path)
            assert connection.getresponse().status == 200
            connection.close()

        try:
            yield ask
        finally:
            service.terminate()


@pytest.fixture(scope="session")
def serve_plain() -> Callable[[str], AbstractContextManager[Callable[[str], None]]]:
    """Return the function that serves it."""
    return serve

"""``perfstudy load``: what it prints, what it keeps, and what an interruption leaves."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.load.server import serving


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving() as (url, _):
        yield url


def started(*arguments: object) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "perfstudy", "load", *map(str, arguments)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True, env=os.environ
    )


def load(*arguments: object) -> tuple[int, str, str]:
    process = started(*arguments)
    out, error = process.communicate(timeout=60)
    return process.returncode, out, error


def test_two_loads_and_their_sum(url: str, tmp_path: Path) -> None:
    files = [tmp_path / "one.hgrm", tmp_path / "two.hgrm"]
    for file in files:
        status, out, error = load(url, "--rate", 100, "--duration", 0.5, "--arrivals", "constant", "--save", file)
        assert (status, error) == (0, "")
        assert "50 requests, 100 a second for 0.5 s" in out
        assert "200: 50" in out
    status, out, _ = load("--merge", files[0], "--merge", files[1], "--format", "json")
    found = json.loads(out)
    assert status == 0
    assert (found["due"], found["answered"], found["failed"], found["rate"]) == (100, 100, 0, 200)


def test_an_interruption_shows_what_there_is(url: str) -> None:
    process = started(url, "--rate", 50, "--duration", 1000, "--path", "/told", "--format", "json")
    with serving() as (other, _):  # something to wait for that takes about as long as the load needs to begin
        load(other, "--rate", 50, "--duration", 1)
    process.send_signal(signal.SIGINT)
    out, error = process.communicate(timeout=60)
    assert process.returncode == 130
    assert error == "stopped.\n"
    assert json.loads(out)["answered"] > 0


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        ((), 2, "which service?"),
        (("http://127.0.0.1:1",), 1, "nothing answers at 127.0.0.1:1"),
        (("http://127.0.0.1:1", "--rate", "0"), 2, "the rate is 0"),
        (("http://127.0.0.1:1", "--arrivals", "poison"), 2, "did you mean poisson?"),
        (("http://127.0.0.1:1", "--search", "50ms"), 2, "it has the form p99=50ms"),
        (("--merge", "nowhere.hgrm"), 2, "nowhere.hgrm cannot be read"),
    ],
)
def test_bad_input_is_one_line(arguments: tuple[str, ...], status: int, message: str) -> None:
    found, out, error = load(*arguments)
    assert (found, out) == (status, "")
    assert message in error
    assert error.count("\n") == 1

"""``perfstudy load``: what it prints, what it keeps, and what an interruption leaves."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main

from perfstudy import tokens
from perfstudy.__main__ import app
from perfstudy.commands import choices
from perfstudy.errors import PerfstudyError
from perfstudy.lab import secret
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


def test_the_token_is_the_home_s_unless_one_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERFSTUDY_HOME", str(tmp_path))
    assert choices.bearer("mine") == "mine"
    assert tokens.tenant_of(choices.bearer(None), secret()) == choices.TENANT


def test_an_interruption_shows_what_there_is() -> None:
    with serving() as (url, server):
        process = started(url, "--rate", 50, "--duration", 1000, "--path", "/told", "--format", "json")
        assert server.stdout is not None
        for _ in range(10):
            server.stdout.readline()
        process.send_signal(signal.SIGINT)
        out, error = process.communicate(timeout=60)
    assert process.returncode == 130
    assert not error.strip()
    found = json.loads(out)
    assert found["answered"] > 0
    assert found["dropped"] == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "which service?"),
        (("http://127.0.0.1:1",), "nothing answers at 127.0.0.1:1"),
        (("http://127.0.0.1:1", "--rate", "0"), "the rate is 0"),
        (("http://127.0.0.1:1", "--arrivals", "poison"), "did you mean poisson?"),
        (("http://127.0.0.1:1", "--search", "50ms"), "it has the form p99=50ms"),
        (("http://127.0.0.1:1", "--search", "p99=1s", "--save", "x"), "use one of them"),
        (("--merge", "nowhere.hgrm"), "nowhere.hgrm cannot be read"),
        (("http://127.0.0.1:1", "--merge", "nowhere.hgrm"), "leave http://127.0.0.1:1 out"),
    ],
)
def test_bad_input_is_told(arguments: tuple[str, ...], message: str) -> None:
    with pytest.raises(PerfstudyError, match=re.escape(message)):
        typer.main.get_command(app).main(["load", *arguments], standalone_mode=False)

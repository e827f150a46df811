"""``perfstudy load``: what it prints, what it keeps, and what an interruption leaves."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer.main

from perfstudy.__main__ import app
from perfstudy.commands import choices
from perfstudy.commands import load as load_command
from perfstudy.commands.load import parse_moment
from perfstudy.errors import PerfstudyError, UsageError
from perfstudy.lab import secret
from perfstudy.listing import tokens
from perfstudy.listing.catalog import CATALOG
from tests.drivers.load.server import serving


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
    assert choices.issue_bearer("mine") == "mine"
    assert tokens.tenant_of(choices.issue_bearer(None), secret()) == CATALOG.tenant


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


def asked(server: "subprocess.Popen[str]", *arguments: object) -> str:
    """Load with *arguments* for one request, and return what *server* was asked for."""
    command = typer.main.get_command(app)
    fixed = ("--rate", "1", "--duration", "0.5", "--arrivals", "constant")
    command.main(["load", *map(str, arguments), *fixed], standalone_mode=False)
    assert server.stdout is not None
    return server.stdout.readline().strip()


def test_the_url_s_own_path_is_what_is_asked() -> None:
    with serving() as (url, server):
        assert asked(server, f"{url}/told") == "/told"
        assert asked(server, f"{url}/told/orders?limit=5&all=true") == "/told/orders?limit=5&all=true"
        assert asked(server, url, "--path", "/told?a=1") == "/told?a=1"
        assert asked(server, f"{url}/", "--path", "/told?a=1") == "/told?a=1"
        assert asked(server, f"{url}/told?a=1", "--path", "/told?a=1") == "/told?a=1"


def test_the_listing_is_asked_where_nothing_is_named() -> None:
    for url in ("http://127.0.0.1:1", "http://127.0.0.1:1/"):
        assert load_command._choose_target(url, None) == CATALOG.path


@pytest.mark.parametrize("path", ["/orders", "/told?limit=6", "/", "orders"])
def test_two_paths_are_one_too_many(path: str) -> None:
    with pytest.raises(UsageError, match="leave one of them out"):
        typer.main.get_command(app).main(
            ["load", "http://127.0.0.1:1/told?limit=5", "--path", path], standalone_mode=False
        )


@pytest.mark.parametrize(("path", "outcome"), [("/busy", "503: 10"), ("/break", "broken: 10")])
def test_a_load_of_failures_alone_is_a_failure(url: str, path: str, outcome: str) -> None:
    status, out, error = load(f"{url}{path}", "--rate", 20, "--duration", 0.5, "--arrivals", "constant")
    assert status == 1
    assert outcome in out
    assert error.count("\n") == 1
    assert f"none of 10 requests succeeded ({outcome})" in error


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


@pytest.mark.parametrize(
    ("text", "seconds"), [("12:00:01", 1), ("12:59:59", 3599), ("12:00:00", None), ("14:00:00", None), ("noon", None)]
)
def test_a_time_of_the_day_is_within_the_next_hour(text: str, seconds: int | None) -> None:
    now = datetime(2026, 11, 2, 12, tzinfo=UTC)
    if seconds is None:
        with pytest.raises(UsageError, match="--at is"):
            parse_moment(text, now)
    else:
        assert parse_moment(text, now) == now.timestamp() + seconds


def test_midnight_is_passed() -> None:
    now = datetime(2026, 11, 2, 23, 59, 59, tzinfo=UTC)
    assert parse_moment("00:00:01", now) == now.timestamp() + 2

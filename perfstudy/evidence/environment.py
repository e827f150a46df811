"""The machine and the software: identity, telemetry and warnings."""

import math
import os
import platform
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import Any

from perfstudy import __version__
from perfstudy.formatting import factor
from perfstudy.paths import PROJECT, is_checkout

PACKAGES = ("django", "psycopg", "psycopg-binary", "redis", "hiredis", "gunicorn")
"""The packages that take part in answering a request."""

CLIENT = "socket"
"""What times the requests; a run without it was timed by http.client, which took longer over each answer."""


@dataclass(frozen=True, slots=True)
class Warning:
    """A condition that makes timings here less reliable, and what to do about it."""

    finding: str
    remedy: str
    is_fatal: bool = False
    """Whether a machine of a cluster is left out for it."""

    def __str__(self) -> str:
        return f"{self.finding}: {self.remedy}"


def collect_identity(
    settings: Mapping[str, Any] | None = None, servers: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return what must be equal for two runs to be pooled.

    It is the machine, the software, the servers and their settings.

    No host name, user name or path is in it.
    """
    import psutil

    return {
        "cpu": _read_cpu_model(),
        "cpus": os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30),
        "system": platform.system(),
        "kernel": platform.release(),
        "machine": platform.machine(),
        "container": _find_container(),
        "governor": _read_governor(),
        "python": platform.python_version(),
        "packages": {name: _find_version(name) for name in PACKAGES},
        "perfstudy": __version__,
        "client": CLIENT,
        "commit": _read_commit(),
        "servers": dict(servers or {}),
        "settings": dict(settings or {}),
    }


def read_telemetry() -> dict[str, Any]:
    """Return load, free memory and temperature at this moment.

    They are recorded, never compared.
    """
    import psutil

    memory = psutil.virtual_memory()
    return {
        "load": list(os.getloadavg()),
        "available_gib": round(memory.available / 2**30, 1),
        "swap_used_gib": round(psutil.swap_memory().used / 2**30, 1),
        "on_battery": _is_on_battery(),
        "jitter": round(measure_jitter(), 3),
    }


def _is_on_battery() -> bool:
    import psutil

    try:
        battery = psutil.sensors_battery() if hasattr(psutil, "sensors_battery") else None
    except OSError:  # a container may have no /sys/class/power_supply, and runs on no battery of its own
        return False
    return battery is not None and not battery.power_plugged


def measure_jitter(rounds: int = 400) -> float:
    """Return the 95th percentile over the median of a fixed computation's time.

    It is 1 on a quiet machine.
    """
    times = []
    for _ in range(rounds):
        start = perf_counter()
        sum(range(5000))
        times.append(perf_counter() - start)
    return quantiles(times, n=20)[-1] / median(times)


_CALM: dict[str, Any] = {
    "load": [0.0],
    "on_battery": False,
    "swap_used_gib": 0.0,
    "available_gib": math.inf,
    "jitter": 1.0,
}


def list_warnings(facts: Mapping[str, Any], passing: Mapping[str, Any]) -> list[Warning]:
    """Return the warnings about measuring here and now.

    *facts* is an identity, *passing* a telemetry.

    Facts that an imported run did not record give no warning.
    """
    facts = dict.fromkeys(("governor", "container")) | {"cpus": os.cpu_count()} | dict(facts)
    passing = _CALM | dict(passing)
    cpus = facts["cpus"] or 1
    found = []
    if passing["load"][0] > 0.5 * cpus:
        found.append(
            Warning(f"load of {passing['load'][0]:.1f} on {cpus} CPUs", "stop other work and wait for it to fall")
        )
    if cpus < 2:
        found.append(Warning("a single CPU", "client and server compete for it; use a machine with two or more", True))
    if facts["governor"] not in (None, "performance"):
        found.append(
            Warning(f"CPU governor {facts['governor']!r}", "run `cpupower frequency-set -g performance` as root")
        )
    if passing["on_battery"]:
        found.append(Warning("running on battery", "plug the machine in", True))
    if passing["swap_used_gib"] > 0.5:
        found.append(Warning(f"{passing['swap_used_gib']} GiB of swap in use", "close programs, or add memory"))
    if passing["available_gib"] < 2:
        found.append(
            Warning(f"{passing['available_gib']} GiB of memory available", "free 2 GiB, or take a smaller scale", True)
        )
    if passing["jitter"] > 1.5:
        found.append(
            Warning(
                f"one fixed computation takes {factor(passing['jitter'])} times its median at the 95th percentile",
                "other work shares the CPU; run more blocks, or use a quieter machine",
            )
        )
    if facts["container"]:
        found.append(
            Warning(f"runs inside {facts['container']}", "neighbours may share the CPU; trust ratios, not seconds")
        )
    return found


def describe_servers(postgres_url: str = "", redis: Any = None) -> dict[str, Any]:
    """Return the servers' versions, and PostgreSQL's settings that are not defaults."""
    return (_describe_postgres(postgres_url) if postgres_url else {}) | (_describe_redis(redis) if redis else {})


def _describe_postgres(url: str) -> dict[str, Any]:
    import psycopg

    with psycopg.connect(url) as connection:
        row = connection.execute("SHOW server_version").fetchone()
        changed = connection.execute(
            "SELECT name, setting FROM pg_settings WHERE setting IS DISTINCT FROM boot_val"
            " AND context <> 'internal' AND category NOT LIKE ALL (ARRAY['%Authentication%', 'File Locations'])"
            " AND name NOT IN ('port', 'unix_socket_directories', 'application_name', 'log_file_mode') ORDER BY name"
        ).fetchall()
    assert row is not None
    return {"postgresql": row[0], "postgresql_settings": dict(changed)}


def _describe_redis(redis: Any) -> dict[str, Any]:
    info = redis.info("server")
    return {"redis": f"{info.get('server_name', 'redis')} {info.get('valkey_version', info['redis_version'])}"}


def _read_cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _read_governor() -> str | None:
    try:
        return Path("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor").read_text().strip()
    except OSError:
        return None


def _find_container() -> str | None:
    if Path("/.dockerenv").exists():
        return "a Docker container"
    try:
        flags = Path("/proc/cpuinfo").read_text()
    except OSError:
        return None
    return "a virtual machine" if " hypervisor" in flags else None


def _find_version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _read_commit() -> str | None:
    if not is_checkout():  # an installed package may lie in a user's repository, whose commit says nothing about it
        return None
    command = ["git", "-C", str(PROJECT), "rev-parse", "--short=12", "HEAD"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=5).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return None

"""docker-compose.yml, read by the real Compose: valid, on loopback, without a password, with the lab's settings."""

import json
import os
import re
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

from perfstudy.lab.configuration import POSTGRES, REDIS, to_plain
from perfstudy.paths import PROJECT

FILE = PROJECT / "docker-compose.yml"
SECRETS = {"POSTGRES_PASSWORD": "one", "REDIS_PASSWORD": "two", "PERFSTUDY_SERVICE_SECRET": "three"}

package = find_spec("compose")
pytestmark = pytest.mark.skipif(package is None, reason="the Compose binary's package is for Linux on x86_64 only")


def compose(file: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the Compose binary on *file* with nothing but *environment* in its environment."""
    assert package is not None
    assert package.origin is not None
    command = [str(Path(package.origin).with_name("docker-compose")), "--file", str(file), *arguments]
    env = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "COMPOSE_DISABLE_ENV_FILE": "1", **environment}
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    """The services as Compose understands them, every variable filled in."""
    answer = compose(FILE, "config", "--format", "json", **SECRETS)
    assert answer.returncode == 0, answer.stderr
    loaded: dict[str, Any] = json.loads(answer.stdout)["services"]
    return loaded


def test_the_file_is_valid() -> None:
    answer = compose(FILE, "config", "--quiet", **SECRETS)
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "", "")


BROKEN = {
    "unknown key": ("healthcheck:", "healthchek:", "healthchek"),
    "dangling service": ("      redis:\n        condition", "      cache:\n        condition", "cache"),
    "dangling volume": ("volumes:\n  postgres:\n", "volumes:\n", "postgres"),
}
"""What is replaced by what, and what the refusal names."""


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_copy_is_refused_by_name(name: str, tmp_path: Path) -> None:
    right, wrong, named = BROKEN[name]
    good = FILE.read_text(encoding="utf-8")
    broken = tmp_path / "docker-compose.yml"
    assert right in good
    broken.write_text(good.replace(right, wrong, 1), encoding="utf-8")
    answer = compose(broken, "config", "--quiet", **SECRETS)
    assert answer.returncode != 0
    assert named in answer.stderr


@pytest.mark.parametrize("missing", SECRETS)
def test_a_missing_password_is_named(missing: str) -> None:
    given = {name: value for name, value in SECRETS.items() if name != missing}
    answer = compose(FILE, "config", "--quiet", **given)
    assert answer.returncode != 0
    assert f"required variable {missing} is missing" in answer.stderr


def test_every_secret_comes_from_the_environment() -> None:
    """Each environment value that names a secret is that variable, marked as required, and nothing stands in for it."""
    for service in yaml.safe_load(FILE.read_text(encoding="utf-8"))["services"].values():
        for name, value in service.get("environment", {}).items():
            if re.search(r"PASSWORD|SECRET|AUTH", name):
                assert re.fullmatch(r"\$\{\w+:\?[^}]+\}", value), f"{name} holds {value!r}"
            for password in re.findall(r"://[^:/@]*:([^@]*)@", value):
                assert re.fullmatch(r"\$\{\w+:\?[^}]+\}", password), f"{name} holds a password"


def test_every_port_is_on_loopback(services: dict[str, Any]) -> None:
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert len(ports) == 3
    assert {port["host_ip"] for port in ports} == {"127.0.0.1"}
    assert not any("network_mode" in service for service in services.values())


def test_every_service_is_watched_and_waits_for_the_servers(services: dict[str, Any]) -> None:
    assert set(services) == {"postgres", "redis", "service"}
    assert all(service["healthcheck"]["test"] for service in services.values())
    waits = services["service"]["depends_on"]
    assert {name: wait["condition"] for name, wait in waits.items()} == {
        "postgres": "service_healthy",
        "redis": "service_healthy",
    }


def test_the_data_folder_is_where_version_18_keeps_it(services: dict[str, Any]) -> None:
    (volume,) = services["postgres"]["volumes"]
    assert services["postgres"]["image"].startswith("postgres:18")
    assert (volume["type"], volume["target"]) == ("volume", "/var/lib/postgresql")


def test_postgres_has_the_lab_s_settings(services: dict[str, Any]) -> None:
    _, *options = services["postgres"]["command"]
    assert dict(option.removeprefix("-c").split("=", 1) for option in options) == to_plain(POSTGRES)


def test_redis_has_the_lab_s_settings(services: dict[str, Any]) -> None:
    words = re.findall(r"--([\w-]+) (\S+)", services["redis"]["command"][-1])
    assert {name: value.strip("'") for name, value in words} == to_plain(REDIS)


def test_the_service_reads_every_variable_that_it_is_given(services: dict[str, Any]) -> None:
    package = PROJECT / "perfstudy"
    readers = [*(package / "listing" / "service").rglob("*.py"), package / "model" / "variables.py"]
    source = "".join(path.read_text(encoding="utf-8") for path in readers)
    given = set(services["service"]["environment"])
    assert {"PERFSTUDY_SERVICE_DATABASE", "PERFSTUDY_SERVICE_REDIS", "PERFSTUDY_SERVICE_SECRET"} <= given
    assert all(name in source for name in given)

"""The environment: identity without names of hosts or people, warnings with remedies."""

import getpass
import json
import socket
import sys
from pathlib import Path

import pytest

from perfstudy.evidence import environment
from perfstudy.results.differences import find_differences

QUIET = {"load": [0.1, 0.1, 0.1], "available_gib": 16, "swap_used_gib": 0, "on_battery": False, "jitter": 1.1}
TRUSTED = {"cpus": 4, "governor": "performance", "container": None}


def test_identity_names_no_host_and_no_path() -> None:
    written = json.dumps(environment.collect_identity())
    assert socket.gethostname() not in written or len(socket.gethostname()) < 4
    assert f"/{getpass.getuser()}/" not in written
    assert str(environment.PROJECT) not in written


def test_identity_is_the_same_twice() -> None:
    assert environment.collect_identity() == environment.collect_identity()


@pytest.mark.skipif(sys.platform != "linux", reason="the folder is Linux's")
def test_a_container_without_the_kernel_s_folder_of_batteries_runs_on_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("psutil._pslinux.POWER_SUPPLY_PATH", str(tmp_path / "missing"))
    assert environment.read_telemetry()["on_battery"] is False


def test_a_quiet_machine_draws_no_warning() -> None:
    assert environment.list_warnings(TRUSTED, QUIET) == []


def test_what_was_not_recorded_draws_no_warning() -> None:
    assert environment.list_warnings({}, {}) == []


@pytest.mark.parametrize(
    ("facts", "passing", "word"),
    [
        ({}, {"load": [3.0, 1, 1]}, "load"),
        ({"cpus": 1}, {}, "single CPU"),
        ({"governor": "powersave"}, {}, "governor"),
        ({"container": "a Docker container"}, {}, "Docker"),
        ({}, {"on_battery": True}, "battery"),
        ({}, {"swap_used_gib": 2.0}, "swap"),
        ({}, {"available_gib": 1.0}, "memory"),
        ({}, {"jitter": 2.0}, "computation"),
    ],
)
def test_each_trouble_is_named_with_what_to_do(facts: dict[str, object], passing: dict[str, object], word: str) -> None:
    (warning,) = environment.list_warnings(TRUSTED | facts, QUIET | passing)
    assert word in warning.finding
    assert warning.remedy


def test_telemetry_is_complete() -> None:
    assert environment.read_telemetry().keys() == QUIET.keys()


def test_differences_are_named_by_their_path() -> None:
    one = {"cpus": 2, "packages": {"django": "5.2.1", "redis": "6"}}
    other = {"cpus": 2, "packages": {"django": "5.2.2", "redis": "6"}}
    assert find_differences(one, other) == ["packages.django: '5.2.1' and '5.2.2'"]
    assert find_differences(one, one) == []

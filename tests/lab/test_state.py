"""The lab's folder: trusted where it is this user's own, and left alone otherwise."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from perfstudy.errors import PerfstudyError
from perfstudy.lab import down, status
from perfstudy.lab.processes import NOBODY
from perfstudy.lab.state import State, make_short_folder, remove_short


def link(lab: Path) -> None:
    lab.rename(lab.with_name("elsewhere"))
    lab.symlink_to("elsewhere")


def give_away(lab: Path) -> None:
    if os.geteuid():
        pytest.skip("only root can give a folder away")
    os.chown(lab, NOBODY, NOBODY)


FOREIGN: dict[str, Callable[[Path], object]] = {
    "is no folder but a link": link,
    "belongs to the user": give_away,
    "can be written by others": lambda lab: lab.chmod(0o777),
    "can be written by others ": lambda lab: lab.chmod(0o720),
}


@pytest.fixture(params=FOREIGN)
def foreign(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, str]:
    """A home whose lab's folder may be another user's, and the reason; its record names a process and a folder."""
    home = tmp_path / "home"
    monkeypatch.setenv("PERFSTUDY_HOME", str(home))
    victim = tmp_path / "perfstudy-victim"
    victim.mkdir()
    (victim / "kept").touch()
    lab = State().folder
    session = lab / "sessions" / "dead"
    session.mkdir(parents=True)
    (session / "scratch").symlink_to(victim)
    (lab / "supervisor.json").write_text(json.dumps({"scratch": str(victim), "socket": "", "processes": {}}))
    FOREIGN[request.param](lab)
    return victim, request.param.strip()


def test_a_folder_that_others_may_have_written_is_not_trusted(foreign: tuple[Path, str]) -> None:
    victim, reason = foreign
    for use in (down, status, State):
        with pytest.raises(PerfstudyError, match=f"{reason}.*: set PERFSTUDY_HOME to a folder of your own$") as caught:
            use()
        assert len(str(caught.value).splitlines()) == 1
    command = [sys.executable, "-m", "perfstudy", "lab", "down"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, len(ended.stderr.splitlines())) == (1, 1)
    assert (victim / "kept").exists()


def test_what_is_no_short_folder_is_not_removed(tmp_path: Path) -> None:
    other, linked = tmp_path / "other", tmp_path / "perfstudy-link"
    other.mkdir()
    linked.symlink_to(other)
    for folder in (other, linked, tmp_path / "perfstudy-none"):
        remove_short(folder)
    assert other.is_dir()
    assert linked.is_symlink()
    remove_short(short := make_short_folder())
    assert not short.exists()

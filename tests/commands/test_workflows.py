"""The GitHub workflows that ``perfstudy init --github`` writes, as two independent tools see them."""

import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from perfstudy.__main__ import app
from perfstudy.commands.declaring import tree
from tests.commands.test_commands import here
from tests.commands.test_init import DJANGO, FASTAPI, lay_out

ZIZMOR = Path(sys.executable).with_name("zizmor")
INJECTION = "      - run: echo ${{ github.event.pull_request.title }}\n"


@pytest.fixture(params=[(DJANGO, ()), (FASTAPI, ("--shards", "4"))], ids=["one machine, with uv", "four, with pip"])
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The workflows of a project."""
    files, more = request.param
    monkeypatch.chdir(lay_out(tmp_path, files))
    assert here("init", "--github", *more).returncode == 0
    return tmp_path / ".github" / "workflows"


def check_schema(folder: Path) -> subprocess.CompletedProcess[str]:
    """Check both files against the published schema."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows"]
    return subprocess.run([*command, *map(str, folder.iterdir())], capture_output=True, text=True, check=False)


def audit(folder: Path) -> subprocess.CompletedProcess[str]:
    """Look for what an attacker could use, without asking any server."""
    command = [str(ZIZMOR), "--offline", "--no-progress", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_they_are_workflows(folder: Path) -> None:
    done = check_schema(folder)
    assert done.returncode == 0, done.stdout + done.stderr


def test_nothing_in_them_serves_an_attacker(folder: Path) -> None:
    done = audit(folder)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_tools_notice_a_mistake(folder: Path) -> None:
    path = folder / "perfstudy.yml"
    sound = path.read_text()
    path.write_text(sound + INJECTION)
    assert "template-injection" in audit(folder).stdout
    path.write_text(sound.replace("runs-on:", "runs-at:"))
    assert check_schema(folder).returncode == 1


def test_shards_are_measured_each_in_a_job_and_merged_in_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands of the workflow, as the shell gets them, are commands of ours."""
    monkeypatch.chdir(lay_out(tmp_path, FASTAPI))
    refused = here("init", "--shards", "4")
    assert (refused.returncode, "add --github" in refused.stderr) == (2, True)
    assert here("init", "--github", "--shards", "4").returncode == 0
    jobs = yaml.safe_load((tmp_path / ".github" / "workflows" / "perfstudy.yml").read_text())["jobs"]
    assert jobs["measure"]["strategy"]["matrix"] == {"shard": [1, 2, 3, 4]}
    assert jobs["measure"]["env"]["SHARD"] == "${{ matrix.shard }}/4"
    assert jobs["merge"]["needs"] == "measure"
    commands = [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]
    known = tree(app).commands
    ours = [shlex.split(command) for command in commands if command.startswith("perfstudy ")]
    assert [words[1] for words in ours] == ["try", "run", "merge"]
    for words in ours:
        options = {option for one in known[words[1]].params for option in one.opts}
        assert {word for word in words if word.startswith("--")} <= options
    kept = [step["with"]["name"] for job in jobs.values() for step in job["steps"] if "upload" in step.get("uses", "")]
    assert kept == ["perfstudy-part-${{ matrix.shard }}", "perfstudy-summary"]

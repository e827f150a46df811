"""The GitHub workflows that ``perfstudy init --github`` writes, as two independent tools see them."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands.test_commands import here
from tests.commands.test_init import DJANGO, FASTAPI, lay_out

ZIZMOR = Path(sys.executable).with_name("zizmor")
INJECTION = "      - run: echo ${{ github.event.pull_request.title }}\n"


@pytest.fixture(params=[DJANGO, FASTAPI], ids=["with uv", "with pip"])
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The workflows of a project."""
    monkeypatch.chdir(lay_out(tmp_path, request.param))
    assert here("init", "--github").returncode == 0
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

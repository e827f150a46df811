"""The examples: short study files, and a repository whose two commits differ in one change."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from perfstudy.paths import PROJECT
from tests.benchmarks.test_competitors import peers_python
from tests.commands.test_commands import perfstudy

EXAMPLES = PROJECT / "examples"
STUDIES = sorted(EXAMPLES.rglob("*_study.py"))


def make(folder: Path) -> subprocess.CompletedProcess[str]:
    """Make the repository as a reader does."""
    script = [sys.executable, str(EXAMPLES / "two_commits.py"), str(folder)]
    return subprocess.run(script, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("study", STUDIES, ids=lambda path: path.parent.name)
def test_a_study_file_is_short(study: Path) -> None:
    assert len(study.read_text(encoding="utf-8").splitlines()) <= 30


def test_there_is_a_study_for_each_framework() -> None:
    assert [path.parent.name for path in STUDIES] == ["fastapi_orders", "shop"]


def test_the_two_commits_differ_in_one_file(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    assert make(folder).returncode == 0
    git = ["git", "-C", str(folder)]
    changed = subprocess.check_output([*git, "diff", "--name-only", "main", "HEAD"], text=True)
    assert changed.split() == ["orders/queries.py"]
    assert subprocess.check_output([*git, "status", "--porcelain"], text=True) == ""


def test_a_folder_that_holds_something_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("")
    done = make(tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


@pytest.mark.skipif(peers_python() is None, reason="`python benchmarks/peers.py` installs FastAPI")
def test_both_arms_of_the_fastapi_example_answer_alike(tmp_path: Path) -> None:
    """With the peers' interpreter in place of the build, which would ask for packages."""
    folder = tmp_path / "orders"
    shutil.copytree(EXAMPLES / "fastapi_orders", folder, ignore=shutil.ignore_patterns(".venv", "__pycache__"))
    study = folder / "orders_study.py"
    text, replaced = re.subn(r"build=.*", f"python={peers_python()!r},", study.read_text(encoding="utf-8"))
    assert replaced == 1
    study.write_text(text, encoding="utf-8")
    done = perfstudy("try", str(study))
    assert done.returncode == 0, done.stderr
    assert "every arm answers alike" in done.stderr

"""Where state lies: at the root of the user's project, or where the reader says."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from perfstudy import paths


@pytest.mark.parametrize("mark", paths.MARKS)
def test_a_project_starts_at_the_nearest_mark(tmp_path: Path, mark: str) -> None:
    inner = tmp_path / "outer" / "inner"
    (inner / "deep" / "er").mkdir(parents=True)
    (tmp_path / "outer" / ".git").mkdir()
    (inner / mark).touch()
    assert paths.find_root(inner / "deep" / "er") == inner
    assert paths.find_root(tmp_path / "outer") == tmp_path / "outer"


def test_a_checkout_is_its_own_root_wherever_it_is_called_from(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    ask = [sys.executable, "-c", "from perfstudy import paths; print(paths.home())"]
    unset = {name: value for name, value in os.environ.items() if name != "PERFSTUDY_HOME"}
    for env, home in ((unset, paths.PROJECT / paths.STATE), (unset | {"PERFSTUDY_HOME": "named"}, tmp_path / "named")):
        said = subprocess.run(ask, cwd=tmp_path, env=env, capture_output=True, text=True, check=True).stdout
        assert Path(said.strip()) == home

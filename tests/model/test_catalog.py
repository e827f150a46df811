"""Study files: they are read where they are, and leave nothing beside them."""

import sys
from pathlib import Path

import pytest

from perfstudy.model.catalog import find_study

STUDY = """
from pathlib import Path

from perfstudy.listing import BASELINE, arms, declare

STUDY = declare(name=Path(__file__).stem, title="Mine", arms=arms([BASELINE]))
"""


def test_a_study_file_knows_its_place_and_leaves_no_bytecode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    file = tmp_path / "mine.py"
    file.write_text(STUDY)
    assert find_study(str(file)).name == "mine"
    assert list(tmp_path.iterdir()) == [file]

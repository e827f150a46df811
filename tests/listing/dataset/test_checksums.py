"""Checksums: stored for every scale, true for those that are quickly made, and an identity that notices changes."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from perfstudy.errors import PerfstudyError, UsageError
from perfstudy.listing.dataset import SCALES, checksums, compute_checksum
from perfstudy.listing.dataset.checksums import read_stored, verify, write
from perfstudy.listing.dataset.generate import Rows
from perfstudy.paths import PROJECT, seeds


@pytest.fixture
def copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the seed files, in which the checksums are looked up."""
    shutil.copytree(seeds(), tmp_path / "seeds")
    monkeypatch.setattr(checksums, "seeds", lambda: tmp_path / "seeds")
    return tmp_path / "seeds"


def test_the_rows_are_those_whose_checksum_is_stored(tiny_rows: Rows, small_rows: Rows) -> None:
    assert tiny_rows.checksum() == read_stored("tiny")
    assert small_rows.checksum() == read_stored("small")


def test_every_scale_has_a_checksum_of_its_own() -> None:
    values = [read_stored(scale.name) for scale in SCALES.values() if not scale.further]
    assert len(set(values)) == len(values) == 4
    assert all(value is not None and len(value) == 64 for value in values)


def test_the_identity_is_short_and_differs_by_scale() -> None:
    identities = {compute_checksum(scale) for scale in SCALES}
    assert len(identities) == len(SCALES)
    assert all(len(one) == 16 and int(one, 16) >= 0 for one in identities)


def test_the_identity_changes_with_any_seed(copies: Path) -> None:
    before = compute_checksum("tiny")
    for path in sorted(path for path in copies.iterdir() if path.is_file()):
        original = path.read_bytes()
        path.write_bytes(original + b"\n")
        assert compute_checksum("tiny") != before, path.name
        path.write_bytes(original)
    assert compute_checksum("tiny") == before


def test_a_further_scale_changes_the_identity_of_no_other(copies: Path) -> None:
    before = compute_checksum("tiny"), compute_checksum("huge")
    (copies / "further" / "scales.toml").write_text("# changed")
    assert compute_checksum("tiny") == before[0]
    assert compute_checksum("huge") != before[1]


def test_the_identity_changes_with_the_baseline_s_migration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = compute_checksum("tiny")
    shutil.copytree(checksums.MIGRATIONS, tmp_path / "migrations")
    monkeypatch.setattr(checksums, "MIGRATIONS", tmp_path / "migrations")
    assert compute_checksum("tiny") == before
    (tmp_path / "migrations" / "0015_more.py").write_text("# an optimization's own")
    assert compute_checksum("tiny") == before
    with (tmp_path / "migrations" / "0014_baseline.py").open("a") as file:
        file.write("# changed\n")
    assert compute_checksum("tiny") != before


def test_an_unknown_scale_has_no_identity() -> None:
    with pytest.raises(UsageError, match="unknown scale 'vast'"):
        compute_checksum("vast")


def test_other_rows_are_refused_with_the_next_step() -> None:
    verify("tiny", str(read_stored("tiny")))
    with pytest.raises(
        PerfstudyError, match=r"not [0-9a-f]{16}… as checksums.toml says.*perfstudy.listing.dataset --write"
    ):
        verify("tiny", "0" * 64)


def test_what_is_written_is_read(copies: Path) -> None:
    write({"tiny": "ab", "small": "cd"})
    assert (read_stored("tiny"), read_stored("small"), read_stored("medium")) == ("ab", "cd", None)
    (copies / "checksums.toml").unlink()
    assert read_stored("tiny") is None


def test_the_command_compares_the_scale_that_it_is_given(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "perfstudy.listing.dataset", "tiny"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == ["tiny", read_stored("tiny"), "as", "stored"]


def test_naming_a_scale_loads_nothing_heavy(run_python: Callable[[str], str]) -> None:
    code = (
        "import sys, perfstudy.listing.dataset as d; d.compute_checksum('tiny');"
        "print(sorted({'numpy', 'pyarrow', 'psycopg', 'django'} & set(sys.modules)))"
    )
    assert run_python(code) == "[]\n"


@pytest.fixture
def run_python() -> Callable[[str], str]:
    """A function that runs code in a fresh interpreter and returns what it prints."""

    def run(code: str) -> str:
        return subprocess.run(
            [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True
        ).stdout

    return run

"""The report as static files: compressed, and never changed under a name."""

import gzip
from pathlib import Path

import pytest

from perfstudy.errors import PerfstudyError
from perfstudy.report import static_files

PAGE = b"<!doctype html><title>one</title>" + b"<p>words</p>" * 1_000


def test_the_page_lies_there_compressed_too(tmp_path: Path) -> None:
    path = static_files.write(PAGE, tmp_path / "new" / "site")
    assert path.read_bytes() == PAGE
    compressed = path.with_name(f"{path.name}.gz").read_bytes()
    assert gzip.decompress(compressed) == PAGE
    assert len(compressed) < len(PAGE) / 10


def test_a_name_stands_for_its_bytes(tmp_path: Path) -> None:
    one = static_files.write(PAGE, tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.glob("report-*")}
    assert static_files.write(PAGE, tmp_path) == one
    other = static_files.write(PAGE + b"<p>more</p>", tmp_path)
    assert other != one
    assert {name: (tmp_path / name).read_bytes() for name in before} == before
    assert f'href="{other.name}"' in (tmp_path / "index.html").read_text()


def test_what_never_changes_may_be_kept_for_ever_and_the_rest_not(tmp_path: Path) -> None:
    static_files.write(PAGE, tmp_path)
    rules = dict(zip(*[iter((tmp_path / "_headers").read_text().split("\n")[:-1])] * 2, strict=True))
    assert "immutable" in rules["/report-*"]
    assert {rules["/"], rules["/index.html"]} == {"  Cache-Control: no-cache"}


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(PerfstudyError, match=r"the folder .*file cannot be made: .*name another place"):
        static_files.write(PAGE, tmp_path / "file")

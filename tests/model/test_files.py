"""Files that commands write: whole or not at all, and in the place of nothing but a file."""

import os
import resource
import socket
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from perfstudy.errors import PerfstudyError
from perfstudy.model import files


def link(place: Path) -> None:
    (place.parent / "linked").write_bytes(b"kept")
    place.symlink_to("linked")


def bind(place: Path) -> None:
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(place))


OCCUPIED: dict[str, Callable[[Path], object]] = {
    "a pipe": os.mkfifo,
    "a link": link,
    "a link to nothing": lambda place: place.symlink_to("nowhere"),
    "a folder": Path.mkdir,
    "a socket": bind,
    "a device": lambda place: os.mknod(place, stat.S_IFCHR | 0o666, os.makedev(1, 3)),
}


@pytest.mark.parametrize("kind", OCCUPIED)
def test_what_is_no_file_is_named_and_left_as_it_is(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # a socket's path is short
    place = Path("place")
    try:
        OCCUPIED[kind](place)
    except PermissionError:
        pytest.skip("only root makes devices")
    before = place.lstat()
    with pytest.raises(PerfstudyError, match=f"place is {kind.removesuffix(' to nothing')}.*; name another place$"):
        files.write(place, b"new")
    after = place.lstat()
    assert (after.st_ino, after.st_mode) == (before.st_ino, before.st_mode)
    assert {path.read_bytes() for path in tmp_path.glob("linked")} <= {b"kept"}
    assert not list(tmp_path.glob(".perfstudy-*"))


def test_the_folder_of_the_standard_streams_is_left_as_it_is() -> None:
    for place in map(Path, ("/dev/null", "/dev/stdout", "/dev/fd/1")):
        with pytest.raises(PerfstudyError, match=f"{place} is a "):
            files.write(place, b"new")
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


@pytest.mark.parametrize("name", ["x" * 256, "file/below", "nowhere/x", "a\0b", "", "..", "/proc/none/x"])
def test_a_place_that_cannot_be_written_is_one_line(name: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"kept")
    for write in (lambda: files.write(tmp_path / name, b"new"), lambda: files.make_folder(tmp_path / "file" / name)):
        with pytest.raises(PerfstudyError, match=r"; name another place$") as caught:
            write()
        assert len(str(caught.value).splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_bytes() == b"kept"


@pytest.fixture
def no_room() -> Iterator[None]:
    """A limit of a kilobyte to every file, at which the kernel refuses to write as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_what_has_no_room_is_one_line_and_leaves_what_was_there(tmp_path: Path, no_room: None) -> None:
    target = tmp_path / "x"
    target.write_bytes(b"kept")
    with pytest.raises(PerfstudyError, match=r"x cannot be written: File too large; name another place$"):
        files.write(target, bytes(100_000))
    assert target.read_bytes() == b"kept"
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_the_longest_name_and_a_file_are_written(tmp_path: Path) -> None:
    target = tmp_path / ("x" * 255)
    for content in (b"one", b"two"):
        files.write(target, content)
        assert target.read_bytes() == content
    assert [path.name for path in tmp_path.iterdir()] == [target.name]

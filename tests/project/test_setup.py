"""tools/setup.py for real: in a folder with a space and a letter beyond ASCII, twice at once, out of broken states.

The copies of the project have a short lock of the real one's entries, so that this takes seconds.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from perfstudy.paths import PROJECT

NEEDED = ("uv", "poetry-core", "hatchling", "packaging", "pathspec", "pluggy", "trove-classifiers")
COPIED = ("Makefile", "pyproject.toml", "README.md", "LICENSE", "tools/setup.py", "perfstudy/__init__.py")
NOBODY = 65534


def pinned(*names: str) -> str:
    """The entries of the real lock for *names*."""
    entries = (PROJECT / "requirements.lock").read_text(encoding="utf-8").split("\n")
    kept, keeping = [], False
    for line in entries:
        if line and not line.startswith((" ", "#")):
            keeping = line.split("==")[0] in names
        if keeping and not line.lstrip().startswith("#"):
            kept.append(line)
    return "\n".join(kept) + "\n"


def copy(folder: Path) -> Path:
    """A copy of the project in *folder*, with the short lock."""
    for name in COPIED:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT / name, folder / name)
    (folder / "requirements.lock").write_text(pinned(*NEEDED), encoding="utf-8")
    return folder


def environment(**changes: str) -> dict[str, str]:
    """The environment of this process without what make and the test runner set in it."""
    set_here = ("MAKE", "MFLAGS", "PYTEST", "PYTHON", "VIRTUAL_ENV")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(set_here)}
    return {**kept, "PYTHONDONTWRITEBYTECODE": "1", **changes}


def start(folder: Path, **changes: str) -> "subprocess.Popen[str]":
    """Start `make setup` in *folder*."""
    return subprocess.Popen(
        ["make", "setup"], cwd=folder, env=environment(**changes), stdout=-1, stderr=subprocess.STDOUT, text=True
    )


def setup(folder: Path, **changes: str) -> tuple[int, str]:
    """Run `make setup` in *folder*; its exit status and what it said."""
    process = start(folder, **changes)
    said, _ = process.communicate(timeout=300)
    return process.returncode, said


def imported_from(folder: Path) -> Path:
    """The folder that ``perfstudy`` comes from in the environment of *folder*, asked from elsewhere in the C locale."""
    ask = [str(folder / ".venv/bin/python"), "-c", "import perfstudy, os; os.write(1, os.fsencode(perfstudy.__file__))"]
    answer = subprocess.run(ask, cwd="/", env={**environment(), "LC_ALL": "C"}, capture_output=True, check=True)
    return Path(os.fsdecode(answer.stdout)).parent.parent


def identity(folder: Path) -> tuple[int, int]:
    """What changes when an environment is made again, and when it is only brought up to date."""
    return (folder / ".venv/pyvenv.cfg").stat().st_ino, (folder / ".venv/perfstudy-stamp.json").stat().st_mtime_ns


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy whose environment was made by two processes that started at the same time."""
    folder = copy(tmp_path_factory.mktemp("set up") / "a stüdy")
    processes = [start(folder) for _ in range(2)]
    said = [process.communicate(timeout=300)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], said
    assert sum(text.count("making .venv") for text in said) == 1, said
    return folder


def test_two_at_once_make_one_environment(made: Path) -> None:
    assert imported_from(made) == made


def test_the_bytecode_is_there_although_the_environment_forbids_it(made: Path) -> None:
    (package,) = made.glob(".venv/lib/python3*/site-packages/hatchling")
    assert list(package.glob("__pycache__/*.pyc"))


def test_a_second_run_says_and_changes_nothing(made: Path) -> None:
    before = identity(made)
    assert setup(made) == (0, "")
    assert identity(made) == before


def test_a_changed_lock_is_caught_up_with_in_place(made: Path) -> None:
    before = identity(made)
    (made / "requirements.lock").write_text(pinned(*NEEDED, "iniconfig"), encoding="utf-8")
    status, said = setup(made)
    assert (status, "requirements.lock or pyproject.toml changed" in said) == (0, True), said
    assert identity(made)[0] == before[0]
    assert identity(made)[1] != before[1]
    assert list(made.glob(".venv/lib/python3*/site-packages/iniconfig"))
    assert imported_from(made) == made


def test_a_moved_folder_is_noticed(made: Path) -> None:
    """Its programs and its link to the project would still be those of the old place."""
    moved = made.rename(made.with_name("moved"))
    look = "import runpy; print(runpy.run_path('tools/setup.py')['unusable'](''))"
    answer = subprocess.run([sys.executable, "-c", look], cwd=moved, capture_output=True, text=True, check=True)
    moved.rename(made)
    assert answer.stdout == "it was made in another folder\n"


def test_a_failure_says_what_to_do_and_is_healed_afterwards(made: Path, tmp_path: Path) -> None:
    (made / "requirements.lock").write_text(pinned(*NEEDED, "sqlparse"), encoding="utf-8")
    nowhere = "http://127.0.0.1:9/simple"
    status, said = setup(made, PIP_INDEX_URL=nowhere, UV_CACHE_DIR=str(tmp_path / "cache"), UV_HTTP_RETRIES="0")
    assert status != 0
    assert "requirements.lock could not be installed" in said
    assert "If PyPI could not be reached" in said
    assert not (made / ".venv/perfstudy-stamp.json").exists()

    moved = made.rename(made.with_name("moved"))
    status, said = setup(moved)
    assert (status, "never finished" in said) == (0, True), said
    assert imported_from(moved) == moved


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A copy with nothing made yet."""
    return copy(tmp_path / "bare")


def fake(folder: Path, name: str, answer: object) -> Path:
    """A program called *name* that answers like a Python asked about itself."""
    folder.mkdir(exist_ok=True)
    program = folder / name
    program.write_text(f"#!/bin/sh\ncat <<'END'\n{json.dumps(answer)}\nEND\n", encoding="utf-8")
    program.chmod(0o755)
    return program


def test_an_old_python_is_refused(bare: Path, tmp_path: Path) -> None:
    old = fake(tmp_path / "old", "python3", [[3, 9], "3.9.2 (default)", "/usr/bin/python3.9", [], True])
    status, said = setup(bare, PYTHON=str(old))
    assert (status != 0, f"PYTHON={old} is Python 3.9.2: too old" in said) == (True, True), said
    assert not (bare / ".venv").exists()


def test_a_missing_python_is_named(bare: Path) -> None:
    status, said = setup(bare, PYTHON="no-such-python")
    assert (status != 0, "PYTHON=no-such-python does not run as Python 3" in said) == (True, True), said


def test_every_unusable_python_is_listed_with_its_flaw(bare: Path, tmp_path: Path) -> None:
    path = tmp_path / "path"
    fake(path, "python3.11", [[3, 11], "3.11.2 (main)", "/usr/bin/python3.11", ["ensurepip"], True])
    fake(path, "python3", [[3, 10], "3.10.1 (main)", "/usr/bin/python3.10", [], True])
    fake(path, "python3.15", [[3, 15], "3.15.0a1 (main)", "/usr/bin/python3.15", [], False])
    for tool in ("sh", "cat"):
        (path / tool).symlink_to(str(shutil.which(tool)))
    answer = subprocess.run(
        [sys.executable, "tools/setup.py"], cwd=bare, env=environment(PATH=str(path)), capture_output=True, text=True
    )
    assert answer.returncode == 1
    assert "no usable Python 3.11 or later was found" in answer.stderr
    assert "python3.11: 3.11.2, lacks ensurepip (on Debian and Ubuntu: apt install python3.11-venv)" in answer.stderr
    assert "python3: 3.10.1, too old" in answer.stderr
    assert "python3.15: 3.15.0a1, a pre-release" in answer.stderr


def test_a_file_in_the_way_is_left_alone(bare: Path) -> None:
    (bare / ".venv").write_text("mine", encoding="utf-8")
    status, said = setup(bare)
    assert (status != 0, "is not a folder; move it out of the way" in said) == (True, True), said
    assert (bare / ".venv").read_text(encoding="utf-8") == "mine"


@pytest.fixture
def another_user_s() -> Iterator[Path]:
    """A copy that belongs to an ordinary user without a home."""
    with tempfile.TemporaryDirectory() as name:
        folder = copy(Path(name) / "a study")
        for path in (Path(name), *Path(name).rglob("*")):
            os.chown(path, NOBODY, NOBODY)
        yield folder


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can run it as somebody else")
def test_an_ordinary_user_without_a_home_can_make_it(another_user_s: Path) -> None:
    path = "/usr/local/bin:/usr/bin:/bin"
    able = "import ensurepip, sys; sys.exit(sys.version_info < (3, 11))"
    as_nobody = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    if subprocess.run(["python3", "-c", able], env={"PATH": path}, check=False, **as_nobody).returncode:  # type: ignore[call-overload]
        pytest.skip("the system's own Python is too old, or lacks ensurepip")
    answer = subprocess.run(  # type: ignore[call-overload]
        ["make", "setup"],
        cwd=another_user_s,
        env=environment(PATH=path, HOME="/nonexistent"),
        capture_output=True,
        text=True,
        check=False,
        **as_nobody,
    )
    assert answer.returncode == 0, answer.stderr
    assert imported_from(another_user_s) == another_user_s
    assert (another_user_s / ".venv/bin/python").lstat().st_uid == NOBODY

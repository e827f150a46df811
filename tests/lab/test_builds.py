"""Builds of checked-out commits: once each, and with a message where one fails."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from perfstudy.errors import PerfstudyError, UsageError
from perfstudy.lab.builds import build, find_python, hash_lock
from perfstudy.lab.worktrees import Tree, Worktrees, is_finished, resolve_ref

from .repositories import commit, git

pytestmark = pytest.mark.usefixtures("bare_home")


@pytest.fixture
def tree(repository: Path) -> Tree:
    return Worktrees().checkout(repository, resolve_ref(repository, "HEAD"))


@pytest.fixture
def count(tree: Tree) -> Callable[..., int]:
    """Build with a command that leaves a line each time, and return how many there are."""

    def start(command: str = "echo built >> builds.txt", where: Tree = tree) -> int:
        build(where, ("sh", "-c", command), sys.executable, {}, lambda line: None)
        return len((where.folder / "builds.txt").read_text().splitlines())

    return start


def test_a_commit_is_built_once_for_each_lock_file_and_command(tree: Tree, count: Callable[..., int]) -> None:
    assert [count(), count()] == [1, 1]
    assert count("echo again >> builds.txt") == 2
    (tree.folder / "uv.lock").write_text("a newer version")
    assert [count("echo again >> builds.txt") for _ in range(2)] == [3, 3]


def test_an_environment_whose_interpreter_is_gone_is_built_anew(tree: Tree, count: Callable[..., int]) -> None:
    make = "mkdir -p .venv/bin; ln -sf ../../base .venv/bin/python; touch base; echo built >> builds.txt"
    assert [count(make), count(make)] == [1, 1]
    (tree.folder / "base").unlink()
    assert [count(make), count(make)] == [2, 2]


def test_a_build_lasts_from_one_run_to_the_next(repository: Path, tree: Tree, count: Callable[..., int]) -> None:
    change = "echo built >> builds.txt; echo more >> code.txt"
    count(change)
    assert is_finished(tree)
    assert Worktrees().checkout(repository, tree.sha) == tree
    assert count(change) == 1
    (tree.folder / "code.txt").write_text("changed since")
    assert Worktrees().checkout(repository, tree.sha) == tree
    assert count(change) == 1  # in a tree that was made anew, in which nothing was built
    assert (tree.folder / "code.txt").read_text() == "two\nmore\n"


def test_a_working_tree_of_the_readers_own_is_built_each_time(repository: Path, count: Callable[..., int]) -> None:
    own = Tree(repository, "", repository)
    assert [count(where=own), count(where=own)] == [1, 2]
    assert git(repository, "status", "--porcelain") == "?? builds.txt"


def test_a_build_gets_its_interpreter_its_environment_and_its_folder(tree: Tree, tmp_path: Path) -> None:
    (tree.folder / "app" / ".venv" / "bin").mkdir(parents=True)
    (tree.folder / "app" / ".venv" / "bin" / "python").symlink_to("removed since")
    told: list[str] = []
    program = "import os, sys; open('made', 'w').write(os.environ['MODE'])"
    build(tree, ("{python}", "-c", program), sys.executable, {"MODE": "fast"}, told.append, folder="app")
    assert (tree.folder / "app" / "made").read_text() == "fast"
    assert told == [f"building {tree.sha[:12]}: {{python}} -c {program}"]
    build(tree, "", sys.executable, {}, told.append)
    assert len(told) == 1


def test_a_failed_build_names_what_only_the_working_tree_has(
    repository: Path, tree: Tree, count: Callable[..., int]
) -> None:
    commit(repository, __gitignore="*.env\n")
    for name in ("data.bin", "local.env"):
        (repository / name).touch()
    for _ in range(2):  # a failed build is not remembered
        with pytest.raises(PerfstudyError) as caught:
            count("seq 40; cat data.bin; echo token-1; exit 7")
    first, *rest = str(caught.value).splitlines()
    assert first.startswith(f"the build of {tree.sha[:12]} failed: command ")
    assert "ended with exit status 7; its log is " in first
    assert first.endswith("a ref has only committed files, and the working tree has also data.bin, local.env")
    assert len(rest) == 12
    assert count() == 1
    with pytest.raises(UsageError, match=r"{port} in 'run{port}' has no value: use {python}"):
        build(tree, "run{port}", sys.executable, {}, print)


def test_the_lock_files_that_are_found(repository: Path) -> None:
    inner = repository / "services" / "shop"
    inner.mkdir(parents=True)
    (repository.parent / "uv.lock").touch()  # above the repository, and no part of it
    assert hash_lock(inner) == ""
    seen = {""}
    names = ("package-lock.json", "requirements-dev.txt", "requirements.txt", "Pipfile.lock", "pdm.lock", "poetry.lock")
    for name in (*names, "uv.lock"):
        (repository / name).write_text(name)
        seen.add(hash_lock(inner))
    (inner / "uv.lock").write_text("nearer")
    assert len(seen | {hash_lock(inner)}) == 9


def make_interpreter(path: Path, text: str = f'#!/bin/sh\nexec "{sys.executable}" "$@"\n') -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def test_the_interpreter_of_the_tree_the_declared_one_and_the_readers(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = repository / "services"
    inner.mkdir()
    theirs = make_interpreter(tmp_path / "theirs" / "python3")
    monkeypatch.setenv("PATH", os.pathsep.join([str(Path(sys.prefix, "bin")), str(theirs.parent), os.defpath]))
    assert find_python(inner) == str(theirs)
    named = make_interpreter(inner / "env" / "python")
    assert find_python(inner, "env/python") == str(named)
    assert find_python(inner, "python3") == str(theirs)
    own = make_interpreter(repository / ".venv" / "bin" / "python")
    assert find_python(inner, "env/python") == str(own)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("#!/absent/python\n", "No such file or directory"),
        ("#!/bin/sh\necho its libraries are gone >&2; exit 1\n", "its libraries are gone"),
        ("#!/bin/sh\nexit 0\n", "it is no Python"),
    ],
)
def test_an_interpreter_that_does_not_run(repository: Path, text: str, reason: str) -> None:
    broken = make_interpreter(repository / "python", text)
    with pytest.raises(UsageError) as caught:
        find_python(repository, "./python")
    assert str(caught.value) == f"the interpreter {broken} does not run: {reason}; correct python="
    (repository / ".venv" / "bin").mkdir(parents=True)
    (repository / ".venv" / "bin" / "python").symlink_to(repository / "removed")
    with pytest.raises(UsageError, match=r"python does not run: No such file .*; create the environment again$"):
        find_python(repository)


def test_no_interpreter_at_all(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(Path(sys.prefix, "bin")))
    with pytest.raises(UsageError, match=r"name one with python=, or build a \.venv$"):
        find_python(repository)
    with pytest.raises(UsageError, match=r"^python='python3\.99' is not on the path"):
        find_python(repository, "python3.99")


def test_a_build_that_was_stopped_leaves_nothing_for_the_next(tree: Tree, count: Callable[..., int]) -> None:
    make = "test ! -e half || exit 1; touch half; test -e ../ok || exit 2; echo built >> builds.txt"
    with pytest.raises(PerfstudyError, match="exit status 2"):
        count(make)
    (tree.folder.parent / "ok").touch()
    assert count(make) == 1

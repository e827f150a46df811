"""Commits checked out beside a reader's working tree, which stays byte for byte as it is."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from perfstudy.errors import PerfstudyError
from perfstudy.lab.processes import wait_until
from perfstudy.lab.worktrees import Tree, Worktrees, is_finished, mark_finished, resolve_ref

from .repositories import commit, git, make_repository, snapshot

HOLD = """
import sys
from pathlib import Path
from perfstudy.lab.worktrees import Worktrees
trees = Worktrees()
print(trees.checkout(Path(sys.argv[1]), sys.argv[2]).folder, flush=True)
sys.stdin.read()
"""
"""A process that checks a commit out, and uses it until its input ends."""


pytestmark = pytest.mark.usefixtures("bare_home")


def entries(repository: Path) -> list[str]:
    """The folders that git knows as worktrees of *repository*, its own left out."""
    lines = git(repository, "worktree", "list", "--porcelain").splitlines()
    return [line.removeprefix("worktree ") for line in lines if line.startswith("worktree ")][1:]


def hold(repository: Path, sha: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", HOLD, str(repository), sha]
    return subprocess.Popen(
        command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )


def checkout(repository: Path, ref: str = "HEAD~1") -> Tree:
    return Worktrees().checkout(repository, resolve_ref(repository, ref))


def test_the_readers_repository_is_left_as_it_was(repository: Path, bare_home: Path) -> None:
    git(repository, "worktree", "add", "--quiet", "--detach", "../absent")
    (repository.parent / "absent").rename(repository.parent / "drive")  # another worktree, whose drive is absent now
    for hook in ("post-checkout", "reference-transaction", "post-index-change"):
        path = repository / ".git" / "hooks" / hook
        path.write_text(f"#!/bin/sh\ntouch '{bare_home.parent}/{hook}'\n")
        path.chmod(0o755)
    (repository / "code.txt").write_text("three\n")
    (repository / "new.txt").touch()
    before = snapshot(repository)
    tree = checkout(repository)
    assert (tree.folder / "code.txt").read_text() == "one\n"
    assert not (tree.folder / "new.txt").exists()
    assert (tree.sha, tree.repository) == (git(tree.folder, "rev-parse", "HEAD"), repository)
    added = {name for name in snapshot(repository) if name not in before}
    assert added
    assert all(name.startswith(f".git/worktrees/{tree.folder.name}/") for name in added)
    assert Worktrees().sweep() == (1, 0)
    assert snapshot(repository) == before
    assert not list((bare_home / "worktrees").iterdir())
    assert not list(bare_home.parent.glob("*post-*"))
    assert not (bare_home.parent / "reference-transaction").exists()


def test_no_entry_of_ours_outlives_the_last_worktree(repository: Path) -> None:
    trees = Worktrees()
    first, second = (trees.checkout(repository, resolve_ref(repository, ref)) for ref in ("HEAD", "HEAD~1"))
    assert set(entries(repository)) == {str(first.folder), str(second.folder)}
    assert trees.remove(first)
    assert entries(repository) == [str(second.folder)]
    (second.folder / "fixed").mkdir()
    (second.folder / "fixed" / "file").touch()
    (second.folder / "fixed").chmod(0o500)
    assert trees.remove(second)
    assert not (repository / ".git" / "worktrees").exists()
    assert not trees.remove(Tree(repository, "", repository))
    assert repository.exists()


def test_a_sound_tree_is_used_again_with_what_was_built_in_it(repository: Path) -> None:
    tree = checkout(repository)
    (tree.folder / ".venv").mkdir()
    (tree.folder / "code.txt").write_text("built\n")
    mark_finished(tree)
    assert checkout(repository) == tree
    assert (tree.folder / ".venv").exists()
    assert (tree.folder / "code.txt").read_text() == "built\n"


DAMAGE = {
    "a changed file": lambda tree: (tree.folder / "code.txt").write_text("changed"),
    "a removed file": lambda tree: (tree.folder / "code.txt").unlink(),
    "another commit": lambda tree: git(tree.folder, "checkout", "--quiet", "--detach", "main"),
    "the worktree is gone": lambda tree: tree.folder.rename(tree.folder.with_name("elsewhere")),
    "its link is gone": lambda tree: (tree.folder / ".git").unlink(),
    "git has forgotten it": lambda tree: git(tree.repository, "worktree", "remove", "--force", str(tree.folder)),
    "a killed checkout": lambda tree: (tree.slot / "finished").unlink(),
    "locked while it was made": lambda tree: (
        git(tree.repository, "worktree", "lock", str(tree.folder)),
        (tree.slot / "finished").unlink(),
    ),
    "no record": lambda tree: [(tree.slot / name).unlink() for name in ("tree.json", "finished")],
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_tree_is_made_anew(repository: Path, damage: str) -> None:
    tree = checkout(repository)
    DAMAGE[damage](tree)
    assert not is_finished(tree)
    assert checkout(repository) == tree
    assert (tree.folder / "code.txt").read_text() == "one\n"
    assert git(tree.folder, "rev-parse", "HEAD") == tree.sha
    assert entries(repository) == [str(tree.folder)]


def test_the_command_that_removes_worktrees(repository: Path) -> None:
    clean = [sys.executable, "-m", "perfstudy", "lab", "clean"]
    user = hold(repository, resolve_ref(repository, "HEAD"))
    assert user.stdout
    assert user.stdout.readline()
    checkout(repository)
    said = subprocess.run(clean, capture_output=True, text=True, check=True)
    assert said.stdout.splitlines() == ["removed 1 worktree.", "1 worktree in use: stop the runs first."]
    user.communicate()
    assert subprocess.run(clean, capture_output=True, text=True, check=True).stdout == "removed 1 worktree.\n"
    assert subprocess.run(clean, capture_output=True, text=True, check=True).stdout == "no worktree to remove.\n"
    assert entries(repository) == []


@pytest.mark.parametrize("damage", ["a changed file", "the worktree is gone", "no record"])
def test_a_damaged_tree_is_swept(repository: Path, damage: str) -> None:
    DAMAGE[damage](checkout(repository))
    Worktrees().sweep()
    assert not (repository / ".git" / "worktrees").exists()


def test_the_repository_or_the_home_is_gone(repository: Path, bare_home: Path) -> None:
    checkout(repository)
    bare_home.rename(bare_home.with_name("old home"))  # as by `rm -rf`, which leaves git's entry behind
    tree = checkout(repository)
    assert entries(repository) == [str(tree.folder)]
    repository.rename(repository.with_name("moved"))
    assert Worktrees().sweep() == (1, 0)
    assert not list((bare_home / "worktrees").iterdir())


def test_a_file_that_differs_from_the_start_does_not_make_a_tree_unsound(repository: Path) -> None:
    (repository / "lines.txt").write_bytes(b"one\r\ntwo\r\n")
    commit(repository, lines__txt="one\r\n")
    commit(repository, **{"__gitattributes": "lines.txt text eol=crlf\n"})
    tree = checkout(repository, "HEAD")
    (tree.folder / "kept").touch()
    assert checkout(repository, "HEAD") == tree
    assert (tree.folder / "kept").exists()


def test_processes_share_a_worktree_and_none_removes_it_from_under_another(repository: Path) -> None:
    sha = resolve_ref(repository, "HEAD")
    users = [hold(repository, sha) for _ in range(3)]
    assert len({user.stdout.readline() for user in users if user.stdout}) == 1
    trees = Worktrees()
    tree = trees.checkout(repository, sha)
    assert not trees.remove(tree)
    assert trees.sweep() == (0, 1)
    (tree.folder / "code.txt").write_text("changed")
    with pytest.raises(PerfstudyError, match=r"was changed, and another run uses it: wait until that run has ended$"):
        Worktrees().checkout(repository, sha)
    for user in users:
        user.send_signal(signal.SIGKILL)
        user.communicate()
    assert trees.sweep() == (1, 0)
    assert entries(repository) == []


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_run_that_ends_while_git_works_does_not_hinder_the_next(
    repository: Path, tmp_path: Path, number: signal.Signals
) -> None:
    started = tmp_path / "started"
    # A filter that never ends, which git runs as a child: the checkout is cut off in its middle.
    git(repository, "config", "filter.endless.smudge", f"touch '{started}'; exec tail -f /dev/null")
    sha = commit(repository, **{"__gitattributes": "code.txt filter=endless\n"})
    victim = hold(repository, sha)
    assert wait_until(started.exists, 30)
    victim.send_signal(number)
    victim.communicate()
    if number == signal.SIGINT:  # it had the time to clear up
        assert entries(repository) == []
    git(repository, "config", "filter.endless.smudge", "cat")
    assert (Worktrees().checkout(repository, sha).folder / "code.txt").read_text() == "two\n"


def test_a_failed_checkout_leaves_no_entry(repository: Path) -> None:
    sha = commit(repository, **{"__gitattributes": "code.txt filter=broken\n"})
    git(repository, "config", "filter.broken.smudge", "false")
    git(repository, "config", "filter.broken.required", "true")
    with pytest.raises(PerfstudyError, match=r"^git worktree failed: ") as caught:
        Worktrees().checkout(repository, sha)
    assert len(str(caught.value).splitlines()) == 1
    assert entries(repository) == []


@pytest.fixture
def composed(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a submodule that has a submodule."""
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "protocol.file.allow")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "always")
    inner, outer = (make_repository(tmp_path / name) for name in ("inner", "outer"))
    for above, below in ((outer, inner), (repository, outer)):
        git(above, "submodule", "--quiet", "add", f"../{below.name}", f"lib/{below.name}")
        commit(above)
    git(tmp_path, "clone", "--quiet", str(repository), "clone")
    return tmp_path / "clone"


def test_submodules_are_checked_out_and_the_configuration_stays(composed: Path) -> None:
    before = snapshot(composed)
    tree = checkout(composed, "HEAD")
    assert (tree.folder / "lib/outer/lib/inner/code.txt").read_text() == "two\n"
    assert snapshot(composed).items() >= before.items()
    assert checkout(composed, "HEAD") == tree
    assert Worktrees().sweep() == (1, 0)
    assert snapshot(composed) == before


def test_submodules_that_cannot_be_fetched(composed: Path, tmp_path: Path) -> None:
    (tmp_path / "outer").rename(tmp_path / "out of reach")
    with pytest.raises(PerfstudyError, match=r"^the submodules of \w{12} could not be fetched .*tree=") as caught:
        checkout(composed, "HEAD")
    assert len(str(caught.value).splitlines()) == 1
    assert entries(composed) == []


def test_a_commit_of_a_bare_repository(repository: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--bare", str(repository), "shop.git")
    bare = tmp_path / "shop.git"
    assert (checkout(bare, "main").folder / "code.txt").read_text() == "two\n"
    assert Worktrees().sweep() == (1, 0)
    assert entries(bare) == []


def test_a_home_inside_the_repository(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERFSTUDY_HOME", str(repository / ".perfstudy"))
    tree = checkout(repository)
    assert tree.folder.is_relative_to(repository)
    (tree.folder / ".git").unlink()  # git would now find the repository around it
    assert not is_finished(tree)
    assert (checkout(repository).folder / ".git").exists()

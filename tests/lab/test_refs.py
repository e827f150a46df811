"""The commit that a ref names, and every way in which it names none."""

import os
from pathlib import Path

import pytest

from perfstudy.errors import UsageError
from perfstudy.lab.refs import TreeState, describe_tree, find_repository, list_uncommitted, resolve_ref

from .repositories import commit, git, make_repository, snapshot

pytestmark = pytest.mark.usefixtures("bare_home")


@pytest.mark.parametrize("bare", [False, True])
def test_every_way_to_name_a_commit(repository: Path, tmp_path: Path, bare: bool) -> None:
    old, new = git(repository, "rev-parse", "HEAD~1"), git(repository, "rev-parse", "HEAD")
    git(repository, "branch", "feature/prefetch")
    git(repository, "tag", "--annotate", "v1", "--message", "the first", old)
    git(repository, "update-ref", "refs/remotes/origin/main", old)
    if bare:
        git(tmp_path, "clone", "--quiet", "--mirror", str(repository), "shop.git")
        repository = tmp_path / "shop.git"
        assert find_repository(repository) == repository
    known = {"HEAD": new, "main": new, "HEAD~1": old, "feature/prefetch": new, "v1": old, "origin/main": old}
    known |= {new[:9]: new, old: old, "main^": old}
    assert {ref: resolve_ref(repository, ref) for ref in known} == known


@pytest.mark.parametrize("ref", ["", " ", "-q", "--all", "main\n", "ma\x00in", "\x1b[31m"])
def test_a_ref_that_git_would_read_otherwise_is_refused(repository: Path, ref: str) -> None:
    with pytest.raises(UsageError, match=r"cannot name a commit: give a branch, a tag or a sha$"):
        resolve_ref(repository, ref)


@pytest.mark.parametrize(
    ("ref", "message"),
    [
        ("prefecth", r"unknown ref 'prefecth': did you mean prefetch\?$"),
        ("later", r"unknown ref 'later': did you mean feature/later\?$"),
        ("HEAD~7", "unknown ref 'HEAD~7': did you mean "),
        ("main..prefetch", r"unknown ref 'main\.\.prefetch'"),
        ("HEAD:code.txt", "unknown ref 'HEAD:code.txt'"),
        ("fix-floors", r"unknown ref 'fix-floors': did you mean "),
        ("origin/new", "ref 'origin/new' is not here: git fetch origin new$"),
        ("origin/new~2", "ref 'origin/new~2' is not here: git fetch origin new$"),
        ("both", "ref 'both' has two meanings: write refs/heads/both or refs/tags/both$"),
        ("both~1", "ref 'both~1' has two meanings"),
    ],
)
def test_a_ref_that_names_no_commit_says_what_would(repository: Path, ref: str, message: str) -> None:
    for name in ("prefetch", "feature/later", "both"):
        git(repository, "branch", name)
    git(repository, "tag", "both", "HEAD~1")
    git(repository, "remote", "add", "origin", "https://git.example/shop.git")
    with pytest.raises(UsageError, match=message) as caught:
        resolve_ref(repository, ref)
    assert len(str(caught.value).splitlines()) == 1


def test_a_shallow_clone_names_the_way_to_the_rest(repository: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--depth", "1", f"file://{repository}", "shallow")
    for ref in ("origin/other", "HEAD~1"):
        with pytest.raises(UsageError) as caught:
            resolve_ref(tmp_path / "shallow", ref)
        expected = f"ref {ref!r} is not here: git fetch --unshallow, or fetch-depth: 0 in the workflow"
        assert str(caught.value) == expected


def test_a_folder_outside_a_repository_and_one_that_is_missing(tmp_path: Path) -> None:
    assert find_repository(tmp_path) is None
    assert describe_tree(tmp_path) == TreeState()
    with pytest.raises(UsageError, match=r"is in no git repository, and a ref needs one: use tree="):
        resolve_ref(tmp_path, "main")
    with pytest.raises(UsageError, match=r"there is no folder '.*absent': name one that exists"):
        resolve_ref(tmp_path / "absent", "main")


def test_git_is_missing(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match=r"^git is not installed, and a ref needs it: install git, or compare trees$"):
        resolve_ref(repository, "main")


def test_another_users_repository_names_the_command_that_mends_it(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")  # git's own way to pretend it
    for ask in (find_repository, describe_tree, lambda folder: resolve_ref(folder, "main")):
        with pytest.raises(UsageError) as caught:
            ask(repository)
        assert str(caught.value) == (
            f"git does not trust {str(repository)!r}, which belongs to another user: "
            f"git config --global --add safe.directory '{repository}'"
        )


def test_a_hooks_environment_does_not_point_git_elsewhere(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_repository(tmp_path / "other")
    commit(other, more="other")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / ".git" / "index"))
    found = resolve_ref(repository, "HEAD"), find_repository(repository)
    monkeypatch.undo()
    assert found == (git(repository, "rev-parse", "HEAD"), repository)


def test_a_dirty_tree_is_described_and_left_alone(repository: Path) -> None:
    commit(repository, **{"gone.txt": "", "__gitignore": "*.env\nnode_modules/\n"})
    (repository / "gone.txt").unlink()
    (repository / "code.txt").write_text("three\n")
    (repository / "staged é.txt").touch()
    git(repository, "add", "staged é.txt")
    for name in ("data/one.bin", "two\nlines.txt", "local.env", "node_modules/x.js"):
        (repository / name).parent.mkdir(exist_ok=True)
        (repository / name).touch()
    os.utime(repository / ".gitignore", (1, 1))  # so that git would refresh its index, if it were let
    before = snapshot(repository)
    found = describe_tree(repository / "data")
    assert found.sha == git(repository, "rev-parse", "HEAD")
    assert set(found.changed) == {"code.txt", "gone.txt", "staged é.txt"}
    assert set(found.untracked) == {"data/", "two\nlines.txt"}
    assert set(list_uncommitted(repository)) == {"data/", "two\nlines.txt", "local.env"}
    assert snapshot(repository) == before


def test_a_clean_tree_and_one_without_a_commit(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PERFSTUDY_HOME", str(repository / ".perfstudy"))
    (repository / ".perfstudy").mkdir()
    (repository / ".perfstudy" / "state").touch()  # our own files are no part of the reader's tree
    found = describe_tree(repository)
    assert found == TreeState(git(repository, "rev-parse", "HEAD"))
    (tmp_path / "empty").mkdir()
    git(tmp_path / "empty", "init", "--quiet")
    (tmp_path / "empty" / "new.py").touch()
    assert describe_tree(tmp_path / "empty") == TreeState("", (), ("new.py",))
    with pytest.raises(UsageError, match=r"unknown ref 'HEAD': there is none yet"):
        resolve_ref(tmp_path / "empty", "HEAD")

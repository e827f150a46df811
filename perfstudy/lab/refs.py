"""Find a repository, the commit that a ref names, and what a working tree holds."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from perfstudy import paths
from perfstudy.errors import UsageError, unknown
from perfstudy.lab.git import GitError, run_git

SHALLOW = "git fetch --unshallow, or fetch-depth: 0 in the workflow"


@dataclass(frozen=True)
class TreeState:
    """What a working tree holds: its commit, and the files that differ from it.

    The names are relative to the top of the repository; a folder that is untracked as a whole is one name, which ends
    with a slash. *sha* is empty outside a repository and before the first commit.
    """

    sha: str = ""
    changed: tuple[str, ...] = ()
    untracked: tuple[str, ...] = ()


def find_repository(folder: Path) -> Path | None:
    """Return the top of the working tree that *folder* lies in; None outside one.

    Of a bare repository it is the folder of the repository itself.

    Raises:
        UsageError: git is not installed, or does not trust the folder's owner.
    """
    try:
        bare = run_git(folder, "rev-parse", "--is-bare-repository").strip() == "true"
        top = run_git(folder, "rev-parse", "--absolute-git-dir" if bare else "--show-toplevel")
    except GitError:
        return None
    return Path(top.removesuffix("\n"))


def find_git_folder(repository: Path) -> Path:
    """Return the folder that the worktrees of *repository* share, resolved.

    Raises:
        UsageError: it is no repository.
    """
    try:
        found = run_git(repository, "rev-parse", "--git-common-dir").removesuffix("\n")
    except GitError:
        raise UsageError(f"{str(repository)!r} is in no git repository, and a ref needs one: use tree=") from None
    return (repository / found).resolve()


def resolve_ref(repository: Path, ref: str) -> str:
    """Return the full sha of the commit that *ref* names.

    Raises:
        UsageError: nothing here has the name, or more than one commit does.
    """
    if not ref.strip() or ref.startswith("-") or not ref.isprintable():
        raise UsageError(f"ref {ref!r} cannot name a commit: give a branch, a tag or a sha")
    find_git_folder(repository)
    _refuse_ambiguous(repository, ref)
    try:
        return run_git(repository, "rev-parse", "--verify", f"{ref}^{{commit}}").strip()
    except GitError as error:
        raise _explain(repository, ref, error.answer) from None


def _refuse_ambiguous(repository: Path, ref: str) -> None:
    """Refuse a name that both a tag and a branch have, of which git takes the tag."""
    name = _strip_steps(ref)
    places = [f"refs/{kind}/{name}" for kind in ("heads", "tags", "remotes")]
    found = run_git(repository, "for-each-ref", "--format=%(refname)", *places).splitlines()
    exact = [place for place in found if place in places]
    if len(exact) > 1:
        raise UsageError(f"ref {ref!r} has two meanings: write {' or '.join(exact)}")


def _strip_steps(ref: str) -> str:
    """Return the name that *ref* begins with: ``main`` of ``main~2``."""
    return re.split(r"[~^]|@\{", ref)[0]


def _explain(repository: Path, ref: str, answer: str) -> UsageError:
    if re.search("short .*is ambiguous", answer):
        return UsageError(f"ref {ref!r} begins the sha of several objects: give more of its digits")
    if run_git(repository, "rev-parse", "--is-shallow-repository").strip() == "true":
        return UsageError(f"ref {ref!r} is not here: {SHALLOW}")
    remote, _, branch = _strip_steps(ref).partition("/")
    if branch and remote in run_git(repository, "remote").split():
        return UsageError(f"ref {ref!r} is not here: git fetch {remote} {branch}")
    names = run_git(repository, "for-each-ref", "--format=%(refname:short)").split()
    same = [name for name in names if name.endswith(f"/{ref}")]
    return unknown("ref", ref, same or names)


def describe_tree(folder: Path) -> TreeState:
    """Return what the working tree around *folder* holds, without changing anything."""
    repository = find_repository(folder)
    if repository is None:
        return TreeState()
    try:
        entries = _read_status(repository)
    except GitError:  # a bare repository has no working tree
        return TreeState(sha=_read_head(repository))
    untracked = tuple(name for kind, name in entries if kind == "??" and not _is_ours(repository / name))
    changed = tuple(name for kind, name in entries if kind != "??")
    return TreeState(_read_head(repository), changed, untracked)


def list_uncommitted(repository: Path) -> tuple[str, ...]:
    """Return the files of the working tree that no commit has, ignored ones as well.

    An ignored folder is left out: it is most often a cache or an environment.
    """
    try:
        entries = _read_status(repository, "--ignored=traditional")
    except GitError:
        return ()
    kept = [name for kind, name in entries if kind == "??" or (kind == "!!" and not name.endswith("/"))]
    return tuple(name for name in kept if not _is_ours(repository / name))


def _read_head(repository: Path) -> str:
    try:
        return run_git(repository, "rev-parse", "--verify", "HEAD^{commit}").strip()
    except GitError:
        return ""


def _read_status(repository: Path, *options: str) -> list[tuple[str, str]]:
    """Return two letters and a name for each file that differs."""
    found = run_git(repository, "status", "--porcelain", "-z", "--untracked-files=normal", "--no-renames", *options)
    return [(entry[:2], entry[3:]) for entry in found.split("\0") if entry]


def _is_ours(path: Path) -> bool:
    """Return whether *path* is the home folder or lies in it."""
    home = os.path.realpath(paths.home())
    return Path(os.path.realpath(path)).is_relative_to(home)

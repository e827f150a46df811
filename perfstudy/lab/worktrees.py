"""Check out a commit beside the reader's working tree, which stays as it is.

A commit has a *slot* below the home folder: ``worktrees/<repository>/<sha>``, with the worktree itself, a record of
where it belongs, and a mark of the state in which it was finished. Next to the slot lies its lock: a run that uses the
worktree shares it, and a process that makes or removes the worktree holds it alone.
"""

import hashlib
import json
import re
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from perfstudy import paths
from perfstudy.errors import PerfstudyError
from perfstudy.lab.git import GitError, run_git
from perfstudy.lab.locks import EXCLUSIVE, SHARED, acquire
from perfstudy.lab.processes import wait_until
from perfstudy.lab.refs import describe_tree, find_git_folder, find_repository, resolve_ref
from perfstudy.lab.state import write

__all__ = ("Tree", "Worktrees", "describe_tree", "find_repository", "mark_finished", "resolve_ref")

PATIENCE = 1800.0
"""Seconds to wait for another process that checks the same commit out."""
REMOVING = 5.0
"""Seconds to try to remove a worktree."""
TRIES = 3
DIGITS = 12


@dataclass(frozen=True)
class Tree:
    """A tree of files that an arm is started from.

    *slot* is the folder of what is kept about a checked-out commit; a working tree of the reader's own has none.
    """

    folder: Path
    sha: str
    repository: Path
    slot: Path | None = None


class Worktrees:
    """The commits that are checked out below *folder*.

    By default, it is the folder ``worktrees`` in the home folder. A tree is in use from its checkout to
    :meth:`release`, or to the end of the process.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or paths.home() / "worktrees"
        self._held: dict[Path, IO[bytes]] = {}

    def checkout(self, repository: Path, sha: str) -> Tree:
        """Return the tree of a commit, and check it out where that is not done yet.

        *sha* is what :func:`resolve_ref` returns. A tree of an earlier run is used again while it is as it was
        finished, and created again otherwise.

        Raises:
            PerfstudyError: git failed, or another process kept the tree from being made.
        """
        tree = self._locate(repository, sha if re.fullmatch("[0-9a-f]{40,64}", sha) else resolve_ref(repository, sha))
        assert tree.slot is not None
        if tree.slot in self._held and is_finished(tree):
            return tree
        self._release(tree.slot)
        for _ in range(TRIES):
            hold = acquire(_lock_of(tree.slot), SHARED, PATIENCE)  # another process may be making it
            if hold is not None and is_finished(tree):
                self._held[tree.slot] = hold
                return tree
            if hold is not None:
                hold.close()
            _make_alone(tree)
        raise PerfstudyError(
            f"the worktree {tree.folder} was changed, and another run uses it: wait until that run has ended"
        )

    def release(self) -> None:
        """Stop using every tree."""
        for slot in list(self._held):
            self._release(slot)

    def remove(self, tree: Tree) -> bool:
        """Remove a tree with its entry in the repository; return whether it was free.

        A tree that another process uses stays, and so does a working tree of the reader's own.
        """
        if tree.slot is None:
            return False
        self._release(tree.slot)
        lock = acquire(_lock_of(tree.slot), EXCLUSIVE)
        if lock is None:
            return False
        with lock:
            _clear(tree)
            _lock_of(tree.slot).unlink(missing_ok=True)
        return True

    def sweep(self) -> tuple[int, int]:
        """Remove every tree that no process uses; return how many, and how many stay."""
        removed = [self.remove(tree) for tree in self._recorded()]
        for folder in self.folder.glob("*/"):
            with suppress(OSError):  # it is not empty
                folder.rmdir()
        return sum(removed), len(removed) - sum(removed)

    def _release(self, slot: Path) -> None:
        if slot in self._held:
            self._held.pop(slot).close()

    def _locate(self, repository: Path, sha: str) -> Tree:
        shared = find_git_folder(repository)
        name = re.sub(r"[^\w.-]", "_", (shared.parent if shared.name == ".git" else shared).name)
        key = hashlib.sha256(str(shared).encode(errors="surrogateescape")).hexdigest()[:8]
        slot = self.folder.resolve() / f"{name}-{key}" / sha[:DIGITS]
        return Tree(_name(slot), sha, repository.resolve(), slot)

    def _recorded(self) -> list[Tree]:
        slots = (path for path in sorted(self.folder.resolve().glob("*/*")) if path.is_dir())
        return [_read_record(slot) for slot in slots]


def _lock_of(slot: Path) -> Path:
    return slot.with_name(f"{slot.name}.lock")


def _name(slot: Path) -> Path:
    """Return the folder of the worktree; git's own entry for it has the same name."""
    return slot / f"perfstudy-{slot.name}"


def _read_record(slot: Path) -> Tree:
    """Return the tree of a slot; without a record it belongs to no repository."""
    try:
        record = json.loads((slot / "tree.json").read_text())
        return Tree(_name(slot), record["sha"], Path(record["repository"]), slot)
    except (OSError, ValueError, KeyError, TypeError):
        return Tree(_name(slot), "", slot, slot)


def is_finished(tree: Tree) -> bool:
    """Return whether *tree* is as it was when it was checked out and built."""
    assert tree.slot is not None
    mark = tree.slot / "finished"
    if not (tree.folder.is_dir() and mark.exists()):
        return False
    try:
        return mark.read_text() == _read_state(tree) and mark.read_text().startswith(tree.sha)
    except GitError:
        return False


def mark_finished(tree: Tree) -> None:
    """Record the state of *tree* as the one to come back to."""
    if tree.slot is not None:
        write(tree.slot / "finished", _read_state(tree))


def _read_state(tree: Tree) -> str:
    """Return the commit, and a hash of how the tracked files differ from it.

    They may differ from the start, by line endings or by names that differ in case.
    """
    top = Path(run_git(tree.folder, "rev-parse", "--show-toplevel").removesuffix("\n"))
    if top.resolve() != tree.folder:  # its .git is gone, and git found the repository around it
        return "elsewhere"
    head = run_git(tree.folder, "rev-parse", "HEAD").strip()
    changes = run_git(tree.folder, "diff", "HEAD", "--no-ext-diff", "--no-textconv", "--no-color", "--full-index")
    return f"{head} {hashlib.sha256(changes.encode(errors='surrogateescape')).hexdigest()}"


def _make_alone(tree: Tree) -> None:
    """Make *tree*, unless another process uses it or makes it."""
    assert tree.slot is not None
    lock = acquire(_lock_of(tree.slot), EXCLUSIVE, patience=1.0)
    if lock is None:
        return
    with lock:
        if not is_finished(tree):
            _clear(tree)
            try:
                _make(tree)
            except BaseException:
                _clear(tree)
                raise


def _make(tree: Tree) -> None:
    assert tree.slot is not None
    tree.slot.mkdir(parents=True)
    # First the record: a process that is killed below leaves enough to remove the rest.
    write(tree.slot / "tree.json", json.dumps({"repository": str(tree.repository), "sha": tree.sha}))
    run_git(tree.repository, "worktree", "add", "--detach", str(tree.folder), tree.sha)
    if (tree.folder / ".gitmodules").exists():
        _fetch_submodules(tree)
    mark_finished(tree)


def _fetch_submodules(tree: Tree) -> None:
    """Check the submodules out.

    ``--init`` would write their addresses into the configuration that all worktrees share.
    """
    try:
        run_git(tree.folder, "-c", "submodule.active=.", "submodule", "--quiet", "update", "--recursive")
    except GitError as error:
        raise PerfstudyError(
            f"the submodules of {tree.sha[:DIGITS]} could not be fetched ({error}): "
            "check the network and the access to them, or use tree="
        ) from None


def _clear(tree: Tree) -> None:
    """Remove what there is of *tree*, and its entry in the repository."""
    slot = tree.slot
    assert slot is not None
    entry = _find_entry(tree)
    if tree.folder.exists():
        for folder in (path for path in tree.folder.rglob("*") if path.is_dir() and not path.is_symlink()):
            folder.chmod(folder.stat().st_mode | 0o700)  # a build may have left folders that are read-only
    # Of a run that was killed, git may write files for some milliseconds more.
    if not wait_until(lambda: _is_removed(slot), REMOVING):
        raise PerfstudyError(f"the worktree {tree.folder} cannot be removed: end what writes to it, or remove {slot}")
    if entry is not None:
        shutil.rmtree(entry)
        with suppress(OSError):  # the reader has other worktrees
            entry.parent.rmdir()


def _is_removed(folder: Path) -> bool:
    shutil.rmtree(folder, ignore_errors=True)
    return not folder.exists()


def _find_entry(tree: Tree) -> Path | None:
    """Return the folder in the repository that administers *tree*, or None.

    ``git worktree prune`` would remove the reader's own entries too; their drive may just be absent.
    """
    link = tree.folder / ".git"
    if link.is_file():
        found = [Path(link.read_text().removeprefix("gitdir:").strip()) / "gitdir"]
    else:
        found = _list_entries(tree.repository)
    for path in found:
        if path.exists() and (path.parent / path.read_text().removesuffix("\n")).resolve() == link:
            return path.parent
    return None


def _list_entries(repository: Path) -> list[Path]:
    try:
        return list((find_git_folder(repository) / "worktrees").glob("*/gitdir"))
    except PerfstudyError:  # the repository is gone
        return []

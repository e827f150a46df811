"""Where the code of an arm comes from: a commit, a working tree, or a URL."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from perfstudy.errors import UsageError
from perfstudy.lab.builds import hash_lock
from perfstudy.lab.worktrees import Tree, Worktrees, describe_tree, find_repository, resolve_ref
from perfstudy.model.arm import Arm
from perfstudy.model.service import Progress
from perfstudy.model.study import Study


@dataclass(frozen=True)
class Source:
    """The code of an arm: its folder, and what of it is recorded."""

    folder: Path
    """The root of its tree, an absolute path; for a URL, the folder of the study."""
    origin: str
    """``ref``, ``tree`` or ``url``."""
    named: str = ""
    """The ref, folder or URL as the study names it."""
    sha: str = ""
    """The commit; of a working tree the one that it was changed from."""
    changed: tuple[str, ...] = ()
    """The files that differ from the commit."""
    untracked: tuple[str, ...] = ()
    """The files that git does not know."""
    lock: str = ""
    """The hash of its lock file."""
    tree: Tree | None = field(default=None, compare=False)

    @property
    def lasts(self) -> bool:
        """Whether it stays as it is, so that what is made from it can be used again."""
        return bool(self.sha) and not self.changed and not self.untracked

    def describe(self) -> dict[str, Any]:
        """Return the source as it may be stored: without folders of this machine."""
        known = asdict(self)
        return {name: known[name] for name in ("origin", "named", "sha", "changed", "untracked", "lock")}


def locate(arm: Arm, study: Study, worktrees: Worktrees, progress: Progress) -> Source:
    """Return the source of *arm*, checked out where it is a ref.

    Raises:
        UsageError: the ref or the folder is not there.
        PerfstudyError: no worktree can be made.
    """
    base = Path(study.file).parent
    kind, named = arm.origin
    if kind == "url":
        return Source(base, "url", named)
    if kind == "ref":
        repository, sha = find_commit(arm, study)
        progress(f"checking out {named}", 0, 1)
        tree = worktrees.checkout(repository, sha)
        progress(f"checking out {named}", 1, 1)
        return Source(tree.folder, "ref", named, sha, lock=hash_lock(tree.folder / study.service.folder), tree=tree)
    return _describe_working_tree(arm, study, base)


def find_commit(arm: Arm, study: Study) -> tuple[Path, str]:
    """Return the repository of *study*, and the commit that the ref of *arm* names.

    Raises:
        UsageError: there is no such ref, or no repository around the study file.
    """
    base = Path(study.file).parent
    repository = find_repository(base)
    if repository is None:
        raise UsageError(
            f"arm {arm.label!r} serves ref {arm.ref!r}, and {str(base)!r} is in no git repository: "
            "move the study file into one, or use tree="
        )
    return repository, resolve_ref(repository, arm.ref)


def _describe_working_tree(arm: Arm, study: Study, base: Path) -> Source:
    """Return the source of an arm that serves files as they are."""
    folder = (base / arm.tree).resolve() if arm.tree else find_repository(base) or base
    if not (folder / study.service.folder).is_dir():
        missing = str(folder / study.service.folder)
        raise UsageError(f"arm {arm.label!r} serves {missing!r}, which is no folder: correct tree= or folder=")
    lock = hash_lock(folder / study.service.folder)
    if find_repository(folder) is None:
        return Source(folder, "tree", arm.tree or ".", lock=lock)
    state = describe_tree(folder)
    return Source(folder, "tree", arm.tree or ".", state.sha, state.changed, state.untracked, lock)

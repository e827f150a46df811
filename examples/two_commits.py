"""Make a git repository of the shop with two commits: the order list before a change, and after.

Run with ``python examples/two_commits.py FOLDER``. The branch ``main`` is at the first commit; ``prefetch``, which is
checked out, is at the second.
"""

import shutil
import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parent
AUTHOR = ("-c", "user.name=A reader", "-c", "user.email=reader@localhost", "-c", "commit.gpgsign=false")
LEFT_OUT = shutil.ignore_patterns("__pycache__", ".perfstudy")


def make_repository(folder: Path) -> Path:
    """Make the repository in *folder*, which is new or empty, and return it.

    Raises:
        FileExistsError: *folder* holds something.
    """
    if folder.exists() and any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty: name another folder")
    shutil.copytree(EXAMPLES / "shop", folder, ignore=LEFT_OUT, dirs_exist_ok=True)
    (folder / ".gitignore").write_text("__pycache__/\n.perfstudy/\n", encoding="utf-8")
    run_git(folder, "init", "--quiet", "--initial-branch", "main")
    commit(folder, "List orders")
    run_git(folder, "checkout", "--quiet", "-b", "prefetch")
    shutil.copytree(EXAMPLES / "shop_prefetch", folder, ignore=LEFT_OUT, dirs_exist_ok=True)
    commit(folder, "Ask for the customers and lines of all orders at once")
    return folder


def commit(folder: Path, message: str) -> None:
    """Commit everything in *folder*."""
    run_git(folder, "add", "--all")
    run_git(folder, *AUTHOR, "commit", "--quiet", "--message", message)


def run_git(folder: Path, *arguments: str) -> None:
    """Run git in *folder*; it must succeed."""
    # Variables of git's own would lead to another repository, as they do below a hook.
    subprocess.run(
        ["env", "-u", "GIT_DIR", "-u", "GIT_WORK_TREE", "-u", "GIT_INDEX_FILE", "git", *arguments],
        cwd=folder,
        check=True,
    )


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python examples/two_commits.py FOLDER")
    try:
        print(make_repository(Path(sys.argv[1])))
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"error: {error}")

"""Run git on a repository of the reader's, and leave the repository as it is."""

import os
import re
import shlex
import subprocess
from collections.abc import Sequence
from pathlib import Path

from perfstudy.errors import PerfstudyError, UsageError
from perfstudy.lab.groups import running

UNTOUCHED = (
    *("-c", f"core.hooksPath={os.devnull}"),  # an empty value would mean hooks in the root folder
    *("-c", "core.fsmonitor=false"),  # which may be a program, or leave a daemon behind
    *("-c", "core.warnAmbiguousRefs=true"),
    *("-c", "advice.detachedHead=false"),
    *("-c", "submodule.recurse=false"),
    *("-c", "gc.auto=0"),
    *("-c", "maintenance.auto=false"),
)
"""Options that keep git from running hooks, daemons and the cleaning of the repository."""
PLACES = ("DIR", "WORK_TREE", "INDEX_FILE", "COMMON_DIR", "OBJECT_DIRECTORY", "PREFIX", "NAMESPACE", "SHALLOW_FILE")
"""Variables of a hook's environment, without GIT_, that point git to another repository."""


class GitError(PerfstudyError):
    """What git answered when a command failed."""

    def __init__(self, command: Sequence[str], answer: str) -> None:
        lines = [line.strip() for line in answer.splitlines() if line.strip()] or ["it did not say why"]
        said = [line for line in lines if re.match("(fatal|error): ", line)] or lines[-1:]
        super().__init__(f"git {command[0]} failed: {said[0].partition(': ')[2] or said[0]}")
        self.answer = answer


def run_git(folder: Path, *command: str) -> str:
    """Run a git command in *folder*, and return its output.

    Raises:
        UsageError: git is not installed, or does not trust the folder's owner.
        GitError: the command failed.
    """
    options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    try:
        with running(["git", *UNTOUCHED, *command], cwd=folder, env=_build_environment(), **options) as process:
            output, answer = process.communicate()
    except FileNotFoundError:
        if not folder.is_dir():
            raise UsageError(f"there is no folder {str(folder)!r}: name one that exists") from None
        raise UsageError("git is not installed, and a ref needs it: install git, or compare trees") from None
    except NotADirectoryError:
        raise UsageError(f"{str(folder)!r} is no folder: name the folder of a repository") from None
    if process.returncode:
        raise _explain(command, os.fsdecode(answer))
    return os.fsdecode(output)


def _build_environment() -> dict[str, str]:
    places = {f"GIT_{name}" for name in PLACES}
    kept = {name: value for name, value in os.environ.items() if name not in places}
    return kept | FIXED


FIXED = {
    "LC_ALL": "C",  # messages are matched in English
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "true",  # which answers with nothing
    "GCM_INTERACTIVE": "never",
    "SSH_ASKPASS_REQUIRE": "never",  # and without a terminal, ssh asks for no password
    "GIT_OPTIONAL_LOCKS": "0",  # `git status` would write the index
}


def _explain(command: Sequence[str], answer: str) -> PerfstudyError:
    distrusted = re.search("dubious ownership in repository at '(.*)'", answer)
    if distrusted:
        place = distrusted[1]
        return UsageError(
            f"git does not trust {place!r}, which belongs to another user: "
            f"git config --global --add safe.directory {shlex.quote(place)}"
        )
    return GitError(command, answer)

"""Write a file as a whole or not at all; never replace a device, pipe or link."""

import os
import stat
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from perfstudy.errors import PerfstudyError

KINDS = {
    stat.S_IFLNK: "a link",
    stat.S_IFDIR: "a folder",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
}
"""Kinds of files that are never replaced."""


def write(target: Path, content: bytes) -> None:
    """Write a file that appears whole or not at all.

    Only a regular file is replaced. Its name is not part of the draft's, so that the longest name can be written.

    Raises:
        PerfstudyError: something else is there, or it cannot be written.
    """
    draft = target.with_name(f".perfstudy-{uuid4().hex}") if target.name else target
    try:
        _free(target)
        try:
            with draft.open("xb") as file:
                file.write(content)
            draft.replace(target)
        except BaseException:
            with suppress(OSError, ValueError):
                draft.unlink(missing_ok=True)
            raise
    except (OSError, ValueError) as error:  # the second: a name that no file can have
        raise PerfstudyError(f"{target} cannot be written: {_reason(error)}; name another place") from error


def _free(target: Path) -> None:
    """Refuse a *target* that exists and is not a regular file.

    Raises:
        PerfstudyError: it is a device, a link or the like.
    """
    try:
        kind = stat.S_IFMT(target.lstat().st_mode)
    except FileNotFoundError:
        return
    if kind != stat.S_IFREG:
        raise PerfstudyError(f"{target} is {KINDS.get(kind, 'no file')}, and is left as it is; name another place")


def make_folder(folder: Path) -> Path:
    """Create *folder* and its parents where they are missing, and return it.

    Raises:
        PerfstudyError: it cannot be made, or something else is there.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise PerfstudyError(f"the folder {folder} cannot be made: {_reason(error)}; name another place") from error
    return folder


def _reason(error: OSError | ValueError) -> str:
    return os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)

"""The lab's state folder, and the two locks that guard it.

- ``start.lock`` is held by a client while it looks for a supervisor or starts one;
- ``supervisor.lock`` is held by the supervisor for as long as it lives, so that the kernel knows whether there is one.
"""

import fcntl
import json
import os
import secrets
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from perfstudy import paths
from perfstudy.errors import PerfstudyError
from perfstudy.formatting import clock

SUCCESSION = 60.0
"""Seconds that a supervisor waits for the one before it to end."""
TAIL = 65_536
"""Bytes at the end of a log that are read for an error message."""
SOCKET_PATH = 103
"""Bytes that the path of a unix socket may have; macOS is the strictest."""
LONGEST_NAME = len("/perfstudy-01234567/.s.PGSQL.65535")


class State:
    """The folder ``lab`` in the project's home."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or paths.home() / "lab"
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise PerfstudyError(
                f"the lab cannot keep its state in {self.folder}: {error.strerror}; "
                "set PERFSTUDY_HOME to a folder that you may write to"
            ) from error
        require_own(self.folder)

    def secret(self, name: str) -> str:
        """Return the random secret *name*, created at its first use.

        Its owner alone can read it.
        """
        path = self.folder / name
        with self.lock("secret.lock", patience=10):
            if not path.exists() or not path.read_text():
                write(path, secrets.token_urlsafe(32))
        return path.read_text()

    def record(self) -> dict[str, Any] | None:
        """Return the record of the latest supervisor; None where it cannot be read."""
        try:
            found = json.loads((self.folder / "supervisor.json").read_text())
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) else None

    def write_record(self, record: dict[str, Any]) -> None:
        """Replace the record of the supervisor."""
        write(self.folder / "supervisor.json", json.dumps(record))

    def forget(self) -> None:
        """Remove the record and the short folder that it names."""
        record = self.record() or {}
        if record.get("scratch"):
            remove_short(Path(record["scratch"]))
        (self.folder / "supervisor.json").unlink(missing_ok=True)

    def is_supervised(self) -> bool:
        """Return whether a supervisor is running."""
        return is_locked(self.folder / "supervisor.lock")

    @contextmanager
    def lock(self, name: str, patience: float) -> Iterator[None]:
        """Hold the lock called *name*, waiting up to *patience* seconds for it.

        Raises:
            PerfstudyError: another process held it all the time.
        """
        with (self.folder / name).open("a") as file:
            deadline = time.monotonic() + patience
            while not lock_file(file.fileno()):
                if time.monotonic() > deadline:
                    raise PerfstudyError(
                        f"another process has held {self.folder / name} for {clock(patience)}; "
                        "`perfstudy lab down` stops the servers, and frees it where they are in the way"
                    )
                time.sleep(0.01)
            yield


def secret() -> str:
    """Return the key that signs the tokens of this home's services."""
    return State().secret("secret")


def lock_file(descriptor: int) -> bool:
    """Lock an open file if it is free; return whether it was."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_locked(path: Path) -> bool:
    """Return whether a living process holds the lock of the file *path*."""
    try:
        with path.open("a") as file:
            return not lock_file(file.fileno())
    except OSError:
        return False


def write(path: Path, text: str) -> None:
    """Replace the file *path* atomically, readable by its owner alone."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    fresh.touch(mode=0o600)
    fresh.write_text(text)
    fresh.replace(path)


def require_own(folder: Path) -> None:
    """Refuse another user's *folder*.

    Its files say which processes to end and what to remove.

    Raises:
        PerfstudyError: it is a link or no folder, belongs to another user, or others may write to it.
    """
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode):
        reason = "is no folder but a link or a file"
    elif found.st_uid != os.geteuid():
        reason = f"belongs to the user {found.st_uid}, and you are {os.geteuid()}"
    elif found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        reason = "can be written by others"
    else:
        return
    raise PerfstudyError(f"the lab's folder {folder} {reason}: set PERFSTUDY_HOME to a folder of your own")


SHORT = "perfstudy-"
"""The prefix of every short folder's name."""


def remove_short(folder: Path) -> None:
    """Remove a folder that :func:`make_short_folder` made.

    Anything else that a record may name is left alone.
    """
    with suppress(OSError):
        if folder.name.startswith(SHORT) and stat.S_ISDIR(folder.lstat().st_mode):
            shutil.rmtree(folder, ignore_errors=True)


def make_short_folder() -> Path:
    """Create a private folder with a path short enough for a unix socket."""
    base = tempfile.gettempdir()
    if len(os.fsencode(base)) + LONGEST_NAME > SOCKET_PATH:
        base = "/tmp"
    return Path(tempfile.mkdtemp(prefix=SHORT, dir=base))


def open_log(path: Path) -> IO[bytes]:
    """Open a new log *path*, and rename the previous one."""
    if path.exists():
        path.replace(path.with_name(f"{path.stem}.previous.log"))
    return path.open("wb")


def read_tail(log: Path, lines: int = 8) -> str:
    """Return the last *lines* of a log for an error message, indented below it."""
    try:
        with log.open("rb") as file:  # its end alone, as a service may print any amount
            file.seek(max(0, log.stat().st_size - TAIL))
            found = file.read().decode(errors="replace").splitlines()[-lines:]
    except OSError:
        return ""
    return "".join(f"\n  {line}" for line in found)

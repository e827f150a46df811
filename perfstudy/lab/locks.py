"""Locks on files that processes share, held by several readers or by one writer."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from perfstudy.errors import PerfstudyError

SHARED, EXCLUSIVE = fcntl.LOCK_SH, fcntl.LOCK_EX


def acquire(path: Path, kind: int, patience: float = 0.0) -> IO[bytes] | None:
    """Lock the file *path*, and return it open; None where it stays taken.

    It waits for up to *patience* seconds. Closing the file frees the lock, and so does the end of the process.
    """
    deadline = time.monotonic() + patience
    while True:
        file = _open(path)
        with suppress(BlockingIOError):
            fcntl.flock(file.fileno(), kind | fcntl.LOCK_NB)
            if _is_current(file, path):
                return file
        file.close()
        if time.monotonic() > deadline:
            return None
        time.sleep(0.01)


def _open(path: Path) -> IO[bytes]:
    while True:
        path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):  # another process has just removed the empty folder
            return path.open("ab")


def _is_current(file: IO[bytes], path: Path) -> bool:
    """Return whether *path* is still this file: the holder before may have removed it."""
    with suppress(FileNotFoundError):
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    return False


@contextmanager
def exclusive(path: Path, patience: float, busy: str) -> Iterator[IO[bytes]]:
    """Hold the lock *path* alone.

    Raises:
        PerfstudyError: with the message *busy*, where others held it for *patience* seconds.
    """
    file = acquire(path, EXCLUSIVE, patience)
    if file is None:
        raise PerfstudyError(busy)
    with file:
        yield file

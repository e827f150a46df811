"""Run a command as a process group that ends with the run, however the run ends."""

import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from perfstudy.lab.processes import end_group, read_start_time, spawn, wait_until

GRACE = 2.0
"""Seconds that a command gets to end by itself after Ctrl-C or at its time limit."""
WATCH = 'read -r _; kill -s KILL -- "-$1"'
"""Waits until its input ends, which is when the process that holds the other end does, and kills the group."""


@contextmanager
def running(command: Sequence[str | Path], **options: Any) -> Iterator["subprocess.Popen[bytes]"]:
    """Start *command* in a group of its own, which does not outlive the block.

    A watcher kills the group where this process ends inside the block, even by SIGKILL; the signal at a parent's death
    would reach the command alone, and not its children.
    """
    process = spawn(command, death=signal.SIGKILL, **options)
    try:
        with _watching(process.pid):
            yield process
    finally:
        if process.returncode is None:
            _end_gently(process)


def has_ended(process: "subprocess.Popen[bytes]") -> bool:
    """Return whether a process has ended, without reaping it.

    Until it is reaped, its group's number cannot go to another group.
    """
    return read_start_time(process.pid) is None


def _end_gently(process: "subprocess.Popen[bytes]") -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGTERM)
    wait_until(lambda: has_ended(process), GRACE)
    end_group(process)


@contextmanager
def _watching(group: int) -> Iterator[None]:
    read, write = os.pipe()  # which no other program inherits
    try:
        watcher = subprocess.Popen(
            ["/bin/sh", "-c", WATCH, "sh", str(group)],
            stdin=read,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        os.close(read)
        try:
            yield
        finally:
            watcher.kill()
            watcher.wait()
    finally:
        os.close(write)

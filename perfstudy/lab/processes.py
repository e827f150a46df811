"""Spawn, recognise and end processes, so that none is left behind."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import psutil

from perfstudy import paths
from perfstudy.model import variables

NOBODY = 65534
"""The user and group ``nobody``; a server that refuses root runs as them."""
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Confinement:
    """How to run a program unprivileged: by a command *prefix*, or as another *user*."""

    prefix: tuple[str, ...] = ()
    user: int | None = None


@cache
def choose_confinement() -> Confinement:
    """Return how to run a server that refuses root.

    As the current user, in a user namespace, or as nobody.
    """
    if os.geteuid() != 0:
        return Confinement()
    prefix = ("unshare", "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}", "--")
    return Confinement(prefix=prefix) if _works((*prefix, "true")) else Confinement(user=NOBODY)


def _works(command: Sequence[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL).returncode == 0
    except OSError:
        return False


def die_with_parent(number: int) -> Callable[[], None]:
    """Return a function to run before exec that ties a child to its parent.

    The child gets the signal *number* when its parent ends, however it ends. Linux alone has this; elsewhere it does
    nothing. The parent is the thread that spawns, so spawn from one that lasts.
    """
    if not sys.platform.startswith("linux"):
        return lambda: None
    libc, parent = ctypes.CDLL(None), os.getpid()

    def prepare() -> None:
        libc.prctl(PR_SET_PDEATHSIG, number)
        if os.getppid() != parent:  # it ended before the line above
            os._exit(1)

    return prepare


def spawn(
    command: Sequence[str | Path], death: int, user: int | None = None, **options: Any
) -> "subprocess.Popen[bytes]":
    """Start *command* in a session of its own, not reached by the terminal's Ctrl-C.

    It gets the signal *death* when the thread that spawned it ends.
    """
    return subprocess.Popen(
        command,
        preexec_fn=die_with_parent(death),
        start_new_session=True,
        user=user,
        group=user,
        extra_groups=None if user is None else [],
        **options,
    )


def build_environment(**extra: str) -> dict[str, str]:
    """Return the environment of a child that runs this package.

    It is the current one without the lab's variables, with *extra*.
    """
    inherited = {variable.name for variable in variables.INHERITED}
    found = {
        name: value for name, value in os.environ.items() if not name.startswith("PERFSTUDY_") or name in inherited
    }
    found.pop("DJANGO_SETTINGS_MODULE", None)
    if paths.is_checkout():  # which need not be installed
        found["PYTHONPATH"] = os.pathsep.join(filter(None, [str(paths.PROJECT), os.environ.get("PYTHONPATH", "")]))
    return found | {"PERFSTUDY_HOME": str(paths.home())} | extra


def read_start_time(pid: int) -> float | None:
    """Return when the process *pid* started; None if there is none.

    Together they identify the process.
    """
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        if sys.platform.startswith("linux"):  # in ticks since boot, which no step of the clock moves
            return float(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
        return process.create_time()
    except (psutil.Error, OSError):
        return None


def is_alive(pid: int, birth: float | None) -> bool:
    """Return whether the process *pid* is still the one that started at *birth*."""
    return birth is not None and read_start_time(pid) == birth


def end(pid: int, birth: float | None, *signals: tuple[int, float]) -> bool:
    """Send the process each signal in turn until it ends; return whether it ran.

    After each signal, it waits for so many seconds.
    """
    if not is_alive(pid, birth):
        return False
    for number, patience in signals:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return True
        if wait_until(lambda: not is_alive(pid, birth), patience):
            return True
    return True


def list_listening_ports(pid: int) -> set[int]:
    """Return the TCP ports on which the process *pid* or a descendant listens."""
    found: set[int] = set()
    with suppress(psutil.Error):
        parent = psutil.Process(pid)
        for process in (parent, *parent.children(recursive=True)):
            with suppress(psutil.Error):
                every = process.net_connections("tcp")
                found |= {one.laddr.port for one in every if one.status == psutil.CONN_LISTEN}
    return found


def end_group(process: "subprocess.Popen[bytes]") -> None:
    """Kill a process that leads a group, with the group and every descendant."""
    descendants: list[psutil.Process] = []
    with suppress(psutil.Error):  # those in sessions of their own, which the group does not reach
        descendants = psutil.Process(process.pid).children(recursive=True)
    with suppress(ProcessLookupError, PermissionError):  # the group is empty; macOS says so with the second
        os.killpg(process.pid, signal.SIGKILL)
    for one in descendants:
        with suppress(psutil.Error):
            one.kill()
    process.wait()


def wait_until(condition: Callable[[], bool], patience: float, interval: float = 0.01) -> bool:
    """Return whether *condition* came true within *patience* seconds."""
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(interval)
    return True

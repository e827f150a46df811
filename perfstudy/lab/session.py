"""Each process's folder for logs and scratch files, and the cleanup of old ones."""

import shutil
import signal
import uuid
from pathlib import Path

from perfstudy.lab import processes
from perfstudy.lab.state import State, is_locked, lock_file, make_short_folder, remove_short

PATIENCE = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 5.0))
"""The signals that end a server without a supervisor, each with the seconds that it may take."""


class Session:
    """A folder under ``sessions``, locked while its process lives.

    It has a short folder for sockets.
    """

    def __init__(self, state: State) -> None:
        sweep_sessions(state)
        with state.lock("sessions.lock", patience=10):
            self.folder = sessions_folder(state) / uuid.uuid4().hex[:8]
            self.folder.mkdir(mode=0o700)
            self._lock = (self.folder / "lock").open("a")
            lock_file(self._lock.fileno())
        self.scratch = make_short_folder()
        (self.folder / "scratch").symlink_to(self.scratch)

    def close(self) -> None:
        """Remove both folders."""
        remove_session(self.folder)
        self._lock.close()


def sessions_folder(state: State) -> Path:
    """Return the folder of all sessions."""
    sessions = state.folder / "sessions"
    sessions.mkdir(mode=0o700, exist_ok=True)
    return sessions


def sweep_sessions(state: State) -> bool:
    """Remove the folders of processes that have ended; return whether none is left."""
    with state.lock("sessions.lock", patience=10):
        for folder in sessions_folder(state).iterdir():
            if not is_locked(folder / "lock"):
                remove_session(folder)
        return not any(sessions_folder(state).iterdir())


def remove_session(folder: Path) -> None:
    """Remove both folders of a session."""
    link = folder / "scratch"
    if link.is_symlink():
        remove_short(link.readlink())
        if link.exists():
            return  # an ending process still writes there: the next sweep finds it by this link
    shutil.rmtree(folder, ignore_errors=True)


def end_orphans(state: State) -> bool:
    """End the servers of a killed supervisor; return whether any ran.

    It recorded them; its folders are removed. Where the kernel signals a parent's death, they are ending already.
    """
    recorded = (state.record() or {}).get("processes", {})
    found = [processes.end(pid, birth, *PATIENCE) for name, (pid, birth) in recorded.items() if name != "supervisor"]
    state.forget()
    sweep_sessions(state)
    return any(found)

"""The embedded PostgreSQL of one state folder: its data folder and its process."""

import os
import secrets
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any

from perfstudy.errors import PerfstudyError
from perfstudy.lab import binaries, processes
from perfstudy.lab.configuration import POSTGRES, to_plain
from perfstudy.lab.server import HOST, Server
from perfstudy.lab.state import open_log, read_tail, write

USER = "perfstudy"
PASSWORD = "perfstudy-password"
"""The password's file, inside the data folder that it opens, so that both stay together."""
STARTING = 300.0
"""Seconds that a start may take; recovery after a crash replays the log."""
STOPPING = ((signal.SIGINT, 60.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 5.0))
"""Fast shutdown, immediate shutdown and kill, each with the seconds that it may take."""


class PostgresServer(Server):
    """One server on the data folder ``postgres-<major>`` of *state*.

    Its socket is in the short folder *scratch*.
    """

    name = "postgres"
    taken = "could not bind"
    starting, stopping = STARTING, STOPPING

    def __init__(self, state: Path, scratch: Path) -> None:
        super().__init__(state / "postgres.log", scratch)
        self.confinement = processes.choose_confinement()
        self.data = state / f"postgres-{binaries.read_postgres_major()}"
        self.title = f"PostgreSQL on {self.data}"

    def prepare(self) -> None:
        """Create the data folder, or repair the present one."""
        if not self.data.exists():
            self._create()
        self._heal()

    def address(self) -> dict[str, Any]:
        """Return what a client needs to connect."""
        password = (self.data / PASSWORD).read_text()
        return {"host": HOST, "port": self.port, "user": USER, "password": password, "socket": str(self.scratch)}

    def spawn(self) -> "subprocess.Popen[bytes]":
        """Start it with the declared settings."""
        settings = to_plain(POSTGRES) | {
            "listen_addresses": HOST,
            "port": str(self.port),
            "unix_socket_directories": f'"{self.scratch}"',
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with open_log(self.log) as log:
            return self._spawn([binaries.find_postgres(), "-D", self.data, *options], stdout=log, stderr=log)

    def is_ready(self) -> bool:
        """Return whether its pid file says so."""
        lines = read_pid_file(self.data)
        return (
            not self.has_ended() and lines[:1] == [str(self.process and self.process.pid)] and lines[7:8] == ["ready"]
        )

    def _spawn(self, command: list[Any], **options: Any) -> "subprocess.Popen[bytes]":
        return processes.spawn(
            [*self.confinement.prefix, *command],
            death=signal.SIGINT,
            user=self.confinement.user,
            stdin=subprocess.DEVNULL,
            cwd=self.scratch,
            env=os.environ | {"LC_ALL": "C"},  # so that we can read the log too
            **options,
        )

    def _create(self) -> None:
        """Create the data folder under another name, and rename it when complete.

        So an incomplete one is never used.
        """
        fresh, password = self.data.with_suffix(".new"), self.scratch / "password"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        write(password, secrets.token_urlsafe(24))
        self._give(fresh, password)
        with open_log(self.log) as log:
            made = self._spawn(_initdb_command(fresh, password), stdout=log, stderr=log)
            if made.wait() != 0:
                raise PerfstudyError(f"PostgreSQL's initdb failed in {fresh}:{read_tail(self.log)}{self._hint()}")
        shutil.move(password, fresh / PASSWORD)
        fresh.replace(self.data)

    def _hint(self) -> str:
        if self.confinement == processes.Confinement():
            return ""
        return "\nIt cannot run as root, so it runs as nobody: set PERFSTUDY_HOME to a folder that others may enter"

    def _give(self, *found: Path) -> None:
        """Change the owner of the server's files, and let it enter our folders."""
        if self.confinement.user is None:
            return
        for path in found:
            os.chown(path, self.confinement.user, self.confinement.user)
        for folder in (self.data.parent, self.scratch):
            folder.chmod(0o711)
        os.chown(self.scratch, self.confinement.user, self.confinement.user)

    def _heal(self) -> None:
        """Repair a data folder left by a crash, another user or another version."""
        version = self.data / "PG_VERSION"
        if not version.exists() or not (self.data / PASSWORD).exists():
            shutil.rmtree(self.data)  # its files cannot be opened
            return self._create()
        found = version.read_text().strip()
        if found != binaries.read_postgres_major():
            raise PerfstudyError(
                f"{self.data} belongs to PostgreSQL {found}, and this is {binaries.read_postgres_major()}: "
                "move the folder away; what the lab stored in it is built again"
            )
        self._take_ownership()
        self._end_orphan()

    def _take_ownership(self) -> None:
        owner = os.geteuid() if self.confinement.user is None else self.confinement.user
        if self.data.stat().st_uid != owner and os.geteuid() != 0:
            raise PerfstudyError(
                f"{self.data} belongs to another user (number {self.data.stat().st_uid}): "
                "set PERFSTUDY_HOME to a folder of your own, or have that one removed"
            )
        if self.data.stat().st_uid != owner:
            self._give_whole_folder(owner)
        self._give(self.data)

    def _give_whole_folder(self, owner: int) -> None:
        for folder, _, files in os.walk(self.data):
            for path in (Path(folder), *(Path(folder, file) for file in files)):
                os.chown(path, owner, owner, follow_symlinks=False)

    def _end_orphan(self) -> None:
        """End a server without a supervisor, and remove the pid file of an ended one.

        PostgreSQL removes such a file itself, but not where another process has the same pid now.
        """
        lines = read_pid_file(self.data)
        if not lines or not lines[0].isdigit():
            return
        pid = int(lines[0])
        if is_server_of(pid, self.data):
            processes.end(pid, processes.read_start_time(pid), *STOPPING)
        (self.data / "postmaster.pid").unlink(missing_ok=True)


def read_pid_file(data: Path) -> list[str]:
    """Return the lines of ``postmaster.pid``; none where there is no such file.

    The last line is the server's state.
    """
    try:
        return [line.strip() for line in (data / "postmaster.pid").read_text().splitlines()]
    except OSError:
        return []


def is_server_of(pid: int, data: Path) -> bool:
    """Return whether the process *pid* is a PostgreSQL server of the folder *data*."""
    import psutil

    try:
        return str(data) in psutil.Process(pid).cmdline()
    except psutil.Error:
        return False


def _initdb_command(data: Path, password: Path) -> list[Any]:
    return [
        *(binaries.find_postgres("initdb"), "-D", data, "--username", USER, "--pwfile", password),
        *("--auth=scram-sha-256", "--no-sync", "--encoding=UTF8"),
        *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),  # text sorts alike everywhere
    ]

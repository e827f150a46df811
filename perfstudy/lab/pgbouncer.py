"""PgBouncer between a service and its database, pooling transactions."""

import os
import secrets
import signal
import subprocess
from pathlib import Path
from urllib.parse import quote

from perfstudy.lab import binaries, processes
from perfstudy.lab.configuration import PGBOUNCER, to_plain
from perfstudy.lab.server import HOST, Server
from perfstudy.lab.state import open_log, write

PROGRAM = "pgbouncer"
USER = "perfstudy"
ADMIN = "pgbouncer"
"""The virtual database that answers queries about PgBouncer itself."""


class PgBouncerServer(Server):
    """PgBouncer in front of *database*, a URL.

    It runs as long as one service. The folder *scratch* is its own.
    """

    title, taken = "PgBouncer", "ddress already in use"
    stopping = ((signal.SIGKILL, 5.0),)  # it has nothing to save

    def __init__(self, database: str, log: Path, scratch: Path) -> None:
        super().__init__(log, scratch)
        from psycopg.conninfo import conninfo_to_dict

        self._parts = {name: str(value) for name, value in conninfo_to_dict(database).items() if value}
        self._password = secrets.token_urlsafe(24)

    def url(self, database: str = "") -> str:
        """Return the URL at which clients reach *database* through it.

        The default is the service's database.
        """
        name = quote(database or self._parts["dbname"], safe="")
        return f"postgresql://{USER}:{self._password}@{HOST}:{self.port}/{name}"

    def prepare(self) -> None:
        """Find the program before anything else.

        Raises:
            NotInstalledError: there is none.
        """
        binaries.find_installed(PROGRAM)

    def spawn(self) -> "subprocess.Popen[bytes]":
        """Start it from a file that its owner alone can read."""
        confinement = processes.choose_confinement()
        users, settings = self.scratch / "pgbouncer.users", self.scratch / "pgbouncer.ini"
        write(users, f'"{USER}" "{self._password}"\n')
        write(settings, self._configuration(users))
        if confinement.user is not None:
            self._give(confinement.user, users, settings)
        with open_log(self.log) as log:
            return processes.spawn(
                [*confinement.prefix, binaries.find_installed(PROGRAM), settings],
                death=signal.SIGKILL,
                user=confinement.user,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.scratch,
            )

    def is_ready(self) -> bool:
        """Return whether the program on the port is ours: only it takes the password."""
        import psycopg

        try:
            with psycopg.connect(self.url(ADMIN), connect_timeout=2, autocommit=True):
                return not self.has_ended()
        except psycopg.Error:
            return False

    def _give(self, user: int, *files: Path) -> None:
        """Change the owner of files that it must read, and let it enter our folders."""
        for path in (self.scratch, *files):
            os.chown(path, user, user)
        self.scratch.parent.chmod(0o711)

    def _configuration(self, users: Path) -> str:
        place = {"host": HOST, "port": "5432"} | {
            name: value for name, value in self._parts.items() if name in ("host", "port", "dbname", "user", "password")
        }
        database = " ".join(f"{name}='{_quoted(value)}'" for name, value in place.items())
        settings = to_plain(PGBOUNCER) | {
            "listen_addr": HOST,
            "listen_port": str(self.port),
            "auth_file": str(users),
            "admin_users": USER,
            "server_tls_sslmode": self._parts.get("sslmode", "prefer"),
        }
        lines = [f"{name} = {value}" for name, value in settings.items()]
        return "\n".join(["[databases]", f"{self._parts['dbname']} = {database}", "[pgbouncer]", *lines, ""])


def _quoted(value: str) -> str:
    return value.replace("'", "''")

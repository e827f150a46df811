"""The embedded Redis server: it writes no data to disk."""

import secrets
import signal
import socket
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Any

from perfstudy.lab import binaries, processes
from perfstudy.lab.configuration import REDIS, to_plain
from perfstudy.lab.server import HOST, Server
from perfstudy.lab.state import open_log

ANSWERING = 0.25
"""Seconds before another attempt; another process on the port may never answer."""


class RedisServer(Server):
    """One server of *state*, which stores only its log there."""

    name = "redis"
    title, taken = "the Redis server", "in use"
    stopping = ((signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0))

    def __init__(self, state: Path, scratch: Path) -> None:
        super().__init__(state / "redis.log", scratch)
        self.password = secrets.token_urlsafe(24)

    def address(self) -> dict[str, Any]:
        """Return what a client needs to connect."""
        return {"host": HOST, "port": self.port, "password": self.password}

    def spawn(self) -> "subprocess.Popen[bytes]":
        """Start it, with its settings from a pipe.

        Everybody can read a command line.
        """
        with open_log(self.log) as log:
            confinement = processes.choose_confinement()
            process = processes.spawn(
                [*confinement.prefix, binaries.find_redis(), "-"],
                death=signal.SIGTERM,
                user=confinement.user,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=self.scratch,
            )
        assert process.stdin is not None
        with suppress(BrokenPipeError), process.stdin as pipe:  # it may have ended already; its log says why
            pipe.write(self._configuration())
        return process

    def is_ready(self) -> bool:
        """Return whether the server on the port is ours: only it knows the password."""
        try:
            with socket.create_connection((HOST, self.port), timeout=ANSWERING) as wire:
                wire.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                return wire.makefile("rb").read(len(b"+OK\r\n+PONG")) == b"+OK\r\n+PONG"
        except OSError:
            return False

    def _configuration(self) -> bytes:
        settings = to_plain(REDIS) | {"bind": HOST, "port": str(self.port), "requirepass": self.password}
        return "".join(f'{name} "{value}"\n' for name, value in settings.items()).encode()

"""The embedded server that speaks Redis's protocol: no file of its own, gone with its process."""

import secrets
import signal
import socket
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from perfstudy.errors import PerfstudyError
from perfstudy.lab import binaries, processes
from perfstudy.lab.configuration import REDIS, declared
from perfstudy.lab.ports import HOST, free_ports
from perfstudy.lab.state import new_log, tail

STARTING = 30.0
ANSWERING = 0.25
"""Seconds after which another try is made; whoever else listens on the port may never answer."""
STOPPING = ((signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0))


class RedisServer:
    """One server of *state*, which keeps nothing but its log there."""

    name = "redis"

    def __init__(self, state: Path, scratch: Path) -> None:
        self.log = state / "redis.log"
        self.scratch = scratch
        self.password = secrets.token_urlsafe(24)
        self.port = 0
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, ports: Iterable[int] | None = None) -> None:
        """Start on the first of *ports* that is not taken, by default on any free one, and wait until it answers.

        Raises:
            PerfstudyError: it does not start; the message quotes its log.
        """
        for port in free_ports() if ports is None else ports:
            self.port = port
            if self._launch():
                return
            if "in use" not in tail(self.log, 20):
                break
        raise PerfstudyError(f"the Redis server did not start:{tail(self.log)}")

    def stop(self) -> None:
        """Stop; what it holds is gone."""
        if self.process is not None:
            processes.end(self.process.pid, processes.born(self.process.pid), *STOPPING)
            self.process.wait()
            self.process = None

    def address(self) -> dict[str, Any]:
        """Return what a client needs to connect."""
        return {"host": HOST, "port": self.port, "password": self.password}

    def _launch(self) -> bool:
        with new_log(self.log) as log:
            confinement = processes.confinement()
            self.process = processes.spawn(
                [*confinement.prefix, binaries.redis(), "-"],
                death=signal.SIGTERM,
                user=confinement.user,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=self.scratch,
            )
        self._configure()
        processes.wait_until(lambda: self._ready() or self._ended(), STARTING)
        if self._ready():
            return True
        self.stop()
        return False

    def _configure(self) -> None:
        """Hand over the settings through a pipe, because a command line can be read by everybody."""
        if self.process is None or self.process.stdin is None:
            return
        try:
            with self.process.stdin as pipe:
                pipe.write(self._configuration())
        except BrokenPipeError:  # it ended already; its log says why
            pass

    def _ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def _ready(self) -> bool:
        """Whether the server that answers on the port is ours: it alone knows the password."""
        try:
            with socket.create_connection((HOST, self.port), timeout=ANSWERING) as wire:
                wire.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                return wire.makefile("rb").read(len(b"+OK\r\n+PONG")) == b"+OK\r\n+PONG"
        except OSError:
            return False

    def _configuration(self) -> bytes:
        settings = declared(REDIS) | {"bind": HOST, "port": str(self.port), "requirepass": self.password}
        return "".join(f'{name} "{value}"\n' for name, value in settings.items()).encode()

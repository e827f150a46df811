"""The lab's embedded servers: started on a free port, probed and stopped."""

import socket
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from pathlib import Path

from perfstudy.errors import PerfstudyError
from perfstudy.lab import processes
from perfstudy.lab.state import read_tail

HOST = "127.0.0.1"
ATTEMPTS = 5
STARTING = 30.0


def free_ports() -> Iterator[int]:
    """Yield free ports; a caller that finds one taken tries the next."""
    for _ in range(ATTEMPTS):
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            port = probe.getsockname()[1]
        yield port


def is_free(port: int) -> bool:
    """Return whether a server may listen on *port* now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError):
            return False
        return True


class Server(ABC):
    """One server in its own process.

    It has its *log* and the short folder *scratch* for its files.
    """

    title: str
    """Its name in messages."""
    taken: str
    """The message in its log where the port is taken."""
    starting = STARTING
    """Seconds that a start may take."""
    stopping: tuple[tuple[int, float], ...]
    """The signals that stop it, each with the seconds that it may take."""

    def __init__(self, log: Path, scratch: Path) -> None:
        self.log = log
        self.scratch = scratch
        self.port = 0
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, ports: Iterable[int] | None = None) -> None:
        """Start on the first free one of *ports*, and wait until it answers.

        By default, any free port.

        Raises:
            PerfstudyError: it does not start; the message quotes its log.
        """
        self.prepare()
        for port in free_ports() if ports is None else ports:
            self.port = port
            if self._launch():
                return
            if self.taken not in read_tail(self.log, 20):
                break
        raise PerfstudyError(f"{self.title} did not start:{read_tail(self.log)}")

    def stop(self) -> None:
        """Stop at once, with an orderly shutdown."""
        if self.process is not None:
            processes.end(self.process.pid, processes.read_start_time(self.process.pid), *self.stopping)
            self.process.wait()
            self.process = None

    def _launch(self) -> bool:
        self.process = self.spawn()
        # Another process on the port may never answer; stop asking when ours has ended.
        processes.wait_until(lambda: self.has_ended() or self.is_ready(), self.starting)
        if not self.has_ended() and self.is_ready():
            return True
        self.stop()
        return False

    def has_ended(self) -> bool:
        """Return whether it has ended."""
        return self.process is None or self.process.poll() is not None

    def prepare(self) -> None:
        """Do what must be done once before a start; by default nothing."""
        return None

    @abstractmethod
    def spawn(self) -> "subprocess.Popen[bytes]":
        """Start the process on the port."""

    @abstractmethod
    def is_ready(self) -> bool:
        """Return whether it answers, and is ours."""

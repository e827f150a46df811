"""What the lab's own servers have in common: started on a free port, found to answer, and stopped."""

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
    """Yield ports that are free now; a caller who finds one taken after all goes on to the next."""
    for _ in range(ATTEMPTS):
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            port = probe.getsockname()[1]
        yield port


def is_free(port: int) -> bool:
    """Whether a server may listen on *port* now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError):
            return False
        return True


class Server(ABC):
    """One server in a process of its own, with its *log* and the short folder *scratch* for what it writes."""

    title: str
    """What messages call it."""
    taken: str
    """What its log says where the port is taken."""
    starting = STARTING
    """Seconds that a start may take."""
    stopping: tuple[tuple[int, float], ...]
    """The signals that stop it, each with the seconds it is given."""

    def __init__(self, log: Path, scratch: Path) -> None:
        self.log = log
        self.scratch = scratch
        self.port = 0
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, ports: Iterable[int] | None = None) -> None:
        """Start on the first of *ports* that is not taken, by default on any free one, and wait until it answers.

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
        """Stop at once, but in order."""
        if self.process is not None:
            processes.end(self.process.pid, processes.read_start_time(self.process.pid), *self.stopping)
            self.process.wait()
            self.process = None

    def _launch(self) -> bool:
        self.process = self.spawn()
        # Another process on the port may never answer, and is asked no longer than ours takes to end.
        processes.wait_until(lambda: self.has_ended() or self.is_ready(), self.starting)
        if not self.has_ended() and self.is_ready():
            return True
        self.stop()
        return False

    def has_ended(self) -> bool:
        """Whether it runs no more."""
        return self.process is None or self.process.poll() is not None

    def prepare(self) -> None:
        """Do what has to be done once before a start; nothing, if need be."""
        return None

    @abstractmethod
    def spawn(self) -> "subprocess.Popen[bytes]":
        """Start the process on the port."""

    @abstractmethod
    def is_ready(self) -> bool:
        """Whether it answers, and is ours."""

"""What the lab's own servers have in common: started on a free port, found to answer, and stopped."""

import subprocess
from abc import ABC, abstractmethod
from collections.abc import Iterable
from pathlib import Path

from perfstudy.errors import PerfstudyError
from perfstudy.lab import processes
from perfstudy.lab.ports import free_ports
from perfstudy.lab.state import tail

STARTING = 30.0


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
            if self._launched():
                return
            if self.taken not in tail(self.log, 20):
                break
        raise PerfstudyError(f"{self.title} did not start:{tail(self.log)}")

    def stop(self) -> None:
        """Stop at once, but in order."""
        if self.process is not None:
            processes.end(self.process.pid, processes.start_time(self.process.pid), *self.stopping)
            self.process.wait()
            self.process = None

    def _launched(self) -> bool:
        self.process = self.spawn()
        # Whoever else listens on the port may never answer, and is asked no longer than it takes to end.
        processes.wait_until(lambda: self.ended() or self.ready(), self.starting)
        if not self.ended() and self.ready():
            return True
        self.stop()
        return False

    def ended(self) -> bool:
        """Whether it runs no more."""
        return self.process is None or self.process.poll() is not None

    def prepare(self) -> None:
        """Do what has to be done once before a start; nothing, if need be."""
        return None

    @abstractmethod
    def spawn(self) -> "subprocess.Popen[bytes]":
        """Start the process on the port."""

    @abstractmethod
    def ready(self) -> bool:
        """Whether it answers, and is ours."""

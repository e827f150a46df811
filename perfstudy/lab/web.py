"""The service: the project served as one variant, in a process group of its own."""

import http.client
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from signal import SIGTERM
from types import TracebackType
from typing import Self

from perfstudy.errors import PerfstudyError, UsageError
from perfstudy.lab import processes
from perfstudy.lab.ports import HOST, free_ports, is_free
from perfstudy.lab.state import tail
from perfstudy.variant import Variant

BASELINE_SERVER = ("{python}", "-m", "perfstudy.service", "runserver", "{host}:{port}", "--noreload")
"""What serves a variant that fills no server seam: Django's development server, a thread for each connection."""
STARTING = 60.0
POLLING = 0.005
ANSWERING = 1.0
"""Seconds after which another try is made; whoever else listens on the port may never answer."""
PROBES = ("/api/noop", "/api/health")
"""What must answer 200, in this order: the process serves, and it reaches both servers."""


@dataclass(frozen=True)
class Place:
    """Where a service runs: its log, and the folder for whatever it needs to write."""

    log: Path
    scratch: Path
    metrics: Path | None = None
    """Where its workers keep their counters, None for a folder in *scratch*; services that share it count together."""


def place(folder: Path, scratch: Path, metrics: Path | None = None) -> Place:
    """Make the place of one more service of a session."""
    own = Path(tempfile.mkdtemp(prefix="service-", dir=folder))
    return Place(log=own / "service.log", scratch=Path(tempfile.mkdtemp(dir=scratch)), metrics=metrics)


def command(variant: Variant, port: int, scratch: Path) -> list[str]:
    """Return the command that serves *variant* on *port* of the loopback interface."""
    seams = [o.server for o in variant if o.server] or [BASELINE_SERVER]
    values = {"python": sys.executable, "host": HOST, "port": str(port), "scratch": str(scratch)}
    return [part.format_map(values) for part in seams[-1]]


class Service:
    """A running service; stopped at the end of the ``with`` block, or with the process that started it."""

    def __init__(self, variant: Variant, environment: dict[str, str], place: Place, secret: str, port: int = 0) -> None:
        """Start, on *port* or on any free one, and wait until it answers.

        Raises:
            UsageError: *port* is taken.
            PerfstudyError: it did not start; the message quotes its log.
        """
        self.variant = variant
        self._environment, self._place, self._secret = environment, place, secret
        if port and not is_free(port):
            raise UsageError(f"port {port} is taken: choose another one, or 0 for any that is free")
        for self._port in (port,) if port else free_ports():
            began = time.perf_counter()
            self._process = self._spawn()
            if self._until_ready():
                self.ready_seconds = time.perf_counter() - began
                return
            if is_free(self._port):  # so it was not the port that it failed for
                break
        raise PerfstudyError(f"the service did not start as {variant.name}:{tail(self.log, 12)}")

    @property
    def url(self) -> str:
        """The service's address, ``http://127.0.0.1:port``."""
        return f"http://{HOST}:{self._port}"

    @property
    def pid(self) -> int:
        """The process that leads the service's group."""
        return self._process.pid

    @property
    def log(self) -> Path:
        """What the service wrote to stderr and stdout; gone with the lab."""
        return self._place.log

    @property
    def running(self) -> bool:
        """Whether it has not ended by itself."""
        return self._process.poll() is None

    def token(self, tenant: str) -> str:
        """Return a bearer token of *tenant*."""
        from perfstudy import tokens

        return tokens.issue(tenant, self._secret)

    @property
    def closed(self) -> bool:
        """Whether it was stopped; one that ended by itself may have left a part of its group."""
        return self._process.returncode is not None and not self._place.scratch.exists()

    def close(self) -> None:
        """End the whole process group, and remove what it wrote but for its log."""
        if self.closed:
            return
        processes.end_group(self._process)
        shutil.rmtree(self._place.scratch, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _spawn(self) -> "subprocess.Popen[bytes]":
        scratch = self._place.scratch
        scratch.mkdir(mode=0o700, exist_ok=True)
        (metrics := self._place.metrics or scratch / "metrics").mkdir(mode=0o700, exist_ok=True)
        # Gunicorn would put a socket of its own into the reader's home.
        environment = processes.environment(
            **self._environment, XDG_RUNTIME_DIR=str(scratch), PROMETHEUS_MULTIPROC_DIR=str(metrics)
        )
        with self.log.open("wb") as log:
            return processes.spawn(
                command(self.variant, self._port, scratch),
                death=SIGTERM,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=scratch,
                env=environment,
            )

    def _until_ready(self) -> bool:
        """Whether it answers every probe in time; otherwise, and at an interruption, it is stopped."""
        try:
            if not all(self._comes_to_answer(path) for path in PROBES):
                self.close()
        except BaseException:
            self.close()
            raise
        return self.running

    def _comes_to_answer(self, path: str) -> bool:
        answered = processes.wait_until(lambda: self._answers(path) or not self.running, STARTING, POLLING)
        return answered and self.running

    def _answers(self, path: str) -> bool:
        connection = http.client.HTTPConnection(HOST, self._port, timeout=ANSWERING)
        try:
            connection.request("GET", path, headers={"Connection": "close"})
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

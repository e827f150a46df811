"""A running service: one arm, served in a process group of its own."""

import http.client
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from signal import SIGTERM

from perfstudy.drivers.http import Client
from perfstudy.errors import PerfstudyError
from perfstudy.formatting import clock
from perfstudy.lab import processes
from perfstudy.lab.launching import OURS, Code, build_command, refuse_port
from perfstudy.lab.server import HOST, Server, free_ports, is_free
from perfstudy.lab.state import read_tail
from perfstudy.model.arm import Arm
from perfstudy.model.closing import Closing
from perfstudy.model.service import Service

STARTING = 60.0
POLLING = 0.02
ANSWERING = 1.0
"""Seconds before another attempt; another process on the port may never answer."""
DRAINING = 40.0
"""Seconds that a service may take to finish its requests; both servers stop after 30."""


@dataclass(frozen=True)
class ServicePlace:
    """The place of a service: its log, and a folder for its files."""

    log: Path
    scratch: Path
    metrics: Path | None = None
    """The folder of its workers' counters, by default in *scratch*.

    Services that share it count together.
    """


def make_place(folder: Path, scratch: Path, metrics: Path | None = None) -> ServicePlace:
    """Create the place of one more service of a session."""
    own = Path(tempfile.mkdtemp(prefix="service-", dir=folder))
    return ServicePlace(log=own / "service.log", scratch=Path(tempfile.mkdtemp(dir=scratch)), metrics=metrics)


class Served(Closing):
    """A service that answers: at an address, with tokens for its clients."""

    arm: Arm
    url: str
    closed: bool = False
    acknowledge_at_once: bool = False
    """Whether its clients must not delay acknowledgements; see :class:`perfstudy.drivers.http.Client`."""

    def __init__(self, service: Service, arm: Arm, bearer: Callable[[str], str]) -> None:
        self._declared, self.arm, self._bearer = service, arm, bearer

    def token(self, tenant: str) -> str:
        """Return a bearer token of *tenant*."""
        return self._bearer(tenant)

    def client(self, tenant: str | None = None, timeout: float | None = None) -> Client:
        """Return a client with a token of *tenant*, or without a token.

        An answer may take *timeout* seconds, by default as many as the service declares.
        """
        token = None if tenant is None else self.token(tenant)
        patience = self._declared.timeout if timeout is None else timeout
        return Client(self.url, token, patience, acknowledge_at_once=self.acknowledge_at_once)


class RunningService(Served):
    """A running service.

    It is stopped at the end of the ``with`` block, or with the process that started it.
    """

    def __init__(
        self,
        service: Service,
        arm: Arm,
        environment: Mapping[str, str],
        place: ServicePlace,
        bearer: Callable[[str], str],
        port: int = 0,
        listener: socket.socket | None = None,
        pooler: Server | None = None,
        command: tuple[str, ...] = (),
        lost: Callable[[], bool] = lambda: False,
        code: Code = OURS,
    ) -> None:
        """Start on *port*, a free one or the socket *listener*; wait until it answers.

        The *pooler* is stopped with it. *command* serves an arm that declares none, by default the service's.
        *lost* returns whether the servers that it needs have ended.

        Raises:
            UsageError: *port* is taken.
            PerfstudyError: it did not start; the message quotes its log.
        """
        super().__init__(service, arm, bearer)
        self.pooler, self._lost, self._code = pooler, lost, code
        self._command = arm.argv or command or service.argv
        self._environment, self._place = environment, place
        self.acknowledge_at_once = self._command in service.two_writes
        self._failure = "it did not answer"
        self._listener, self._instance = listener, secrets.token_hex(8)
        if listener is not None:
            port = listener.getsockname()[1]
        elif port and not is_free(port):
            raise refuse_port(port)
        for self._port in (port,) if port else free_ports():
            self._process = self._spawn()
            if self._wait_until_ready():
                return
            if is_free(self._port):  # so it was not the port that it failed for
                break
        raise PerfstudyError(f"the service did not start as {arm.name}: {self._failure}{read_tail(place.log, 12)}")

    @property
    def url(self) -> str:  # type: ignore[override]  # its port may change until it has started
        """The service's address, ``http://127.0.0.1:port``."""
        return f"http://{HOST}:{self._port}"

    @property
    def pid(self) -> int:
        """The leader of the service's process group."""
        return self._process.pid

    @property
    def log(self) -> Path:
        """The service's stderr and stdout; removed with the lab."""
        return self._place.log

    @property
    def running(self) -> bool:
        """Whether it has not ended by itself."""
        return self._process.poll() is None

    @property
    def closed(self) -> bool:  # type: ignore[override]  # it may end by itself
        """Whether it was stopped.

        One that ended by itself may have left processes of its group.
        """
        return self._process.returncode is not None and not self._place.scratch.exists()

    def close(self) -> None:
        """End the whole process group, and remove its files except the log."""
        if self.closed:
            return
        self._end()
        if self.pooler is not None:
            self.pooler.stop()

    def drain(self) -> None:
        """End it once it has answered its requests; for one with a shared listener."""
        if self.running:
            self._process.terminate()
            processes.wait_until(lambda: not self.running, DRAINING)
        self.close()

    def _end(self) -> None:
        processes.end_group(self._process)
        shutil.rmtree(self._place.scratch, ignore_errors=True)

    def _spawn(self) -> "subprocess.Popen[bytes]":
        scratch = self._place.scratch
        scratch.mkdir(mode=0o700, exist_ok=True)
        (metrics := self._place.metrics or scratch / "metrics").mkdir(mode=0o700, exist_ok=True)
        # Gunicorn would put a socket of its own into the reader's home.
        environment = self._code.inherit(
            **self._environment, XDG_RUNTIME_DIR=str(scratch), PROMETHEUS_MULTIPROC_DIR=str(metrics)
        )
        environment["PERFSTUDY_INSTANCE"] = self._instance
        listener = None if self._listener is None else self._listener.fileno()
        with self._place.log.open("wb") as log:
            return processes.spawn(
                build_command(self._command, self._port, scratch, listener, self._code),
                death=SIGTERM,
                pass_fds=() if listener is None else (listener,),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._code.folder or scratch,
                env=environment,
            )

    def _wait_until_ready(self) -> bool:
        """Return whether it answers every probe in time; otherwise stop it.

        An interruption stops it too.
        """
        try:
            # Behind a shared socket others answer too; try until this one does.
            reached = not self._listener or self._wait_for(self._is_reached)
            if not (reached and self._answers_probes()):
                self._failure = self._explain_failure()
                self._end()
        except BaseException:
            self._end()
            raise
        return self.running

    def _answers_probes(self) -> bool:
        """Return whether each path that must answer does; without one, if it listens."""
        if not self._declared.ready_paths:
            return self._wait_for(self._listens)
        return all(self._wait_for(partial(self._answers, path)) for path in self._declared.ready_paths)

    def _explain_failure(self) -> str:
        """Return why it does not count as started."""
        if not self.running:
            return f"its command ended with status {self._process.returncode}"
        elsewhere = sorted(processes.list_listening_ports(self.pid) - {self._port})
        if elsewhere and not self._listens():
            return f"it listens on port {elsewhere[0]}, and not on {{port}}, which is {self._port}"
        probed = self._declared.ready_paths
        where = f"200 at {' and '.join(probed)}" if probed else f"on port {self._port}"
        return f"it did not answer {where} within {clock(STARTING)}"

    def _listens(self) -> bool:
        with socket.socket() as probe:
            probe.settimeout(ANSWERING)
            return probe.connect_ex((HOST, self._port)) == 0

    def _wait_for(self, condition: Callable[[], bool]) -> bool:
        answered = processes.wait_until(lambda: condition() or not self.running or self._lost(), STARTING, POLLING)
        if self._lost():
            raise PerfstudyError("the lab's supervisor has ended, and its servers with it; start again")
        return answered and self.running

    def _is_reached(self) -> bool:
        return self._instance.encode() in (self._fetch(self._declared.instance) or b"")

    def _answers(self, path: str) -> bool:
        return self._fetch(path) is not None

    def _fetch(self, path: str) -> bytes | None:
        """Return the body of a 200; None for anything else."""
        connection = http.client.HTTPConnection(HOST, self._port, timeout=ANSWERING)
        try:
            connection.request("GET", path, headers={"Connection": "close"})
            response = connection.getresponse()
            return response.read() if response.status == 200 else None
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

"""The service: the project served as one variant, in a process group of its own."""

import http.client
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from signal import SIGTERM

from perfstudy import paths
from perfstudy.closing import Closing
from perfstudy.drivers.http import Client
from perfstudy.errors import PerfstudyError, UsageError
from perfstudy.lab import processes
from perfstudy.lab.ports import HOST, free_ports, is_free
from perfstudy.lab.server import Server
from perfstudy.lab.state import tail
from perfstudy.listing.variants import Variant
from perfstudy.model.competitor import Competitor

BASELINE_SERVER: tuple[str, ...] = (
    "{python}",
    "-m",
    "perfstudy.listing.service",
    "runserver",
    "{host}:{port}",
    "--noreload",
)
"""What serves a variant that fills no server seam: Django's development server, a thread for each connection."""
TWO_WRITES: tuple[tuple[str, ...], ...] = (BASELINE_SERVER,)
"""The servers that send head and body in two writes with Nagle's algorithm on, whose clients acknowledge at once."""
STARTING = 60.0
POLLING = 0.005
ANSWERING = 1.0
"""Seconds after which another try is made; whoever else listens on the port may never answer."""
DRAINING = 40.0
"""Seconds that a service may take to answer what it was asked; both servers give up after 30."""
BACKLOG = 2048
"""Connections that wait for a moment in which no process accepts."""
PROBES = ("/api/noop", "/api/health")
"""What must answer 200, in this order: the process serves, and it reaches both servers."""


@dataclass(frozen=True)
class ServicePlace:
    """Where a service runs: its log, and the folder for whatever it needs to write."""

    log: Path
    scratch: Path
    metrics: Path | None = None
    """Where its workers keep their counters, None for a folder in *scratch*; services that share it count together."""


def make_place(folder: Path, scratch: Path, metrics: Path | None = None) -> ServicePlace:
    """Make the place of one more service of a session."""
    own = Path(tempfile.mkdtemp(prefix="service-", dir=folder))
    return ServicePlace(log=own / "service.log", scratch=Path(tempfile.mkdtemp(dir=scratch)), metrics=metrics)


def build_command(
    variant: Variant | Competitor,
    port: int,
    scratch: Path,
    listener: int | None = None,
    server: tuple[str, ...] = BASELINE_SERVER,
) -> list[str]:
    """Return the command that serves *variant* on *port* of the loopback interface, or on the socket *listener*.

    A variant that fills no server seam is served by *server*.
    """
    values = {"python": sys.executable, "host": HOST, "port": str(port), "scratch": str(scratch)}
    values["home"] = str(paths.home())
    handed_over = {} if listener is None else {"{host}:{port}": f"fd://{listener}"}
    return [handed_over.get(part) or part.format_map(values) for part in declared(variant, server)]


def declared(variant: Variant | Competitor, server: tuple[str, ...] = BASELINE_SERVER) -> tuple[str, ...]:
    """Return the command that serves *variant* as it is declared, *server* where it fills no server seam."""
    seams = [variant.command] if isinstance(variant, Competitor) else [o.server for o in variant if o.server]
    return (seams or [server])[-1]


def open_listener(port: int = 0) -> socket.socket:
    """Return a socket that listens on *port* of the loopback interface, or on any free one, for services to share.

    Raises:
        UsageError: *port* is taken.
    """
    try:
        listener = socket.create_server((HOST, port), backlog=BACKLOG)
    except OSError:
        raise _taken(port) from None
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # which every accepted connection inherits
    listener.setblocking(False)  # of the processes that are told of a connection, only one gets it
    return listener


def _taken(port: int) -> UsageError:
    return UsageError(f"port {port} is taken: choose another one, or 0 for any that is free")


class Service(Closing):
    """A running service; stopped at the end of the ``with`` block, or with the process that started it."""

    def __init__(
        self,
        variant: Variant | Competitor,
        environment: dict[str, str],
        make_place: ServicePlace,
        secret: str,
        port: int = 0,
        listener: socket.socket | None = None,
        beside: Server | None = None,
        server: tuple[str, ...] = BASELINE_SERVER,
        lost: Callable[[], bool] = lambda: False,
    ) -> None:
        """Start, on *port*, on any free one or on the socket *listener*, and wait until it answers.

        What runs *beside* it is stopped with it. A variant that fills no server seam is served by *server*.
        *lost* says whether the servers that it needs have ended, so that it cannot answer any more.

        Raises:
            UsageError: *port* is taken.
            PerfstudyError: it did not start; the message quotes its log.
        """
        self._served, self.beside, self._server, self._lost = variant, beside, server, lost
        self._environment, self._place, self._secret = environment, make_place, secret
        self._listener, self._instance = listener, secrets.token_hex(8)
        if listener is not None:
            port = listener.getsockname()[1]
        elif port and not is_free(port):
            raise _taken(port)
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
    def variant(self) -> Variant:
        """The variant that is served; a rival is none."""
        assert isinstance(self._served, Variant)
        return self._served

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
        from perfstudy.listing import tokens

        return tokens.issue(tenant, self._secret)

    @property
    def acknowledge_at_once(self) -> bool:
        """Whether its clients must not delay acknowledgements, see :class:`perfstudy.drivers.http.Client`."""
        return declared(self._served, self._server) in TWO_WRITES

    def client(self, tenant: str | None = None, timeout: float = 120.0) -> Client:
        """Return a client that asks for *tenant*, or without a token."""
        token = None if tenant is None else self.token(tenant)
        return Client(self.url, token, timeout, acknowledge_at_once=self.acknowledge_at_once)

    @property
    def closed(self) -> bool:
        """Whether it was stopped; one that ended by itself may have left a part of its group."""
        return self._process.returncode is not None and not self._place.scratch.exists()

    def close(self) -> None:
        """End the whole process group, and remove what it wrote but for its log."""
        if self.closed:
            return
        self._end()
        if self.beside is not None:
            self.beside.stop()

    def drain(self) -> None:
        """End it once it has answered what it was asked; for one whose listener others share."""
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
        environment = processes.environment(
            **self._environment, XDG_RUNTIME_DIR=str(scratch), PROMETHEUS_MULTIPROC_DIR=str(metrics)
        )
        environment["PERFSTUDY_INSTANCE"] = self._instance
        listener = None if self._listener is None else self._listener.fileno()
        with self.log.open("wb") as log:
            return processes.spawn(
                build_command(self._served, self._port, scratch, listener, self._server),
                death=SIGTERM,
                pass_fds=() if listener is None else (listener,),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=scratch,
                env=environment,
            )

    def _until_ready(self) -> bool:
        """Whether it answers every probe in time; otherwise, and at an interruption, it is stopped."""
        try:
            # Behind a shared socket others answer too, until it is this one that does.
            first = self._is_reached if self._listener else lambda: self._answers(PROBES[0])
            if not (self._comes_true(first) and self._comes_true(lambda: self._answers(PROBES[1]))):
                self._end()
        except BaseException:
            self._end()
            raise
        return self.running

    def _comes_true(self, condition: Callable[[], bool]) -> bool:
        answered = processes.wait_until(lambda: condition() or not self.running or self._lost(), STARTING, POLLING)
        if self._lost():
            raise PerfstudyError("the lab's keeper has ended, and its servers with it; start anew")
        return answered and self.running

    def _is_reached(self) -> bool:
        return self._instance.encode() in (self._answer("/metrics") or b"")

    def _answers(self, path: str) -> bool:
        return self._answer(path) is not None

    def _answer(self, path: str) -> bytes | None:
        """Return the body of a 200, None for whatever else may happen."""
        connection = http.client.HTTPConnection(HOST, self._port, timeout=ANSWERING)
        try:
            connection.request("GET", path, headers={"Connection": "close"})
            response = connection.getresponse()
            return response.read() if response.status == 200 else None
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

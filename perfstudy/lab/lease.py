"""The supervisor's client: take a lease, ask for the status, start and stop."""

import json
import select
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from perfstudy.errors import PerfstudyError, UsageError
from perfstudy.formatting import clock
from perfstudy.lab import binaries, processes
from perfstudy.lab.access import DATABASE_URL, REDIS_URL, Postgres, Redis
from perfstudy.lab.postgres import STARTING
from perfstudy.lab.session import end_orphans
from perfstudy.lab.state import SUCCESSION, State, open_log, read_tail
from perfstudy.model import variables

SERVERS = ("postgres", "redis")
ANSWERING = 5.0
"""Seconds in which a working supervisor answers a question."""
STOPPING = 90.0
"""Seconds that an orderly stop may take; PostgreSQL writes out its memory."""


class NoSupervisorError(Exception):
    """There is no supervisor at the other end, or it has ended."""


class Channel:
    """A connection to a supervisor, with its process if it was started here."""

    def __init__(self, connection: socket.socket, supervisor: "subprocess.Popen[bytes] | None" = None) -> None:
        self.connection = connection
        self.supervisor = supervisor
        self.answers = connection.makefile("rb")

    def ask(self, patience: float, **question: Any) -> dict[str, Any]:
        """Return the answer to *question*.

        Raises:
            NoSupervisorError: the connection ended without an answer.
            PerfstudyError: the answer is an error, or did not come within *patience* seconds.
        """
        self.connection.settimeout(patience)
        try:
            self.connection.sendall(json.dumps(question).encode() + b"\n")
            line = self.answers.readline()
        except TimeoutError:
            raise PerfstudyError(
                f"the lab's supervisor has not answered for {clock(patience)}: run `perfstudy lab down`, then try again"
            ) from None
        except OSError:
            line = b""
        if not line:
            raise NoSupervisorError
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise PerfstudyError(answer["error"])
        return answer

    def finish(self) -> None:
        """Give up the lease; the last client waits for the servers to stop."""
        stays = b""
        with suppress(OSError):
            self.connection.settimeout(STOPPING)
            self.connection.shutdown(socket.SHUT_WR)
            stays = self.answers.readline()  # empty once the supervisor has ended
        self.close()
        if not stays and (supervisor := self.supervisor) is not None:
            processes.wait_until(lambda: supervisor.poll() is not None, 1.0)

    def close(self) -> None:
        """Close the connection without waiting."""
        self.answers.close()
        self.connection.close()


@dataclass
class Lease:
    """The right to use the servers, until :meth:`release` or the end of this process."""

    addresses: dict[str, dict[str, Any]]
    wire: Channel

    def is_lost(self) -> bool:
        """Return whether the supervisor and its servers have ended.

        The kernel reports it at once.
        """
        connection = self.wire.connection
        try:
            return bool(select.select([connection], [], [], 0)[0]) and not connection.recv(1, socket.MSG_PEEK)
        except (OSError, ValueError):
            return True

    def release(self) -> None:
        """Give the lease back.

        The servers have stopped on return unless other processes use them.
        """
        self.wire.finish()


@dataclass(frozen=True)
class Status:
    """The running servers' URLs, with passwords; None for a server that does not run."""

    folder: str
    pid: int
    since: datetime
    pinned: bool
    leases: int
    postgres_url: str | None
    redis_url: str | None

    def __str__(self) -> str:
        users = f"{self.leases} process{'' if self.leases == 1 else 'es'}"
        stay = "stays until `perfstudy lab down`" if self.pinned else "stops with the last of them"
        lines = [f"running  since {self.since.astimezone():%Y-%m-%d %H:%M:%S}, used by {users}, {stay}"]
        lines += [f"postgres {self.postgres_url}"] if self.postgres_url else []
        lines += [f"redis    {self.redis_url}"] if self.redis_url else []
        return "\n".join([*lines, f"folder   {self.folder}"])


def acquire(servers: tuple[str, ...] = SERVERS) -> Lease:
    """Take a lease on *servers* of the state folder, starting those that do not run.

    Raises:
        UsageError: the package of a server is not installed.
        PerfstudyError: a server does not start, or the supervisor does not answer; the message says what to do.
    """
    state = State()
    try:
        return _take_lease(_connect(state), servers)
    except NoSupervisorError:
        pass
    with state.lock("start.lock", patience=STARTING + SUCCESSION):
        try:
            return _take_lease(_connect(state), servers)
        except NoSupervisorError:
            binaries.check(servers)
            return _start(state, servers)


def up() -> Status:
    """Start the servers; they run until :func:`down`.

    Raises:
        UsageError: both servers are named by URLs, so there is none to start.
        PerfstudyError: as for :func:`acquire`.
    """
    lease = acquire(_find_embedded())
    try:
        lease.wire.ask(ANSWERING, ask="pin")
    finally:
        lease.release()
    if (found := status()) is None:
        raise PerfstudyError("another process brought the servers down as they came up; try again")
    return found


def status() -> Status | None:
    """Return the running servers; None where none runs.

    Raises:
        PerfstudyError: the supervisor does not answer.
    """
    state = State()
    try:
        wire = _connect(state)
        try:
            return _build_status(state, wire.ask(ANSWERING, ask="status"))
        finally:
            wire.close()
    except NoSupervisorError:
        return None


def down() -> bool:
    """Stop the servers, even while they are in use; return whether any ran.

    Raises:
        PerfstudyError: something is left that cannot be ended.
    """
    state = State()
    supervisor = _read_supervisor(state)
    was_running = state.is_supervised()
    if was_running and not (_ask_down(state) and processes.wait_until(lambda: not state.is_supervised(), STOPPING)):
        _kill_supervisor(state)
    # It releases its lock before its last steps.
    processes.wait_until(lambda: not processes.is_alive(*supervisor), ANSWERING)
    return end_orphans(state) or was_running


def _find_embedded() -> tuple[str, ...]:
    """Return the servers that no variable names."""
    named = {"postgres": variables.DATABASE_URL, "redis": variables.REDIS_URL}
    found = tuple(name for name, variable in named.items() if variable.read() is None)
    if not found:
        raise UsageError(f"{DATABASE_URL} and {REDIS_URL} name servers that run already: unset one to start the lab's")
    return found


def _connect(state: State) -> Channel:
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(ANSWERING)
    try:
        connection.connect((state.record() or {})["socket"])
    except (KeyError, OSError):
        connection.close()
        raise NoSupervisorError from None
    return Channel(connection)


def _take_lease(wire: Channel, servers: tuple[str, ...]) -> Lease:
    try:
        return Lease(wire.ask(STARTING, ask="lease", servers=servers)["servers"], wire)
    except BaseException:
        wire.close()
        raise


def _start(state: State, servers: tuple[str, ...]) -> Lease:
    """Start a supervisor with this process as its first client.

    They are connected from its start, so that it ends with this process in any case.
    """
    ours, theirs = socket.socketpair()
    log = state.folder / "supervisor.log"
    with theirs, open_log(log) as file:
        supervisor = subprocess.Popen(
            [sys.executable, "-m", "perfstudy.lab.supervisor", str(state.folder), str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            cwd=state.folder,
            env=processes.build_environment(),
        )
    try:
        return _take_lease(Channel(ours, supervisor), servers)
    except NoSupervisorError:
        raise PerfstudyError(f"the lab's supervisor ended while it started:{read_tail(log)}") from None


def _ask_down(state: State) -> bool:
    try:
        wire = _connect(state)
        wire.ask(ANSWERING, ask="down")
        return True
    except (NoSupervisorError, PerfstudyError):
        return False


def _kill_supervisor(state: State) -> None:
    processes.wait_until(lambda: state.record() is not None or not state.is_supervised(), ANSWERING)
    processes.end(*_read_supervisor(state), (signal.SIGKILL, 5.0))
    if not processes.wait_until(lambda: not state.is_supervised(), 5.0):
        raise PerfstudyError(f"a process that cannot be found holds {state.folder / 'supervisor.lock'}; end it by hand")


def _read_supervisor(state: State) -> tuple[int, float | None]:
    pid, birth = (state.record() or {}).get("processes", {}).get("supervisor", (0, None))
    return pid, birth


def _build_status(state: State, answer: dict[str, Any]) -> Status:
    servers = answer["servers"]
    return Status(
        folder=str(state.folder),
        pid=answer["pid"],
        since=datetime.fromtimestamp(answer["since"], UTC),
        pinned=answer["pinned"],
        leases=answer["leases"],
        postgres_url=Postgres.embedded(servers["postgres"]).url() if "postgres" in servers else None,
        redis_url=Redis.embedded(servers["redis"]).url if "redis" in servers else None,
    )

"""The supervisor: the process that owns the servers of one state folder.

Clients talk to it over a unix socket, a line of JSON each way, and a connection that asked for a lease is the lease.
The kernel closes it when its client ends, however it ends. After the last lease, unless a client asked the servers to
stay, the supervisor stops them and ends. They stop too when the supervisor itself is killed.

Run as ``python -m perfstudy.lab.supervisor FOLDER DESCRIPTOR``, the descriptor being the first client's connection.
"""

import contextlib
import json
import os
import selectors
import shutil
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any

from perfstudy.errors import PerfstudyError
from perfstudy.lab import processes
from perfstudy.lab.postgres import PostgresServer
from perfstudy.lab.redis import RedisServer
from perfstudy.lab.session import end_orphans, sweep_sessions
from perfstudy.lab.state import SUCCESSION, State, make_short_folder

SERVERS: dict[str, type[PostgresServer] | type[RedisServer]] = {"postgres": PostgresServer, "redis": RedisServer}
SWEEPING = 1.0
"""Seconds to wait for the last processes of killed clients."""
RESTARTING = 15.0
"""Seconds to restart a server that died; its orphaned children may still hold its memory."""


class Connection:
    """A client's socket, and the bytes received so far."""

    def __init__(self, wire: socket.socket) -> None:
        self.wire = wire
        self.leased = False
        self.buffer = b""

    def requests(self) -> list[dict[str, Any]] | None:
        """Return the complete requests; None at the end of the connection."""
        try:
            received = self.wire.recv(65536)
        except OSError:
            return None
        if not received:
            return None
        *lines, self.buffer = (self.buffer + received).split(b"\n")
        try:
            return [json.loads(line) for line in lines]
        except ValueError:
            return None

    def answer(self, document: dict[str, Any]) -> None:
        """Send *document*.

        A closed connection is noticed at the next read.
        """
        with contextlib.suppress(OSError):
            self.wire.sendall(json.dumps(document).encode() + b"\n")


class Supervisor:
    """Owns the servers of *state* and serves clients until none is left."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.scratch = make_short_folder()
        self.servers: dict[str, PostgresServer | RedisServer] = {}
        self.clients: set[Connection] = set()
        self.leaving: set[Connection] = set()
        self.pinned = self.stopping = False
        self.since = time.time()
        self.selector = selectors.DefaultSelector()

    def run(self, first: socket.socket) -> None:
        """Serve the *first* client and those that follow, then stop the servers."""
        listener = self._listen()
        self._wake_on_signals()
        self._welcome(first)
        self._write_record()
        try:
            while not self.stopping:
                for key, _ in self.selector.select():
                    key.data(key.fileobj)
                self.stopping = self.stopping or not (self.pinned or any(c.leased for c in self.clients))
        finally:
            listener.close()
            self._stop()

    def _listen(self) -> socket.socket:
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(self.scratch / "supervisor"))
        listener.listen(128)
        self.selector.register(listener, selectors.EVENT_READ, lambda _: self._welcome(listener.accept()[0]))
        return listener

    def _wake_on_signals(self) -> None:
        """Turn signals into events of the loop: a server that died, a request to stop."""
        reader, writer = socket.socketpair()
        reader.setblocking(False)
        writer.setblocking(False)
        signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
        self._writer = writer
        for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: None)
        self.selector.register(reader, selectors.EVENT_READ, self._handle_signals)

    def _handle_signals(self, reader: Any) -> None:
        received = reader.recv(4096)
        if signal.SIGTERM in received or signal.SIGINT in received:
            self.stopping = True
        elif signal.SIGCHLD in received:
            self._restart_dead()

    def _welcome(self, wire: socket.socket) -> None:
        connection = Connection(wire)
        self.clients.add(connection)
        self.selector.register(wire, selectors.EVENT_READ, lambda _: self._serve(connection))

    def _serve(self, connection: Connection) -> None:
        requests = connection.requests()
        if requests is None:
            return self._leave(connection)
        for request in requests:
            try:
                answer = self._answer(connection, request)
            except (PerfstudyError, OSError) as error:
                answer = {"error": str(error)}
            connection.answer(answer)

    def _answer(self, connection: Connection, request: dict[str, Any]) -> dict[str, Any]:
        match request["ask"]:
            case "lease":
                addresses = {name: self._ensure_server(name).address() for name in request["servers"]}
                connection.leased = True
                return {"servers": addresses}
            case "pin":
                self.pinned = True
            case "down":
                self.stopping = True
        return self._describe()

    def _describe(self) -> dict[str, Any]:
        return {
            "pid": os.getpid(),
            "since": self.since,
            "pinned": self.pinned,
            "leases": sum(client.leased for client in self.clients),
            "servers": {name: server.address() for name, server in self.servers.items()},
        }

    def _leave(self, connection: Connection) -> None:
        """Let a client leave: answer it if the servers stay, else close it last."""
        self.selector.unregister(connection.wire)
        self.clients.discard(connection)
        if self.pinned or any(client.leased for client in self.clients):
            connection.answer({"stays": True})
            connection.wire.close()
        else:
            self.leaving.add(connection)

    def _ensure_server(self, name: str) -> PostgresServer | RedisServer:
        if name not in self.servers:
            server = SERVERS[name](self.state.folder, self.scratch)
            server.start()
            self.servers[name] = server
            self._write_record()
        return self.servers[name]

    def _restart_dead(self) -> None:
        """Restart a server that was killed, on the same port."""
        for server in self.servers.values():
            if server.process is not None and server.process.poll() is not None:
                print(f"{server.name} ended with {server.process.returncode}; starting it again", file=sys.stderr)
                self._restart(server)
                self._write_record()

    def _restart(self, server: PostgresServer | RedisServer) -> None:
        deadline = time.monotonic() + RESTARTING
        while True:
            try:
                return server.start([server.port])
            except PerfstudyError as error:
                if time.monotonic() > deadline:
                    print(error, file=sys.stderr)
                    self.stopping = True
                    return
                time.sleep(0.05)

    def _write_record(self) -> None:
        """Write the record that clients need to connect.

        ``down`` needs it too, if the supervisor does not answer.
        """
        processes_of = {"supervisor": os.getpid()} | {
            name: server.process.pid for name, server in self.servers.items() if server.process is not None
        }
        self.state.write_record(
            {
                "socket": str(self.scratch / "supervisor"),
                "scratch": str(self.scratch),
                "processes": {name: [pid, processes.read_start_time(pid)] for name, pid in processes_of.items()},
            }
        )

    def _stop(self) -> None:
        for server in self.servers.values():
            server.stop()
        self.state.forget()
        # The clients have ended; what they started may take a moment longer.
        processes.wait_until(lambda: sweep_sessions(self.state), SWEEPING, interval=0.05)
        shutil.rmtree(self.scratch, ignore_errors=True)


def main() -> None:
    """Run the servers of the folder in the first argument.

    The second is the first client's connection.
    """
    state, first = State(Path(sys.argv[1])), socket.socket(fileno=int(sys.argv[2]))
    try:
        with state.lock("supervisor.lock", patience=SUCCESSION):
            end_orphans(state)
            Supervisor(state).run(first)
    except PerfstudyError as error:
        Connection(first).answer({"error": str(error)})


if __name__ == "__main__":
    main()

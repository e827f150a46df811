"""How the process of a service is started: its code, its command, its socket."""

import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from perfstudy import paths
from perfstudy.errors import UsageError
from perfstudy.lab import processes
from perfstudy.lab.commands import fill
from perfstudy.lab.server import HOST

BACKLOG = 2048
"""Connections that wait while no process accepts."""


@dataclass(frozen=True)
class Code:
    """Where the code of a service is: its interpreter, folder and environment.

    By default it is this package's; then the folder is the service's scratch folder.
    """

    python: str = sys.executable
    folder: Path | None = None
    inherit: Callable[..., dict[str, str]] = processes.build_environment
    values: Mapping[str, str] = field(default_factory=dict)
    """What the command has to fill in besides host, port, home and scratch."""


OURS = Code()
"""The code of this package."""


def build_command(
    command: tuple[str, ...], port: int, scratch: Path, listener: int | None = None, code: Code = OURS
) -> list[str]:
    """Return *command* filled in for *port* on loopback, or for the socket *listener*.

    Raises:
        UsageError: it has something else to fill in.
    """
    values = {"python": code.python, "host": HOST, "port": str(port), "scratch": str(scratch)} | dict(code.values)
    values["home"] = str(paths.home())
    handed_over = {} if listener is None else {"{host}:{port}": f"fd://{listener}"}
    return [handed_over.get(part) or fill(part, values) for part in command]


def open_listener(port: int = 0) -> socket.socket:
    """Return a socket that listens on *port*, for services to share.

    It is one of the loopback interface; by default any free one.

    Raises:
        UsageError: *port* is taken.
    """
    try:
        listener = socket.create_server((HOST, port), backlog=BACKLOG)
    except OSError:
        raise refuse_port(port) from None
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # which every accepted connection inherits
    listener.setblocking(False)  # several processes are notified of a connection; only one gets it
    return listener


def refuse_port(port: int) -> UsageError:
    return UsageError(f"port {port} is taken: choose another one, or 0 for any that is free")

"""Free ports of the loopback interface."""

import socket
from collections.abc import Iterator

HOST = "127.0.0.1"
ATTEMPTS = 5


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

"""The least page that keeps the driver's contract, served for tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

FOLDER = Path(__file__).with_name("page")


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *given: object) -> None:
        """Write nothing."""


@contextmanager
def serve_page() -> Iterator[str]:
    """Give the address of the page within the block."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=FOLDER)) as server:
        thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()

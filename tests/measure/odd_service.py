"""A service of somebody's own, which behaves as its first argument says: ``odd_service.py HOW PORT``."""

import itertools
import json
import os
import signal
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HOW, PORT = sys.argv[1], int(sys.argv[2])
COUNTER = itertools.count()
LOGIN = "/accounts/login/"


class Handler(BaseHTTPRequestHandler):
    """Answers every path but /health as it is told to."""

    protocol_version = "HTTP/1.0" if HOW == "closes" else "HTTP/1.1"
    wbufsize = -1  # head and body in one write

    def do_GET(self) -> None:
        if self.path == "/health":
            self.answer(200, b"ok", "text/plain")
        elif HOW == "login":
            self.answer(302, b"", "text/html", Location=LOGIN + "?next=/list")
        elif HOW == "forbidden":
            self.answer(403, b"no", "text/plain")
        elif HOW == "broken":
            self.answer(500, b"error", "text/plain")
        elif HOW == "random":
            self.answer(200, json.dumps({"seen": time.time_ns()}).encode())
        elif HOW == "slow":
            time.sleep(60)
        else:
            self.answer(200, self.document())

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.answer(201, b'{"made": true}')

    def document(self) -> bytes:
        rows = [{"id": 1, "price": "9.50" if HOW == "wrong" else "9.00"}]
        return json.dumps({"rows": rows, "at": time.time_ns(), "key": self.headers.get("X-Key", "")}).encode()

    def answer(self, status: int, body: bytes, kind: str = "application/json", **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Log nothing."""


if HOW == "ends":
    sys.exit("a setting is missing")
if HOW == "prints":
    sys.stdout.write("a long line of a log\n" * 500_000)
    sys.stdout.flush()
if HOW == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if HOW == "forks":
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
    Path(os.environ["CHILD"]).write_text(str(child.pid))
ThreadingHTTPServer(("127.0.0.1", PORT + 1 if HOW == "elsewhere" else PORT), Handler).serve_forever()

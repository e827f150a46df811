"""A tiny HTTP server in a process of its own, which a test can freeze, slow down or have break its answers."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

SCRIPT = """
import asyncio, sys

async def serve(reader, writer):
    try:
        while True:
            path = (await reader.readuntil(b"\\r\\n\\r\\n")).split()[1]
            if path == b"/break":
                writer.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: 10\\r\\n\\r\\nhalf")
                return writer.close()
            if path == b"/chunked":
                writer.write(b"HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n")
                writer.write(b"3\\r\\nabc\\r\\n0\\r\\n\\r\\n")
            elif path == b"/once":
                writer.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\nConnection: close\\r\\n\\r\\nok")
                return writer.close()
            elif path == b"/busy":
                writer.write(b"HTTP/1.1 503 Service Unavailable\\r\\nContent-Length: 0\\r\\n\\r\\n")
            else:
                if path.startswith(b"/told"):
                    print(path.decode(), flush=True)
                if path == b"/one-by-one":
                    async with one:  # twenty milliseconds of somebody's time, so fifty requests a second at most
                        await asyncio.sleep(0.02)
                if path == b"/slow":
                    await asyncio.sleep(0.5)  # as long for everybody, however many there are
                writer.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok")
    except (EOFError, OSError):
        writer.close()

async def main():
    global one
    one = asyncio.Lock()
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()

asyncio.run(main())
"""


@contextmanager
def serving() -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """The server's URL, and its process."""
    process = subprocess.Popen([sys.executable, "-c", SCRIPT], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}", process
    finally:
        process.kill()
        process.wait()

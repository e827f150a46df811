"""Answers over 35 ms as ordinary clients see them: http.client, a socket, curl, a browser.

A server that sends head and body in two writes, on a socket without TCP_NODELAY, makes a client wait for its own
delayed acknowledgement, 40 ms on Linux. A client that acknowledges at once, as the study's own did, cannot see it.

``python benchmarks/stalls.py --variant best --variant all`` serves both; ``--url http://127.0.0.1:8000 --token TOKEN``
asks a service that runs already.
"""

import argparse
import http.client
import json
import re
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from statistics import median
from time import perf_counter

from benchmarks.common import make_parser
from perfstudy.commands import outcome
from perfstudy.drivers.browser.find import get_browser
from perfstudy.drivers.browser.page import Page
from perfstudy.drivers.browser.process import BrowserProcess
from perfstudy.drivers.http import parse_address
from perfstudy.errors import PerfstudyError, UsageError
from perfstudy.formatting import duration, percent
from perfstudy.listing.lab import Lab
from perfstudy.listing.requests import listing
from perfstudy.listing.variant import parse

STALL = 0.035
"""Seconds over which an answer was delayed by an acknowledgement; Linux delays one by 40 ms."""
TARGET = listing(limit=20)
BURST = 50
"""Requests that a client sends one after the other before it is the next one's turn."""
Ask = Callable[[], float]


def main() -> None:
    """Print a line for each service and client."""
    options = read_options()
    with ExitStack() as stack:
        services = dict(list_running(options))
        if options.variant:
            lab = stack.enter_context(Lab.start())
        for name in options.variant:
            variant = parse(name)
            database = stack.enter_context(lab.database(options.scale))  # a copy for each, since schemas differ
            database.reconcile(variant)
            service = stack.enter_context(lab.serve(variant, database, key_prefix=f"stalls:{name}"))
            services[name] = service.url, service.token(database.facts.tenant)
        asks = {
            (name, client): stack.enter_context(CLIENTS[client](*place))
            for name, place in services.items()
            for client in CLIENTS
        }
        show(measure(asks, options.requests))


def read_options() -> argparse.Namespace:
    """Return which services are requested, and how often."""
    parser = make_parser(__doc__, scale="tiny")
    parser.add_argument("--variant", action="append", default=[], help="serve this one; may be repeated")
    parser.add_argument("--url", action="append", default=[], help="ask a service that runs already; may be repeated")
    parser.add_argument("--token", action="append", default=[], help="the bearer token for a --url, in the same order")
    parser.add_argument("--requests", type=int, default=1500, help="of each client (default: 1500)")
    options = parser.parse_args()
    if options.requests < 1:
        parser.error("--requests takes a whole number from 1 on")
    if not options.variant and not options.url:
        options.variant = ["best"]
    return options


def list_running(options: argparse.Namespace) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield the services that run already, by URL.

    Raises:
        UsageError: not every one has a token, or nothing listens there.
    """
    if len(options.url) != len(options.token):
        raise UsageError(f"there are {len(options.url)} --url and {len(options.token)} --token: give one for each")
    for url, token in zip(options.url, options.token, strict=True):
        try:
            socket.create_connection(parse_address(url), timeout=30).close()
        except OSError as error:
            raise UsageError(f"nothing answers at --url {url}: {error}; start the service, or correct it") from None
        yield url, (url, token)


def measure(asks: dict[tuple[str, str], Ask], requests: int) -> dict[tuple[str, str], list[float]]:
    """Return the seconds of each answer; clients take turns of a burst each.

    A client that pauses before each request is acknowledged in the meantime, and sees no stall.
    """
    for ask in asks.values():
        ask()  # the first one may be a miss
    times: dict[tuple[str, str], list[float]] = {key: [] for key in asks}
    for done in range(0, requests, BURST):
        for key, ask in asks.items():
            times[key] += [ask() for _ in range(min(BURST, requests - done))]
    return times


def show(times: dict[tuple[str, str], list[float]]) -> None:
    """Print the table."""
    print(f"{'service':32} {'client':12} {'answers':>8} {'over 35 ms':>11} {'median':>8} {'mean':>8}")
    for (name, client), found in times.items():
        share = sum(one > STALL for one in found) / len(found)
        middle, mean = duration(median(found)), duration(sum(found) / len(found))
        print(f"{name:32} {client:12} {len(found):8} {percent(share, 3):>11} {middle:>8} {mean:>8}")


def check_status(status: int) -> None:
    """Raise an error unless *status* is 200.

    Another answer says nothing about a page.
    """
    if status != 200:
        raise PerfstudyError(f"{TARGET} was answered {status}: check the URL and the token")


@contextmanager
def open_http_client(url: str, token: str) -> Iterator[Ask]:
    """Send requests by Python's own client, on one connection."""
    connection = http.client.HTTPConnection(*parse_address(url), timeout=30)

    def ask() -> float:
        began = perf_counter()
        connection.request("GET", TARGET, headers={"Authorization": f"Bearer {token}"})
        response = connection.getresponse()
        response.read()
        check_status(response.status)
        return perf_counter() - began

    yield ask
    connection.close()


@contextmanager
def open_socket(url: str, token: str) -> Iterator[Ask]:
    """Send requests by a plain socket, on one connection."""
    host, port = parse_address(url)
    request = f"GET {TARGET} HTTP/1.1\r\nHost: {host}:{port}\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
    with socket.create_connection((host, port), timeout=30) as connection:

        def ask() -> float:
            began = perf_counter()
            connection.sendall(request)
            check_status(receive(connection))
            return perf_counter() - began

        yield ask


def receive(connection: socket.socket) -> int:
    """Read one answer with a ``Content-Length``; return its status."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += receive_more(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    missing = (int(length[1]) if length else 0) - len(body)
    while missing > 0:
        missing -= len(receive_more(connection))
    return int(head.split(maxsplit=2)[1])


def receive_more(connection: socket.socket) -> bytes:
    """Return the next bytes received."""
    if not (data := connection.recv(65536)):
        raise PerfstudyError("the service closed a connection that was to be kept: ask a server that keeps them")
    return data


@contextmanager
def open_curl(url: str, token: str) -> Iterator[Ask]:
    """Send each request by curl on a new connection, timed by curl's own clock."""
    form = ("--output", "/dev/null", "--write-out", "%{http_code} %{time_total}", "--header", "@-")
    command = ("curl", "--silent", "--max-time", "30", *form, f"{url}{TARGET}")

    def ask() -> float:
        # The token is passed by stdin: everybody can read a command line.
        done = subprocess.run(command, input=f"Authorization: Bearer {token}", capture_output=True, text=True)
        status, _, seconds = done.stdout.partition(" ")
        check_status(int(status or 0))
        return float(seconds)

    yield ask


FETCH = """(async () => {
    const began = performance.now();
    const answer = await fetch(%s, { headers: { Authorization: %s }, cache: "no-store" });
    await answer.arrayBuffer();
    return [answer.status, performance.now() - began];
})()"""
"""Fetches a page of the listing, and gives its status and milliseconds by the browser's own clock."""


@contextmanager
def open_browser(url: str, token: str) -> Iterator[Ask]:
    """Send requests by a script in a browser, on one connection."""
    fetch = FETCH % (json.dumps(TARGET), json.dumps(f"Bearer {token}"))
    with BrowserProcess(get_browser()) as process:
        page = Page(process)
        page.ask("Page.navigate", url=f"{url}/api/health")  # a script may fetch from where its page is from
        page.wait_for("Page.loadEventFired", 30.0)

        def ask() -> float:
            status, milliseconds = page.evaluate(fetch)
            check_status(status)
            return float(milliseconds) / 1e3

        yield ask


CLIENTS = {"http.client": open_http_client, "socket": open_socket, "curl": open_curl, "browser": open_browser}

if __name__ == "__main__":
    outcome.run_app(main)

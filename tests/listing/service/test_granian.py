"""Granian as this project runs it: bodies that can be read line by line, one socket, workers that are replaced."""

import io
import os
import re
import signal
import socket
import subprocess
import sys

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfstudy.drivers.http import Client
from perfstudy.lab import processes
from perfstudy.listing.requests import listing
from perfstudy.listing.service.servers.granian import open_listener
from perfstudy.listing.service.servers.single_write import Body, wrap
from perfstudy.listing.tokens import issue
from perfstudy.listing.variant import parse

from . import programs


@given(body=st.binary(max_size=200) | st.text("ab\n", max_size=200).map(str.encode), limit=st.integers(1, 50))
def test_a_body_is_read_as_a_file_would_be(body, limit):
    read, expected = io.BufferedReader(Body(io.BytesIO(body))), io.BytesIO(body)
    while line := expected.readline(limit):
        assert read.readline(limit) == line
    assert read.readline(limit) == b""


class Proto:
    """Takes an answer as Granian does, and keeps in which order things happened."""

    def __init__(self):
        self.told = []

    def response_bytes(self, status, headers, body):
        self.told.append((status, headers, body))


class Pieces:
    """A body that is no list, with something left to do after it was sent."""

    def __init__(self, pieces, told):
        self._pieces, self._told = pieces, told

    def __iter__(self):
        return iter(self._pieces)

    def close(self):
        self._told.append("closed")


@given(pieces=st.lists(st.binary(max_size=20), max_size=5))
def test_an_answer_goes_out_in_one_piece_before_what_is_left_is_done(pieces):
    proto = Proto()

    def application(environ, start):
        start("201 Created", [("X-Here", environ["PATH_INFO"])])
        return Pieces(pieces, proto.told)

    wrap(application, {})(proto, {"PATH_INFO": "/a"})
    assert proto.told == [(201, [("X-Here", "/a")], b"".join(pieces)), "closed"]


def test_a_request_without_a_body_is_left_alone():
    given, seen = object(), []

    def application(environ, start):
        seen.append(environ["wsgi.input"])
        return []

    wrap(application, {})(Proto(), {"wsgi.input": given})
    assert seen == [given]


def test_a_socket_is_made_or_taken_over():
    with open_listener("127.0.0.1:0") as made:
        address = made.getsockname()
        with open_listener(f"fd://{os.dup(made.fileno())}") as taken:
            assert taken.getsockname() == address
            with socket.create_connection(address, timeout=60):
                accepted, _ = taken.accept()
                with accepted:
                    assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_socket_that_is_handed_over_sends_without_delay():
    with (
        socket.create_server(("127.0.0.1", 0)) as made,
        open_listener(f"fd://{os.dup(made.fileno())}") as taken,
        socket.create_connection(made.getsockname(), timeout=60),
        taken.accept()[0] as accepted,
    ):
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@pytest.mark.parametrize("place", ["taken", "nowhere", "127.0.0.1:x", "fd://x", "fd://999", "127.0.0.1:99999"])
def test_a_place_where_nothing_can_listen_is_told_in_a_line(place):
    with socket.create_server(("127.0.0.1", 0)) as other:
        if place == "taken":
            place = f"127.0.0.1:{other.getsockname()[1]}"
        command = [
            sys.executable,
            "-m",
            "perfstudy.listing.service.servers.granian",
            "perfstudy.listing.service.wsgi:application",
            place,
        ]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1
    assert place in ended.stderr


def test_each_answer_arrives_in_one_piece(outside):
    """A witness without a clock: the first receive brings all of it, where one write sent it."""
    service = outside("gunicorn+granian")
    host, port = service.url.removeprefix("http://").split(":")
    asking = f"GET {listing(limit=1)} HTTP/1.1\r\nHost: a\r\n"
    asking += f"Authorization: Bearer {issue(programs.TENANT, service.secret)}\r\n\r\n"
    with socket.create_connection((host, int(port)), timeout=60) as plain:
        for _ in range(50):
            plain.sendall(asking.encode())
            head, _, body = plain.recv(65536).partition(b"\r\n\r\n")
            length = int(re.search(rb"(?i)content-length: (\d+)", head)[1])
            assert head.startswith(b"HTTP/1.1 200")
            assert len(body) == length


@pytest.mark.parametrize("killed", [1, 2])
def test_workers_that_are_killed_are_replaced(lab, databases, killed):
    with lab.serve(parse("gunicorn+granian"), databases[False]) as service:
        leader = psutil.Process(service.pid)
        before = {worker.pid for worker in leader.children()}
        assert len(before) == 2
        for pid in sorted(before)[:killed]:
            os.kill(pid, signal.SIGKILL)

        def renewed():
            now = {worker.pid for worker in leader.children() if worker.status() != psutil.STATUS_ZOMBIE}
            return len(now) == 2 and len(now - before) == killed

        assert processes.wait_until(renewed, 60)
        for _ in range(6):  # a connection each, so that both workers get some
            with Client(service.url, service.token(programs.TENANT), timeout=60) as client:
                assert client.get(listing(limit=1)).status == 200

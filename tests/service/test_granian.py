"""Granian as this project runs it: bodies that can be read line by line, one socket, workers that are replaced."""

import io
import os
import signal
import socket

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfstudy.client import Client, listing
from perfstudy.lab import processes
from perfstudy.service.granian import Body, conforming, listening
from perfstudy.variant import parse

from . import programs


@given(body=st.binary(max_size=200) | st.text("ab\n", max_size=200).map(str.encode), limit=st.integers(1, 50))
def test_a_body_is_read_as_a_file_would_be(body, limit):
    read, expected = io.BufferedReader(Body(io.BytesIO(body))), io.BytesIO(body)
    while line := expected.readline(limit):
        assert read.readline(limit) == line
    assert read.readline(limit) == b""


def test_a_request_without_a_body_is_left_alone():
    given = {"wsgi.input": object()}
    assert conforming(lambda environ, start: environ["wsgi.input"])(given, None) is given["wsgi.input"]


def test_a_socket_is_made_or_taken_over():
    with listening("127.0.0.1:0") as made:
        address = made.getsockname()
        with listening(f"fd://{os.dup(made.fileno())}") as taken:
            assert taken.getsockname() == address
            with socket.create_connection(address, timeout=5):
                accepted, _ = taken.accept()
                accepted.close()


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

        assert processes.wait_until(renewed, 20)
        for _ in range(6):  # a connection each, so that both workers get some
            with Client(service.url, service.token(programs.TENANT), timeout=20) as client:
                assert client.get(listing(limit=1)).status == 200

"""A lab with servers of its own, which may be stopped, frozen and killed safely."""

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import psutil

from perfstudy.lab.access import Postgres, Redis
from perfstudy.lab.postgres import PostgresServer
from perfstudy.lab.redis import RedisServer
from perfstudy.lab.server import Server
from perfstudy.lab.state import make_short_folder
from perfstudy.listing.definition import SERVICE
from perfstudy.listing.lab import Lab


@dataclass(frozen=True)
class Fragile:
    """A lab, and its own two servers."""

    lab: Lab
    postgres: PostgresServer
    redis: RedisServer


@contextmanager
def start_fragile_lab() -> Iterator[Fragile]:
    """Start a lab on disposable servers, which only its user restarts."""
    folder = make_short_folder()
    postgres, redis = PostgresServer(folder, folder), RedisServer(folder, folder)
    try:
        postgres.start()
        redis.start()
        with Lab(SERVICE, Postgres.embedded(postgres.address()), Redis.embedded(redis.address()), None) as lab:
            yield Fragile(lab, postgres, redis)
            for server in (postgres, redis):
                if server.has_ended():  # the lab drops what it made
                    server.start([server.port])
    finally:
        redis.stop()
        postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)


def restart(server: Server) -> None:
    """Start a *server* again that was stopped, on the port that its clients know."""
    server.start([server.port])


def kill(server: Server) -> None:
    """Kill a *server* as the kernel does when out of memory: without notice."""
    for process in _list_processes(server):
        with suppress(psutil.NoSuchProcess):
            process.kill()
    server.stop()


@contextmanager
def freeze(server: Server) -> Iterator[None]:
    """Suspend a *server*: it answers nothing, but its kernel accepts what is sent."""
    family = _list_processes(server)
    for process in family:
        process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for process in family:
            with suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGCONT)


def _list_processes(server: Server) -> list[psutil.Process]:
    assert server.process is not None
    first = psutil.Process(server.process.pid)
    return [first, *first.children(recursive=True)]

"""The time of a request inside the service, by layer: hit and miss, page and list.

Run with ``python benchmarks/layers.py --scale medium``, and ``--variant all`` for the source report's final state.
The application runs in this process, without a server, under Python's deterministic profiler, which makes many small
calls look dearer than they are: read the shares, and take the times from a study.
"""

import cProfile
import os
import pstats
import sys
from collections import Counter
from collections.abc import Callable
from io import BytesIO
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pandas as pd

from benchmarks.common import make_parser
from perfstudy import formatting
from perfstudy.commands import outcome, output
from perfstudy.listing.lab import Lab
from perfstudy.listing.requests import listing
from perfstudy.listing.tokens import issue
from perfstudy.listing.variant import parse

TARGETS = {"page": (listing(limit=20), 400), "all": (listing(all="true", program_status="ALL"), 40)}
"""The targets that are requested, and how often."""

LAYERS = {
    "/psycopg": "psycopg",
    "/redis/": "redis-py",
    "/hiredis": "redis-py",
    "/django/": "Django",
    "/asgiref/": "Django",
    "/prometheus_client/": "counters",
    "/logging/": "log",
    "/perfstudy/": "the service",
}
"""The layer of code, by a part of its file's path."""
WAITING = {
    "<method 'recv_into' of '_socket.socket' objects>": "waiting for Redis",
    "<method 'recv' of '_socket.socket' objects>": "waiting for Redis",
    "<method 'sendall' of '_socket.socket' objects>": "sending to Redis",
    "<built-in method _hashlib.hmac_digest>": "signatures",
    "<built-in method _hashlib.hmac_new>": "signatures",
    "<method 'update' of '_hashlib.HMAC' objects>": "signatures",
}
"""Built-in functions that are layers of their own."""
POSTGRES = "wait"
"""The function of psycopg in which it waits for PostgreSQL."""


def main() -> None:
    """Print a table for each target and temperature."""
    parser = make_parser(__doc__, scale="small")
    parser.add_argument("--variant", default="best")
    options = parser.parse_args()
    variant = parse(options.variant)
    with Lab.start() as lab, lab.database(options.scale) as database:
        database.reconcile(variant)
        os.environ.update(lab.build_environment(database.url, variant))
        from perfstudy.listing.service.wsgi import application

        token = issue(database.facts.tenant, lab.secret)
        for name, (target, times) in TARGETS.items():
            for temperature in ("warm", "cold") if variant.caches else ("cold",):
                request = RepeatedRequest(
                    application, target, token, lab.clear_cache if temperature == "cold" else None
                )
                show(request, times, f"{variant.short}, {name}, {temperature}, {options.scale}")


class RepeatedRequest:
    """A request that is repeated; *before* prepares each, outside the timed part."""

    def __init__(self, application: Any, target: str, token: str, before: Callable[[], Any] | None) -> None:
        self._application, self._target, self._token = application, urlsplit(target), token
        self._before = before or (lambda: None)

    def times(self, count: int) -> list[float]:
        """Return the seconds of each of *count* requests until the answer could be sent."""
        return [self._once(None) for _ in range(count)]

    def profile(self, count: int) -> pstats.Stats:
        """Return the profile of *count* requests, with the work after each answer."""
        profiler = cProfile.Profile()
        for _ in range(count):
            self._once(profiler)
        return pstats.Stats(profiler)

    def _once(self, profiler: cProfile.Profile | None) -> float:
        self._before()
        environ = self._environ()
        said: list[str] = []
        if profiler:
            profiler.enable()
        started = perf_counter()
        result = self._application(environ, lambda status, headers, info=None: said.append(status))
        b"".join(result)
        took = perf_counter() - started
        result.close()
        if profiler:
            profiler.disable()
        assert said == ["200 OK"], said
        return took

    def _environ(self) -> dict[str, Any]:
        return {
            "REQUEST_METHOD": "GET",
            "SCRIPT_NAME": "",
            "PATH_INFO": self._target.path,
            "QUERY_STRING": self._target.query,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_AUTHORIZATION": f"Bearer {self._token}",
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(),
            "wsgi.errors": sys.stderr,
        }


def show(request: RepeatedRequest, times: int, title: str) -> None:
    """Print in which layers the time of *times* requests was spent."""
    request.times(10)
    median = float(np.median(request.times(times)))
    spent = sum_layers(request.profile(times))
    frame = pd.DataFrame(spent.most_common(), columns=["layer", "seconds"])
    whole = frame["seconds"].sum()
    columns: dict[str, output.Cell] = {
        "layer": lambda row: row["layer"],
        "share": lambda row: formatting.percent(row["seconds"] / whole),
        "under the profiler": lambda row: formatting.time_cell(row["seconds"] / times),
    }
    output.show_table(frame, "table", columns, f"{title}: {formatting.time_cell(median)} until the answer is ready")


def sum_layers(profile: pstats.Stats) -> Counter[str]:
    """Return the seconds spent in each layer.

    The time of a built-in function is that of its callers.
    """
    spent: Counter[str] = Counter()
    for function, (_, _, own, _, callers) in profile.stats.items():  # type: ignore[attr-defined]
        if function[0] != "~" or function[2] in WAITING or not callers:
            spent[find_layer(function)] += own
        else:
            for caller, (_, _, caused, _) in callers.items():
                spent[find_layer(caller)] += caused
    return spent


def find_layer(function: tuple[str, int, str]) -> str:
    """Return the layer that *function* belongs to: its file, line and name."""
    path, _, name = function
    if name in WAITING:
        return WAITING[name]
    found = next((layer for part, layer in LAYERS.items() if part in path), "Python's own library")
    return "waiting for PostgreSQL" if found == "psycopg" and name == POSTGRES else found


if __name__ == "__main__":
    outcome.run_app(main)

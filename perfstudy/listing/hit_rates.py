"""Hit rates under requests of many tenants: a fixed sequence and random arrivals.

Each tenant asks for its first page; larger tenants ask more often, by Zipf's law. Where the lab can start one, the
cache is a separate Redis, because ``INFO`` counts the reads of all clients of a server.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import numpy as np
import pandas as pd

from perfstudy.analysis.hitratio import overall_hit_ratio, zipf_rates
from perfstudy.drivers.http import Client
from perfstudy.errors import PerfstudyError
from perfstudy.evidence import counters
from perfstudy.formatting import duration, percent
from perfstudy.lab.access import unlink_keys
from perfstudy.listing.contract import Query
from perfstudy.listing.optimizations.cache import key
from perfstudy.listing.requests import listing
from perfstudy.listing.variant import Variant
from perfstudy.model.table import Table

if TYPE_CHECKING:
    from perfstudy.lab import RunningService
    from perfstudy.listing.lab import Database, Lab

TENANTS = 100
"""Number of tenants that send requests, the largest ones."""
EXPONENT = 0.8
"""Of Zipf's law; see ``analysis.hitratio.zipf_rates``."""
TARGET = listing(limit=20)
LARGEST = "SELECT username FROM ads_programregistry GROUP BY username ORDER BY count(*) DESC, username LIMIT %s"


@dataclass(frozen=True)
class Stage:
    """A served variant, the tenants that send requests, and the Redis that it uses."""

    service: "RunningService"
    tenants: list[str]
    redis: Any
    prefix: str

    def ask(self, client: Client, tenant: str) -> str | None:
        """Ask for the first page of *tenant*; whether the cache said ``HIT`` or ``MISS``."""
        exchange = client.get(TARGET, Authorization=f"Bearer {self.service.token(tenant)}")
        if exchange.status != 200:
            raise PerfstudyError(f"{tenant} was answered {exchange.status}: {exchange.body[:200]!r}")
        return exchange.cache

    def empty(self) -> None:
        """Delete every cached answer."""
        unlink_keys(self.redis, self.prefix)

    def shorten(self, tenant: str, seconds: float) -> None:
        """Let the cached answer of *tenant* expire in *seconds*.

        Raises:
            PerfstudyError: none is where the source report's cache stores it.
        """
        name = f"{self.prefix}:yelp_ads:1:{key(Query(tenant=tenant))}"
        if not self.redis.pexpire(name, max(1, round(seconds * 1e3))):
            raise PerfstudyError(f"nothing is cached for {tenant}: name a variant with the report's own cache")


@contextmanager
def prepare_stage(lab: "Lab", database: "Database", variant: Variant) -> Iterator[Stage]:
    """Serve *variant* with an empty cache for the tenants of *database*."""
    import psycopg

    with psycopg.connect(database.url) as connection:
        tenants = [name for (name,) in connection.execute(LARGEST, [TENANTS]).fetchall()]
    with ExitStack() as stack:
        redis = lab.start_own_redis()
        prefix = f"{lab.key_prefix}:{uuid4().hex[:8]}"
        service = stack.enter_context(lab.serve(variant, database, key_prefix=prefix, redis=redis))
        yield Stage(service, tenants, stack.enter_context(redis.client()), prefix)


def count_hits(stage: Stage, requests: int = 400, seed: int = 1) -> Table:
    """Send a fixed sequence of requests one by one; return hits counted three ways.

    The service, Redis and arithmetic each give a count. The sequence ends long before an answer expires, so each tenant
    misses at its first request only.
    """
    random = np.random.default_rng(seed)
    rates = zipf_rates(1.0, len(stage.tenants), EXPONENT)
    asked = [stage.tenants[i] for i in random.choice(len(rates), size=requests, p=rates)]
    with stage.service.client() as client, counters.count_window(stage.redis) as window:
        said = [stage.ask(client, tenant) for tenant in asked]
    tallies = {
        "the service, X-Cache": (said.count("HIT"), said.count("MISS")),
        "Redis, INFO": (window.hits, window.misses),
        "the first request of each tenant": (requests - len(set(asked)), len(set(asked))),
    }
    return Table(
        [
            {"counted by": name, "hits": hits, "misses": misses, "hit rate": percent(hits / max(hits + misses, 1), 3)}
            for name, (hits, misses) in tallies.items()
        ]
    )


@dataclass(frozen=True)
class HitRates:
    """Hit rates by life time, as ``charts.hit_ratio`` draws them.

    ``measured`` has the columns ttl (seconds), requests, ratio, ``predicted`` by theory from the mean rates,
    ``arrivals``: the ratio that these very arrivals must give, and ``late``: by how many seconds the usual request
    came after its time, where the machine did not keep up. ``predicted`` is the theory's curve of ttl and ratio.
    """

    predicted: pd.DataFrame
    measured: pd.DataFrame

    def table(self) -> Table:
        """Return what was measured, with its units."""
        rows = [
            {
                "lifetime": f"{row['ttl']:g} s",
                "requests": f"{row['requests']:.0f}",
                **{name: percent(row[name], 3) for name in ("predicted", "arrivals", "ratio")},
                "late": duration(row["late"]),
            }
            for row in self.measured.to_dict("records")
        ]
        return Table(rows, "Shares of requests that hit, by the lifetime of an answer")


Times = list[tuple[float, int]]
"""Seconds from the start, and the tenant."""


def measure_hit_rates(
    stage: Stage, lifetimes: Sequence[float], *, rate: float, seconds: float, seed: int = 1
) -> HitRates:
    """Measure hit rates at *rate* requests a second for each of *lifetimes*.

    Requests arrive at random (Poisson), at times drawn beforehand. Redis expires each answer by its own clock: once an
    answer is cached, its lifetime is shortened to the one measured. The first lifetime is a warm-up and is not counted.
    """
    rates = zipf_rates(rate, len(stage.tenants), EXPONENT)
    rows = [_measure(stage, rates, lifetime, seconds, seed) for lifetime in lifetimes]
    grid = np.geomspace(min(lifetimes) / 3, max(lifetimes) * 3, 40)
    ratios = [overall_hit_ratio(rates, float(ttl)) for ttl in grid]
    return HitRates(pd.DataFrame({"ttl": grid, "ratio": ratios}), pd.DataFrame(rows))


def _measure(stage: Stage, rates: Any, lifetime: float, seconds: float, seed: int) -> dict[str, float]:
    stage.empty()
    drawn = draw_arrivals(rates, lifetime + seconds, seed)
    came, hits = _send_all(stage, drawn, lifetime)
    counts = [number for number, (at, _) in enumerate(came) if at >= lifetime]
    expected = predict_hits(came, lifetime)
    return {
        "ttl": lifetime,
        "requests": len(counts),
        "predicted": overall_hit_ratio(rates, lifetime),
        "arrivals": float(np.mean([expected[number] for number in counts])),
        "ratio": float(np.mean([hits[number] for number in counts])),
        "late": float(np.median([at - planned for (at, _), (planned, _) in zip(came, drawn, strict=True)])),
    }


def draw_arrivals(rates: Any, seconds: float, seed: int) -> Times:
    """Return the ordered arrivals of independent Poisson streams, shape (streams,).

    *rates* are per second.
    """
    random = np.random.default_rng(seed)
    times = [(float(at), who) for who, rate in enumerate(rates) for at in _stream(random, rate, seconds)]
    return sorted(times)


def _stream(random: np.random.Generator, rate: float, seconds: float) -> Any:
    return random.uniform(0, seconds, random.poisson(rate * seconds))


def _send_all(stage: Stage, drawn: Times, lifetime: float) -> tuple[Times, list[bool]]:
    """Send each request at its time, or once the one before is answered.

    Return when each was sent and whether it was a hit.
    """
    came: Times = []
    hits: list[bool] = []
    with stage.service.client() as client:
        start = time.perf_counter()
        for at, who in drawn:
            time.sleep(max(0.0, start + at - time.perf_counter()))
            came.append((time.perf_counter() - start, who))
            hits.append(stage.ask(client, stage.tenants[who]) == "HIT")
            if not hits[-1]:
                stage.shorten(stage.tenants[who], lifetime)
    return came, hits


def predict_hits(came: Times, lifetime: float) -> list[bool]:
    """Return which requests hit if an answer lives for *lifetime* after its miss."""
    until: dict[int, float] = {}
    hits = []
    for at, who in came:
        hits.append(at < until.get(who, 0.0))
        if not hits[-1]:
            until[who] = at + lifetime
    return hits

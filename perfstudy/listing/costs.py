"""What each optimization costs: space, slower writes, connections, staleness."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from time import perf_counter, sleep
from typing import Any
from uuid import uuid4

import numpy as np
import psycopg
from psycopg import sql

from perfstudy import lab as harness
from perfstudy.drivers.http import Client
from perfstudy.evidence.indexes import list_indexes
from perfstudy.listing.compiling import arm as compile_arm
from perfstudy.listing.lab import Database, Lab
from perfstudy.listing.optimization import Optimization
from perfstudy.listing.optimizations import ALL
from perfstudy.listing.requests import listing
from perfstudy.listing.variant import BASELINE, Variant, smallest_variant
from perfstudy.model.arm import Arm
from perfstudy.model.service import Progress
from perfstudy.model.study import Study

ROUNDS = 10
"""How often each write is repeated, alternately with and without the optimization."""

CLIENTS = 20
"""How many clients ask at once before the connections that stay open are counted."""

STILL, SETTLING = 5, 10
"""How many counts in a row must agree, and the least number of counts, 0.02 s apart."""

TABLE = "ads_programregistry"


@dataclass(frozen=True, slots=True)
class Cost:
    """One cost of an optimization.

    *low* and *high* are the 95 % confidence limits of *value*, where it was measured repeatedly.
    """

    optimization: str
    scale: str
    quantity: str
    value: float
    unit: str
    low: float | None = None
    high: float | None = None

    def row(self) -> dict[str, Any]:
        """Return the cost as a row of the cost table."""
        return asdict(self)


Databases = Callable[[str, Variant], Database]
"""Gives a working copy of a scale in the schema of a variant."""


def measure_costs(
    lab: harness.Lab, databases: Callable[[str, Arm], harness.Database], study: Study, progress: Progress
) -> Iterator[dict[str, Any]]:
    """Yield the costs of each optimization of *study* at each of its scales.

    Each is a row of the cost table. In a short study the costs are indicative, as its verdicts are.
    """
    assert isinstance(lab, Lab)
    wanted = [(scale, optimization) for scale in study.scales for optimization in list_measured(study)]

    def database(scale: str, variant: Variant) -> Database:
        found = databases(scale, compile_arm(variant))
        assert isinstance(found, Database)
        return found

    side = CostSide(lab, database, rounds=min(ROUNDS, study.blocks))
    for number, (scale, optimization) in enumerate(wanted):
        progress("costs", number, len(wanted))
        for cost in side.measured(scale, optimization):
            yield cost.row()
    progress("costs", len(wanted), len(wanted))


def list_measured(study: Study) -> list[Optimization]:
    """Return the optimizations of the arms of *study*.

    Where a run leaves arms out, they are fewer than its factors.
    """
    measured = {factor for arm in study.arms for factor in arm.factors}
    return [optimization for optimization in ALL if optimization.name in measured]


class CostSide:
    """Measures costs; what several optimizations are compared with is measured once."""

    def __init__(self, lab: Lab, databases: Databases, rounds: int = ROUNDS) -> None:
        """Time each write *rounds* times with an optimization and as often without it."""
        self._lab, self._databases, self._rounds = lab, databases, rounds
        self._open: dict[tuple[str, str], int] = {}

    def measured(self, scale: str, optimization: Optimization) -> Iterator[Cost]:
        """Yield what *optimization* costs at *scale*."""
        variant = smallest_variant(optimization)
        database = partial(self._databases, scale)
        if optimization.schema:
            yield from _schema(database(BASELINE), database(variant), scale, optimization.name, self._rounds)
        if optimization.caches:
            yield from _cache(self._lab, database(variant), variant, scale, optimization.name)
        if "DATABASES" in optimization.settings:
            yield from self._connections(scale, variant, optimization.name)

    def _connections(self, scale: str, variant: Variant, name: str) -> Iterator[Cost]:
        """Yield the connections that stay open without the optimization and with it.

        Each is measured in two servers.
        """
        for chosen in (BASELINE, variant, BASELINE + "gunicorn", variant + "gunicorn"):
            place = scale, chosen.name
            if place not in self._open:
                self._open[place] = _count_connections(self._lab, self._databases(scale, chosen), chosen)
            quantity = f"idle connections after {CLIENTS} clients, {chosen}"
            yield Cost(name, scale, quantity, float(self._open[place]), "connections")


# An index: its size, its build, and what each write pays for it.


def _schema(before: Database, after: Database, scale: str, name: str, rounds: int) -> Iterator[Cost]:
    added = _list_indexes(after.url) - _list_indexes(before.url)
    for index in sorted(added):
        yield Cost(name, scale, "index size", _read_size(after.url, index), "bytes")
        yield Cost(name, scale, "index build", _build(after.url, index), "seconds")
    tenant = before.facts.tenant
    for quantity, write in (("sync of the tenant", _sync), ("update of one program", _updates)):
        factor, low, high = _measure_slowdown(before.url, after.url, partial(write, tenant=tenant), rounds)
        yield Cost(name, scale, quantity, factor, "times the baseline", low, high)


def _list_indexes(url: str) -> set[str]:
    with psycopg.connect(url) as connection:
        rows = connection.execute("SELECT indexname FROM pg_indexes WHERE tablename = %s", (TABLE,))
        return {row[0] for row in rows}


def _read_size(url: str, index: str) -> float:
    (size,) = (row["bytes"] for row in list_indexes(url, TABLE) if row["index"] == index)
    return float(size)


def _build(url: str, index: str) -> float:
    """Return the seconds to build a copy of *index*, which is rolled back."""
    with _roll_back(url) as connection:
        row = connection.execute("SELECT indexdef FROM pg_indexes WHERE indexname = %s", (index,)).fetchone()
        assert row is not None
        copy = row[0].replace(index, f"perfstudy_{uuid4().hex[:8]}", 1)
        start = perf_counter()
        connection.execute(copy)
        return perf_counter() - start


def _measure_slowdown(
    before: str, after: str, write: Callable[[psycopg.Connection[Any]], None], rounds: int
) -> tuple[float, float, float]:
    """Return how many times as long *write* takes in *after* as in *before*.

    The factor comes with its Student interval over the rounds.
    """
    from perfstudy.analysis.effect import student_interval  # here, so that listing the studies does not wait for scipy

    logs = []
    for number in range(rounds + 1):
        pair = [(before, 0), (after, 1)] if number % 2 else [(after, 1), (before, 0)]
        times = [0.0, 0.0]
        for url, side in pair:
            with _roll_back(url) as connection:
                start = perf_counter()
                write(connection)
                times[side] = perf_counter() - start
        logs.append(float(np.log(times[1] / times[0])))
    # The first round warms both copies up.
    interval = student_interval(logs[1:]).exp()
    for url in (before, after):
        _vacuum(url)
    return interval.estimate, interval.low, interval.high


def _sync(connection: psycopg.Connection[Any], tenant: str) -> None:
    """Upsert all programs of *tenant*, each changed, as the platform's sync does."""
    columns = [
        row[0]
        for row in connection.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND column_name <> 'id'"
            " ORDER BY ordinal_position",
            (TABLE,),
        )
    ]
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    connection.execute(
        sql.SQL(
            "INSERT INTO {table} ({names}) SELECT {names} FROM {table} WHERE username = {tenant}"
            " ON CONFLICT (username, program_id) DO UPDATE SET start_date = excluded.start_date + 1,"
            " status = excluded.status, updated_at = now()"
        ).format(table=sql.Identifier(TABLE), names=names, tenant=sql.Literal(tenant))
    )


def _updates(connection: psycopg.Connection[Any], tenant: str) -> None:
    """Change the start of 100 programs of *tenant*, one statement each."""
    rows = connection.execute(
        "SELECT id FROM ads_programregistry WHERE username = %s ORDER BY program_id LIMIT 100", (tenant,)
    )
    for row in rows.fetchall():
        connection.execute(
            "UPDATE ads_programregistry SET start_date = start_date + 1, updated_at = now() WHERE id = %s", row
        )


@contextmanager
def _roll_back(url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(url) as connection, connection.transaction(force_rollback=True):
        yield connection


def _vacuum(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"VACUUM {TABLE}")


# A cache: memory, and how old an answer may be.


def _cache(lab: Lab, database: Database, variant: Variant, scale: str, name: str) -> Iterator[Cost]:
    prefix = f"{lab.key_prefix}:{uuid4().hex[:8]}"
    with (
        lab.serve(variant, database, key_prefix=prefix) as service,
        service.client(database.facts.tenant) as client,
    ):
        for quantity, target in (
            ("memory of a cached page", listing(limit=20)),
            ("memory of a tenant's whole list", listing(all="true", program_status="ALL")),
        ):
            lab.clear_cache(prefix)
            client.get(target)
            keys = list(lab.redis.client().scan_iter(match=f"{prefix}*"))
            yield Cost(
                name, scale, quantity, float(sum(lab.redis.client().memory_usage(k) or 0 for k in keys)), "bytes"
            )
        ages = [lab.redis.client().pttl(key) / 1e3 for key in keys]
        yield Cost(name, scale, "answers may be out of date for", round(max(ages)), "seconds")


# Persistent connections: how many stay open.


def _count_connections(lab: Lab, database: Database, variant: Variant) -> int:
    """Return how many connections *variant* has while many clients stay connected.

    All of them have sent a request at once before.
    """
    with lab.serve(variant, database) as service:
        token = service.token(database.facts.tenant)
        clients = [Client(service.url, token) for _ in range(CLIENTS)]
        with ThreadPoolExecutor(CLIENTS) as pool:
            list(pool.map(lambda client: client.get(listing(limit=1)), clients))
        return _wait_until_stable(partial(_list_backends, database))


def _wait_until_stable(count: Callable[[], int]) -> int:
    """Return *count* once it is stable: a closed connection is listed a moment longer."""
    seen: list[int] = []
    while len(seen) < SETTLING or (len(set(seen[-STILL:])) > 1 and len(seen) < 10 * SETTLING):
        seen.append(count())
        sleep(0.02)
    return seen[-1]


def _list_backends(database: Database) -> int:
    with psycopg.connect(database.url) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend'"
        ).fetchone()
    assert row is not None
    return int(row[0])

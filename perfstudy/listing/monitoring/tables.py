"""A snapshot as tables for the terminal."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from perfstudy.commands.tables import Fitted, Prose
from perfstudy.formatting import duration, percent, size_in_bytes
from perfstudy.listing.monitoring.cache import Cache
from perfstudy.listing.monitoring.database import DatabaseState, Index
from perfstudy.listing.monitoring.service import Counters
from perfstudy.listing.monitoring.snapshot import Snapshot
from perfstudy.model.table import Table

if TYPE_CHECKING:
    from rich.console import Group


def render(seen: Snapshot) -> "Group":
    """Return *seen* as it is shown."""
    from rich.console import Group

    return Group(*_parts(seen))


def _parts(seen: Snapshot) -> Iterator[Fitted | Prose]:
    if seen.service:
        yield Prose(f"{seen.url} serves {seen.service.variant}; answers: {_counts(seen.service.requests)}")
        yield _rates(seen.service)
    if seen.cache:
        yield _memory(seen.cache)
    if seen.agreement:
        verdict = {True: "agree", False: "do not agree", None: "cannot be compared"}[seen.agreement.agrees]
        yield Prose(f"service and Redis {verdict}: {seen.agreement.reason}")
    if seen.database:
        yield Prose(f"connections: {_counts(seen.database.connections) or 'none'}")
        yield _statements(seen.database)
        yield _indexes(seen.database)
    yield from (Prose(f"{what}: not shown, {reason}") for what, reason in seen.missing.items())


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items())


def _rates(service: Counters) -> Fitted:
    rows = [
        {
            "path": rate.path,
            "tenants": rate.tenant_class,
            "hits": rate.hits,
            "misses": rate.misses,
            "rate": "" if rate.rate is None else percent(rate.rate, 3),
        }
        for rate in service.rates
    ]
    return Fitted(Table(rows, "hit rate", ("path", "tenants", "hits", "misses", "rate")))


def _memory(cache: Cache) -> Prose:
    limit = f"of {size_in_bytes(cache.limit)}" if cache.limit else "without a limit"
    return Prose(
        f"cache: {size_in_bytes(cache.used)} {limit}, at most {size_in_bytes(cache.peak)} so far; "
        f"{cache.keys} keys, {cache.evicted} evicted"
    )


def _indexes(database: DatabaseState) -> Fitted:
    rows = [
        {
            "index": index.name,
            "columns": ", ".join(index.columns),
            "scans": index.scans,
            "size": size_in_bytes(index.size),
            "remark": _remark(index),
        }
        for index in sorted(database.indexes, key=lambda index: -index.scans)
    ]
    table = Table(rows, "indexes", ("index", "columns", "scans", "size", "remark"))
    return Fitted(table, optional=("columns", "size", "scans"))


def _remark(index: Index) -> str:
    remarks = {
        "invalid: a build that failed left it, drop it": not index.valid,
        "unused": index.unused,
        f"begins like {index.covered_by}": index.covered_by is not None,
    }
    return "; ".join(remark for remark, holds in remarks.items() if holds)


def _statements(database: DatabaseState) -> Fitted:
    rows = [
        {
            "statement": _cut(one.sql),
            "calls": one.calls,
            "total": duration(one.total / 1e3),
            "mean": duration(one.mean / 1e3),
            "plan": one.plan,
        }
        for one in database.statements
    ]
    return Fitted(
        Table(rows, "slowest statements", ("statement", "calls", "total", "mean", "plan")), optional=("plan",)
    )


def _cut(sql: str) -> str:
    text = " ".join(sql.split())
    return text if len(text) <= 160 else f"{text[:80]} … {text[-76:]}"

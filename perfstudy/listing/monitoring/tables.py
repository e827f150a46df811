"""A snapshot as tables for the terminal."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from perfstudy.formatting import duration, percent, size_in_bytes
from perfstudy.listing.monitoring.cache import Cache
from perfstudy.listing.monitoring.database import DatabaseState, Index
from perfstudy.listing.monitoring.service import Counters
from perfstudy.listing.monitoring.snapshot import Snapshot

if TYPE_CHECKING:
    from rich.console import Group
    from rich.table import Table


def render(seen: Snapshot) -> "Group":
    """Return *seen* as it is shown."""
    from rich.console import Group

    return Group(*_parts(seen))


def _parts(seen: Snapshot) -> Iterator["Table | str"]:
    if seen.service:
        yield f"[bold]{seen.url}[/bold] serves {seen.service.variant}; answers: {_counts(seen.service.requests)}"
        yield _rates(seen.service)
    if seen.cache:
        yield _memory(seen.cache)
    if seen.agreement:
        verdict = {True: "agree", False: "do not agree", None: "cannot be compared"}[seen.agreement.agrees]
        yield f"service and Redis {verdict}: {seen.agreement.reason}"
    if seen.database:
        yield f"connections: {_counts(seen.database.connections) or 'none'}"
        yield _indexes(seen.database)
        yield _statements(seen.database)
    yield from (f"{what}: not shown, {reason}" for what, reason in seen.missing.items())


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items())


def _table(title: str, *columns: str) -> "Table":
    from rich.table import Table

    table = Table(title=title, title_justify="left", header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _rates(service: Counters) -> "Table":
    table = _table("hit rate", "path", "tenants", "hits", "misses", "rate")
    for rate in service.rates:
        share = "" if rate.rate is None else percent(rate.rate, 3)
        table.add_row(rate.path, rate.tenant_class, str(rate.hits), str(rate.misses), share)
    return table


def _memory(cache: Cache) -> str:
    limit = f"of {size_in_bytes(cache.limit)}" if cache.limit else "without a limit"
    return (
        f"cache: {size_in_bytes(cache.used)} {limit}, at most {size_in_bytes(cache.peak)} so far; "
        f"{cache.keys} keys, {cache.evicted} evicted"
    )


def _indexes(database: DatabaseState) -> "Table":
    table = _table("indexes", "index", "columns", "scans", "size", "remark")
    for index in sorted(database.indexes, key=lambda index: -index.scans):
        size = size_in_bytes(index.size)
        table.add_row(index.name, ", ".join(index.columns), str(index.scans), size, _remark(index))
    return table


def _remark(index: Index) -> str:
    remarks = {
        "invalid: a build that failed left it, drop it": not index.valid,
        "unused": index.unused,
        f"begins like {index.covered_by}": index.covered_by is not None,
    }
    return "; ".join(remark for remark, holds in remarks.items() if holds)


def _statements(database: DatabaseState) -> "Table":
    table = _table("slowest statements", "statement", "calls", "total", "mean", "plan")
    for one in database.statements:
        text = " ".join(one.sql.split())
        shown = text if len(text) <= 160 else f"{text[:80]} … {text[-76:]}"
        table.add_row(shown, str(one.calls), duration(one.total / 1e3), duration(one.mean / 1e3), one.plan)
    return table

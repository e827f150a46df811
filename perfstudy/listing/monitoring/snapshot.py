"""A snapshot of a running stack: its state at one moment."""

from dataclasses import dataclass
from typing import Any

from perfstudy.errors import PerfstudyError
from perfstudy.listing.monitoring.cache import Agreement, Cache, compare_counts, read_cache
from perfstudy.listing.monitoring.database import DatabaseState, read_database
from perfstudy.listing.monitoring.service import Counters, read_counters


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """What is watched: None for what is not known."""

    url: str | None = None
    database: str | None = None
    redis: str | None = None
    before: dict[str, int] | None = None
    """What Redis had counted before the service's first request."""
    ours: bool = False
    """Whether the database is a working copy of this project's."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Snapshot:
    """The state; None for what could not be read, with the reason in *missing*."""

    url: str | None
    service: Counters | None = None
    cache: Cache | None = None
    agreement: Agreement | None = None
    database: DatabaseState | None = None
    missing: dict[str, str]

    def document(self) -> dict[str, Any]:
        """Return it as a JSON document."""
        service, database = self.service, self.database
        return {
            "service": service
            and {
                "url": self.url,
                "variant": service.variant,
                "requests": service.requests,
                "hits": service.hits,
                "misses": service.misses,
                "hit_rates": [rate.row() for rate in service.rates],
            },
            "cache": self.cache and self.cache.row(),
            "agreement": self.agreement and {"agrees": self.agreement.agrees, "reason": self.agreement.reason},
            "indexes": database and [index.row() for index in database.indexes],
            "statements": database and [statement.row() for statement in database.statements],
            "connections": database and database.connections,
            "missing": self.missing,
        }


def take_snapshot(target: Target) -> Snapshot:
    """Return the state of *target*; servers that do not answer are listed as missing."""
    missing: dict[str, str] = {}
    # Redis before the service and the service before PostgreSQL: what is compared is read close together.
    server = _try("cache", target.redis, read_cache, missing)
    service = _try("service", target.url, read_counters, missing)
    database = _try("database", target.database, lambda url: read_database(url, ours=target.ours), missing)
    if database is not None and database.statements_missing:
        missing["statements"] = database.statements_missing
    agreed = compare_counts(service, server, target.before) if service and server else None
    return Snapshot(url=target.url, service=service, cache=server, agreement=agreed, database=database, missing=missing)


def _try(what: str, address: str | None, look: Any, missing: dict[str, str]) -> Any:
    if address is None:
        missing[what] = "nothing is known of it"
        return None
    try:
        return look(address)
    except PerfstudyError as error:
        missing[what] = str(error)
        return None

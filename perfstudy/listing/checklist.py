"""The deployment checklist, each line tested on a running service."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from perfstudy import paths
from perfstudy.drivers.http import Client
from perfstudy.evidence import equivalence
from perfstudy.evidence.statements import read_statements
from perfstudy.lab import RunningService
from perfstudy.listing import gate
from perfstudy.listing.lab import Database, Lab
from perfstudy.listing.manage import manage
from perfstudy.listing.optimizations.index import INDEX
from perfstudy.listing.optimizations.values import COLUMNS
from perfstudy.listing.requests import listing
from perfstudy.listing.variant import BASELINE, Variant

REDIS_BACKEND = "django.core.cache.backends.redis.RedisCache"
MAX_AGE = 600
NOBODY = "verify-nobody"
"""A tenant without programs."""

SETTINGS = """
import json
from django.conf import settings
print(json.dumps([settings.CACHES["default"]["BACKEND"], settings.DATABASES["default"]["CONN_MAX_AGE"]]))
"""


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the checklist: the requirement, whether it is met, and the result."""

    line: str
    passed: bool
    found: str


def verify_checklist(lab: Lab, database: Database, variant: Variant) -> Iterator[Check]:
    """Serve *variant* and the baseline on *database*; yield each line once tested."""
    log = paths.scratch() / f"verify-{uuid4().hex}.jsonl"
    prefix = f"{lab.key_prefix}:{uuid4().hex[:8]}"
    database.reconcile(variant)
    try:
        with lab.serve(variant, database, statement_log=log, key_prefix=prefix) as service:
            with service.client(database.facts.tenant) as client:
                yield _check_migration(database)
                yield from _check_settings(lab, database, variant)
                yield _check_reused_connection(client, database)
                lab.clear_cache(prefix)
                yield from (
                    _check_statement(client, path, target, log) for path, target in _check_paths(database).items()
                )
                lab.clear_cache(prefix)
                with service.client(NOBODY) as nobody:
                    for place, target in _check_paths(database).items():
                        yield _check_cache(client, place, target, empty=False)
                        yield _check_cache(nobody, f"{place}, empty", target, empty=True)
                lab.clear_cache(prefix)
                yield _check_unchanged(lab, database, client, variant)
            yield _check_health(service)
    finally:
        log.unlink(missing_ok=True)


def _check_paths(database: Database) -> dict[str, str]:
    business = database.facts.businesses[0]
    return {
        "business filter": listing(business_id=business, program_status="ALL", limit=5),
        "type filter": listing(program_type="CPC", program_status="ALL", limit=5),
        "all programs": listing(program_status="ALL", limit=5),
    }


def _check_migration(database: Database) -> Check:
    import psycopg

    with psycopg.connect(database.url) as connection:
        recorded = connection.execute("SELECT count(*) FROM django_migrations WHERE name = %s", (INDEX.schema,))
        applied = bool((recorded.fetchone() or [0])[0])
        valid = connection.execute(
            "SELECT c.relname FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid WHERE x.indisvalid"
            " AND x.indrelid = 'ads_programregistry'::regclass"
            " AND pg_get_indexdef(x.indexrelid) LIKE %s",
            ("%(username, status, start_date DESC)",),
        ).fetchone()
    found = f"{'recorded' if applied else 'not recorded'}, {f'index {valid[0]} is valid' if valid else 'no such index'}"
    return Check("Database migration applied (0015)", applied and valid is not None, found)


def _check_settings(lab: Lab, database: Database, variant: Variant) -> Iterator[Check]:
    said = manage(lab.build_environment(database.url, variant), "shell", "--no-imports", "-c", SETTINGS)
    backend, age = json.loads(said.strip().splitlines()[-1])
    yield Check("Cache backend is Redis's", backend == REDIS_BACKEND, backend)
    with lab.redis.client() as client:
        pong = client.ping()
    yield Check("Redis is running (PONG)", bool(pong), "PONG" if pong else "no answer")
    yield Check(f"Connection pooling enabled (CONN_MAX_AGE={MAX_AGE})", age == MAX_AGE, f"CONN_MAX_AGE={age}")


def _check_reused_connection(client: Client, database: Database) -> Check:
    """Send two uncached requests, then check that a connection is still open."""
    import psycopg

    for offset in (1, 2):
        client.get(listing(offset=offset, limit=1))
    with psycopg.connect(database.url) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend' AND state = 'idle'"
        ).fetchone()
    kept = int(row[0]) if row else 0
    return Check("A connection stays open between requests", kept > 0, f"{kept} open")


def _check_statement(client: Client, path: str, target: str, log: Path) -> Check:
    """Check that one statement fetches the rows, with a join and the listed columns."""
    identity = f"verify-{uuid4().hex}"
    client.get(target, **{"X-Request-Id": identity})
    sent = [one.sql for one in read_statements(log, identity)] if log.exists() else []
    rows = [sql for sql in sent if '"custom_name"' in sql]
    businesses = [sql for sql in sent if 'FROM "ads_business"' in sql]
    columns = set(re.findall(r'"ads_programregistry"\."(\w+)"', rows[0].partition(" FROM ")[0])) if rows else set()
    extra, joined = columns - set(COLUMNS), bool(rows) and 'JOIN "ads_business"' in rows[0]
    listed = f"{len(columns)} columns, {len(extra)} of them not listed" if extra else f"{len(columns)} columns"
    statement = "1 statement" if len(rows) == 1 else f"{len(rows)} statements"
    found = f"{statement} for the rows, {'joined' if joined else 'not joined'}, {listed}; {len(businesses)} for names"
    passed = len(rows) == 1 and joined and not businesses and columns == set(COLUMNS)
    return Check(f"Query optimization applied: {path}", passed, found)


def _check_cache(client: Client, place: str, target: str, *, empty: bool) -> Check:
    seen = [client.get(target) for _ in range(2)]
    states = [answer.cache or "no cache" for answer in seen]
    total = json.loads(seen[0].body).get("total_count")
    found = f"{' then '.join(states)}, {total} programs"
    return Check(f"View-level caching: {place}", states == ["MISS", "HIT"] and (total == 0) == empty, found)


def _check_unchanged(lab: Lab, database: Database, client: Client, variant: Variant) -> Check:
    """Compare the answers with those of the baseline, served at the same time."""
    targets = gate.draw_requests(database.facts, 1)
    ours = equivalence.collect_fingerprints(client, targets, gate.identify_exactly, twice=variant.caches)
    with (
        lab.serve(BASELINE, database, key_prefix=uuid4().hex[:8]) as service,
        service.client(database.facts.tenant) as plain,
    ):
        theirs = equivalence.collect_fingerprints(plain, targets, gate.identify_exactly)
    different = equivalence.find_differences(theirs, ours)
    found = str(different[0]) if different else f"{len(targets)} requests, the same bytes"
    return Check("Answers unchanged from the baseline's", not different, found)


def _check_health(service: RunningService) -> Check:
    with service.client() as client:
        answer = client.get("/api/health")
    return Check("Backend restarted successfully", answer.status == 200, f"health: {answer.status}")

"""The marker of a loaded database: facts about its data, written last."""

import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from perfstudy.errors import PerfstudyError, UsageError
from perfstudy.listing.dataset.checksums import compute_checksum
from perfstudy.listing.dataset.scales import find_scale

if TYPE_CHECKING:
    import psycopg

TABLE = "perfstudy.facts"
"""In a separate schema that the service does not use; unlike a comment, it is copied with the database."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a study needs to know of a loaded *scale* to ask the right questions."""

    scale: str
    rows: int
    """All programs."""
    tenant: str
    """The reference tenant."""
    programs: int
    """The reference tenant's programs."""
    current: int
    """Those with the status CURRENT."""
    businesses: tuple[str, ...]
    """The yelp_business_id of each of the reference tenant's businesses, the one with most programs first."""
    largest_tenant: str
    """The tenant with most programs; at the smallest scale that is the reference tenant itself."""
    checksum: str
    """The identity of seeds and generation, as ``checksum(scale)`` gives it."""


def read_facts(url: str, scale: str) -> Facts:
    """Return the facts at *url*, which must hold all of *scale* from today's seeds.

    Raises:
        UsageError: there is no such scale.
        PerfstudyError: the database holds no data set, only a part of one, another one, or cannot be reached.
    """
    import psycopg

    wanted = compute_checksum(find_scale(scale).name)
    try:
        with psycopg.connect(url) as connection:
            found = _read(connection)
            name = connection.info.dbname
    except psycopg.OperationalError as error:
        raise PerfstudyError(f"no database to read the facts of scale {scale!r} from: {error}") from error
    if found is None:
        raise PerfstudyError(
            f"the database {name!r} holds no complete data set; drop it and load scale {scale!r} again"
        )
    if (found.scale, found.checksum) != (scale, wanted):
        raise PerfstudyError(
            f"the database {name!r} holds scale {found.scale!r} as {found.checksum}, not {scale!r} as {wanted}; "
            "drop it and load it again"
        )
    return found


def read_tenant_facts(url: str, found: Facts, tenant: str) -> Facts:
    """Return *found*, facts at *url*, with *tenant* as the reference tenant.

    Raises:
        UsageError: the tenant has no programs there.
    """
    import psycopg

    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT yelp_business_id, count(*), count(*) FILTER (WHERE status = 'CURRENT') "
            "FROM ads_programregistry WHERE username = %s GROUP BY 1 ORDER BY 2 DESC, 1",
            (tenant,),
        ).fetchall()
    if not rows:
        raise UsageError(
            f"tenant {tenant!r} has no programs at scale {found.scale!r}: name another, such as {found.tenant!r}"
        )
    return replace(
        found,
        tenant=tenant,
        programs=sum(row[1] for row in rows),
        current=sum(row[2] for row in rows),
        businesses=tuple(row[0] for row in rows if row[0]),
    )


def record(connection: "psycopg.Connection[Any]", found: Facts) -> None:
    """Write the marker: the database is complete from now on."""
    document = json.dumps(asdict(found), ensure_ascii=False)
    with connection.transaction():
        connection.execute("CREATE SCHEMA IF NOT EXISTS perfstudy")
        connection.execute("DROP TABLE IF EXISTS perfstudy.loading")  # the progress of a load in portions
        connection.execute("CREATE TABLE perfstudy.facts (document jsonb NOT NULL)")
        connection.execute("INSERT INTO perfstudy.facts (document) VALUES (%s)", (document,))


def _read(connection: "psycopg.Connection[Any]") -> Facts | None:
    there = connection.execute("SELECT to_regclass(%s) IS NOT NULL", (TABLE,)).fetchone()
    if there is None or not there[0]:
        return None
    row = connection.execute("SELECT document FROM perfstudy.facts").fetchone()
    return None if row is None else Facts(**{**row[0], "businesses": tuple(row[0]["businesses"])})

"""The schema seam: Django's migrations take a database to a variant's schema.

Which migrations are applied is always read from the database, so an interrupted run is repaired by the next one.
"""

from collections.abc import Iterable
from typing import Any

import psycopg

from perfstudy.errors import PerfstudyError
from perfstudy.listing.manage import manage
from perfstudy.listing.optimizations import ALL

APP = "ads"
BASELINE = "0014_baseline"


def list_wanted(wanted: Iterable[str] = ()) -> set[str]:
    """Return the migrations applied where *wanted* are, the baseline's included."""
    return {BASELINE, *wanted}


def list_applied(connection: "psycopg.Connection[Any]") -> set[str]:
    """Return the applied migrations among those that an optimization declares."""
    declared = {BASELINE, *(o.schema for o in ALL if o.schema)}
    there = connection.execute("SELECT to_regclass('django_migrations')").fetchone()
    if there is None or there[0] is None:
        return set()
    rows = connection.execute("SELECT name FROM django_migrations WHERE app = %s", (APP,))
    return {name for (name,) in rows} & declared


def reconcile(url: str, wanted: Iterable[str], environment: dict[str, str]) -> bool:
    """Migrate the database at *url* to *wanted* and analyse it.

    Return whether anything had to change. Each optimization's migration depends on the baseline only, so any set can be
    applied: those that are not wanted are reverted, and those that are missing are applied.

    Raises:
        PerfstudyError: a migration failed, or one also applied or reverted others.
    """
    goal = list_wanted(wanted)
    with psycopg.connect(url, autocommit=True) as connection:
        before = list_applied(connection)
        if before == goal:
            return False
        if before - goal:
            manage(environment, "unapply", *sorted(before - goal), "--no-color")
        for name in sorted(goal - before):
            migrate(name, environment)
        reached = list_applied(connection)
        if reached != goal:
            raise PerfstudyError(
                f"the migrations {', '.join(sorted(goal))} are wanted, "
                f"and {', '.join(sorted(reached))} are applied now: "
                f"each must depend on {BASELINE} alone, or be required by what depends on it"
            )
        connection.execute("ANALYZE")
    return True


def migrate(name: str, environment: dict[str, str]) -> None:
    """Run the service's ``migrate ads NAME``, forwards or backwards.

    Raises:
        PerfstudyError: it failed; the message quotes what it said.
    """
    manage(environment, "migrate", APP, name, "--no-input", "--verbosity", "0")

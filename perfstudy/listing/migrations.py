"""Evidence on a migration: its file, its SQL, and a test that it is reversible."""

from collections.abc import Iterator
from typing import Any

import psycopg

from perfstudy.listing.compiling import arm
from perfstudy.listing.lab import Database, Lab
from perfstudy.listing.manage import manage
from perfstudy.listing.schema import APP, list_wanted
from perfstudy.listing.variant import BASELINE, Variant
from perfstudy.paths import PACKAGE

FOLDER = PACKAGE / "listing" / "service" / "ads" / "migrations"

CATALOGUE = """
    SELECT tablename || ' ' || indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT table_name || ' ' || column_name || ' ' || data_type FROM information_schema.columns
    WHERE table_schema = 'public'
    UNION ALL SELECT conrelid::regclass || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace
    ORDER BY 1
"""
"""Every index, column and constraint, a line each."""


def read_migration(name: str) -> str:
    """Return the text of the migration *name*."""
    return (FOLDER / f"{name}.py").read_text(encoding="utf-8").strip()


def render_sql(lab: Lab, database: Database, name: str, *, backwards: bool = False) -> str:
    """Return the SQL of the migration *name*, by Django's ``sqlmigrate``; run nothing."""
    said = manage(
        lab.build_environment(database.url, BASELINE), "sqlmigrate", APP, name, *(["--backwards"] if backwards else [])
    )
    return said.strip()


def migrate_both_ways(database: Database, variant: Variant) -> Iterator[dict[str, Any]]:
    """Migrate *database* to the baseline, to *variant* and back; yield each step.

    Rows: the step, the newest migration applied, the number of indexes of the programs' table, and whether the whole
    schema is as it was at the start.
    """
    first: list[str] = []
    for step, goal in (("before", BASELINE), ("forward", variant), ("back", BASELINE)):
        database.reconcile(goal)
        found = read_catalogue(database.url)
        first = first or found
        yield {
            "step": step,
            "migrated to": max(list_wanted(arm(goal).schema)),
            "indexes": sum("CREATE" in line and line.startswith("ads_programregistry ") for line in found),
            "schema as before": "yes" if found == first else "no",
        }


def read_catalogue(url: str) -> list[str]:
    """Return all indexes, columns and constraints at *url*, as text in a fixed order."""
    with psycopg.connect(url) as connection:
        return [row[0] for row in connection.execute(CATALOGUE)]

"""A migration as evidence: read, written as SQL, and gone there and back on a real database."""

import psycopg

from perfstudy.listing import migrations
from perfstudy.listing.lab import Database, Lab
from perfstudy.listing.optimizations import BY_NAME
from perfstudy.listing.variant import BASELINE, parse

NAME = BY_NAME["index"].schema or ""


def test_the_file_and_its_statements_tell_the_same(lab: Lab, tiny: Database) -> None:
    assert "-start_date" in migrations.read_migration(NAME)
    assert '"ads_program_usernam_cb2094_idx" ON "ads_programregistry"' in migrations.render_sql(lab, tiny, NAME)
    assert "DROP INDEX" in migrations.render_sql(lab, tiny, NAME, backwards=True)


def test_the_way_back_leads_to_the_same_schema(lab: Lab) -> None:
    with lab.database("tiny") as database:
        before, forward, back = migrations.migrate_both_ways(database, parse("index"))
    assert forward["migrated to"] == NAME
    assert [row["schema as before"] for row in (before, forward, back)] == ["yes", "no", "yes"]
    assert back["indexes"] == before["indexes"] == forward["indexes"] - 1


def test_a_column_that_stayed_behind_would_be_seen(lab: Lab) -> None:
    with lab.database("tiny") as database:
        database.reconcile(BASELINE)
        before = migrations.read_catalogue(database.url)
        with psycopg.connect(database.url) as connection:
            connection.execute("ALTER TABLE ads_business ADD COLUMN left_behind integer")
        assert set(migrations.read_catalogue(database.url)) - set(before) == {"ads_business left_behind integer"}

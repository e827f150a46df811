"""The schema is brought to what a variant wants, and read from the database rather than remembered."""

import psycopg
import pytest

from perfstudy.errors import PerfstudyError
from perfstudy.listing import schema
from perfstudy.listing.compiling import arm
from perfstudy.listing.lab import Database, Lab
from perfstudy.listing.manage import manage
from perfstudy.listing.optimizations import ALL
from perfstudy.listing.variant import BASELINE, Variant, parse

SCHEMA = """
SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename LIKE 'ads%' ORDER BY 1
"""


def indexes(database: Database) -> list[str]:
    with psycopg.connect(database.url) as connection:
        return [definition for (definition,) in connection.execute(SCHEMA)]


def test_there_and_back_and_not_twice(tiny: Database) -> None:
    tiny.reconcile(BASELINE)
    before = indexes(tiny)
    assert tiny.reconcile(parse("index+cache"))
    (added,) = set(indexes(tiny)) - set(before)
    assert "(username, status, start_date DESC)" in added
    assert not tiny.reconcile(parse("index"))
    assert tiny.reconcile(BASELINE)
    assert indexes(tiny) == before
    assert not tiny.reconcile(parse("related"))


def test_what_a_crash_left_behind_heals(tiny: Database) -> None:
    """The recorder's row is what counts: here a run ended between the migration and what it meant to do with it."""
    tiny.reconcile(parse("index"))
    with psycopg.connect(tiny.url) as connection:
        assert schema.list_applied(connection) == schema.list_wanted(arm("index").schema)
    assert tiny.reconcile(BASELINE)
    with psycopg.connect(tiny.url) as connection:
        assert schema.list_applied(connection) == {"0014_baseline"}


def test_the_new_index_is_analysed(tiny: Database) -> None:
    tiny.reconcile(BASELINE)
    with psycopg.connect(tiny.url, autocommit=True) as connection:
        connection.execute("DELETE FROM pg_statistic WHERE starelid = 'ads_programregistry'::regclass")
        tiny.reconcile(parse("index"))
        (count,) = connection.execute(
            "SELECT count(*) FROM pg_stats WHERE tablename = 'ads_programregistry'"
        ).fetchone()
    assert count > 10


def test_a_migration_that_fails_is_quoted(lab: Lab, tiny: Database) -> None:
    with pytest.raises(PerfstudyError, match=r"migrate ads 9999_nowhere` failed with 1:(.|\n)*9999_nowhere"):
        schema.migrate("9999_nowhere", lab.build_environment(tiny.url, BASELINE))


def test_any_set_of_migrations_can_be_applied(tiny: Database) -> None:
    """Each follows from the baseline alone: what is taken back leaves the others as they are."""
    every = [o.name for o in ALL if o.schema]
    for chosen in (every, every[1:], every[:1], every[:-1], []):
        needed = {name for o in ALL if o.name in chosen for name in o.requires}
        variant = Variant(tuple(o for o in ALL if o.name in {*chosen, *needed}))
        tiny.reconcile(variant)
        with psycopg.connect(tiny.url) as connection:
            assert schema.list_applied(connection) == schema.list_wanted(arm(variant).schema)


def test_what_is_beside_is_not_built_again(tiny: Database) -> None:
    tiny.reconcile(parse("index+covering"))
    with psycopg.connect(tiny.url, autocommit=True) as connection:
        node = "SELECT oid FROM pg_class WHERE relname = 'ads_program_covering'"
        before = connection.execute(node).fetchone()
        assert before is not None
        assert tiny.reconcile(parse("covering"))
        assert connection.execute(node).fetchone() == before


def test_an_unknown_migration_cannot_be_taken_back(lab: Lab, tiny: Database) -> None:
    with pytest.raises(PerfstudyError, match="there is no migration '0099': name one of 0014_baseline, 0015"):
        manage(lab.build_environment(tiny.url, BASELINE), "unapply", "0099")

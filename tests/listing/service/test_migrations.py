"""The schema: exactly what the service had before, and one index more after 0015."""

import subprocess
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import pytest

from perfstudy.lab import processes
from perfstudy.listing.optimizations import ALL, BY_NAME
from perfstudy.listing.service.ads import migrations
from perfstudy.listing.variant import BASELINE, smallest_variant

BEFORE = {
    *("username", "program_id", "yelp_business_id", "status"),
    *(f"username, {x}" for x in ("yelp_business_id", "program_id", "status", "yelp_business_id, status")),
    *(f"username, {x}" for x in ("program_name", "status, program_name", "yelp_business_id, program_name")),
    *(f"username, {x}" for x in ("yelp_business_id, status, program_name", "program_status", "start_date")),
    *("username, updated_at", "yelp_business_id, business_name"),
}

KEYS = {"id", "business_id", "UNIQUE username, program_id"}

COLUMNS = [
    "id",
    "username",
    "program_id",
    "yelp_business_id",
    "partner_business_id",
    "business_name",
    "business_id",
    "status",
    "program_status",
    "program_pause_status",
    "program_name",
    "start_date",
    "end_date",
    "custom_name",
    "budget",
    "max_bid",
    "ad_cost",
    "currency",
    "is_autobid",
    "billed_impressions",
    "billed_clicks",
    "fee_period",
    "businesses",
    "active_features",
    "available_features",
    "created_at",
    "updated_at",
]


def snapshot(url):
    """All that the catalogue says of the schema: columns, constraints and indexes."""
    queries = (
        "SELECT table_name, column_name, ordinal_position, data_type, is_nullable, character_maximum_length,"
        " numeric_precision, is_identity FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 3",
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace"
        " ORDER BY 1",
        "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1",
        "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 1",
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1",
    )
    with psycopg.connect(url) as connection:
        return [connection.execute(query).fetchall() for query in queries]


def indexes(url):
    found = set()
    with psycopg.connect(url) as connection:
        for (text,) in connection.execute("SELECT indexdef FROM pg_indexes WHERE tablename = 'ads_programregistry'"):
            columns = text.partition(" USING btree (")[2].rstrip(")")
            found.add(f"UNIQUE {columns}" if "CREATE UNIQUE" in text and columns != "id" else columns)
    return found


def test_the_baseline_has_the_indexes_that_the_service_had(databases):
    assert indexes(databases[False].url) == BEFORE | KEYS


def test_0015_adds_one_index(databases):
    assert indexes(databases[True].url) - indexes(databases[False].url) == {"username, status, start_date DESC"}
    (added,) = {name for name, _ in snapshot(databases[True].url)[-1]} - {
        n for n, _ in snapshot(databases[False].url)[-1]
    }
    assert added == "ads_program_usernam_cb2094_idx"


def test_columns_are_in_order(databases):
    assert [row[1] for row in snapshot(databases[False].url)[0] if row[0] == "ads_programregistry"] == COLUMNS


@pytest.mark.parametrize("optimization", [o for o in ALL if o.schema], ids=lambda o: o.name)
def test_a_schema_goes_there_and_back_to_the_same_schema(lab, optimization):
    assert (Path(migrations.__file__).parent / f"{optimization.schema}.py").exists()
    with lab.database("tiny") as database:
        database.reconcile(BASELINE)
        before = snapshot(database.url)
        assert database.reconcile(smallest_variant(optimization))
        assert snapshot(database.url) != before
        assert database.reconcile(BASELINE)
        assert snapshot(database.url) == before


INDEX = "ads_program_usernam_cb2094_idx"
MIGRATION = BY_NAME["index"].schema


@pytest.fixture
def fresh(lab):
    """A database without the index, and a function that starts the migration that adds it, in a process of its own."""
    with lab.database("tiny") as database, ExitStack() as stack:
        database.reconcile(BASELINE)
        command = [sys.executable, "-m", "perfstudy.listing.service", "migrate", "ads", MIGRATION, "--verbosity", "0"]
        environment = processes.build_environment(**lab.build_environment(database.url, BASELINE))

        def migrate():
            process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
            stack.callback(process.wait)
            stack.callback(process.kill)
            return process

        yield database, migrate


def building(connection):
    """The process at the server that is building an index, None where nobody does."""
    row = connection.execute(
        "SELECT pid FROM pg_stat_progress_create_index WHERE datname = current_database()"
    ).fetchone()
    return row and row[0]


def validity(connection):
    row = connection.execute(
        "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)", (f"public.{INDEX}",)
    ).fetchone()
    return row and row[0]


@contextmanager
def held_up(url):
    """Keep a writing transaction open, which a concurrent build waits for: so it stays half done for as long."""
    with psycopg.connect(url) as other:
        other.execute(
            "UPDATE ads_programregistry SET custom_name = 'held' WHERE id = (SELECT min(id) FROM ads_programregistry)"
        )
        yield


def test_a_writer_commits_while_the_index_is_built(fresh):
    database, migrate = fresh
    with psycopg.connect(database.url, autocommit=True) as writer:
        writer.execute("SET lock_timeout = '10s'")
        with held_up(database.url):
            process = migrate()
            assert processes.wait_until(lambda: building(writer), 30)
            writer.execute("UPDATE ads_programregistry SET custom_name = 'written' WHERE id % 1000 = 7")
            assert building(writer)
        assert process.wait(30) == 0, process.stderr.read()
        assert validity(writer)


@pytest.mark.parametrize("killed", ["the server's process", "the client"])
def test_a_build_that_was_broken_off_heals_at_the_next_attempt(fresh, killed):
    database, migrate = fresh
    with psycopg.connect(database.url, autocommit=True) as watch:
        with held_up(database.url):
            process = migrate()
            assert processes.wait_until(lambda: building(watch) and validity(watch) is False, 30)
            if killed == "the client":
                process.kill()
                process.wait()
            else:
                watch.execute("SELECT pg_terminate_backend(%s)", (building(watch),))
                assert process.wait(30) != 0
                assert validity(watch) is False
        assert database.reconcile(BASELINE + "index")
        assert validity(watch)
        assert watch.execute("SELECT count(*) FROM django_migrations WHERE name = %s", (MIGRATION,)).fetchone() == (1,)
        before = snapshot(database.url)
        assert database.reconcile(BASELINE)
        assert validity(watch) is None
        assert database.reconcile(BASELINE + "index")
        assert snapshot(database.url) == before

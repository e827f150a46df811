"""Partitions by tenant: applied and reverted beside every other migration, with its triggers, ids and indexes."""

from random import Random

import psycopg
import pytest

from perfstudy.listing.optimizations import ALL
from perfstudy.listing.requests import listing
from perfstudy.listing.service.ads.partitions import PARTITIONS
from perfstudy.listing.variant import BASELINE, Variant, parse

from . import programs, test_count, test_lines
from .test_migrations import snapshot

OTHERS = Variant(tuple(o for o in ALL if (o.schema and o.name != "partition") or o.name == "json"))
LISTED = "SELECT md5(string_agg(p::text, '' ORDER BY id)) FROM ads_programregistry p"
DOUBLE = """
    INSERT INTO ads_programregistry (username, program_id, yelp_business_id, status, program_name,
        created_at, updated_at)
    SELECT username, program_id, yelp_business_id, status, program_name, created_at, updated_at
    FROM ads_programregistry LIMIT 1
"""


def ask(database, query, *values):
    with psycopg.connect(database.url) as connection:
        return connection.execute(query, values).fetchone()[0]


def check_writes(database, random, name):
    """Write all that the tests of triggers write; triggers, ids and keys are still right."""
    highest = ask(database, "SELECT max(id) FROM ads_programregistry")
    with psycopg.connect(database.url, autocommit=True) as connection:
        for turn in range(60):
            test_lines.change(connection, random, f"{name}{turn}")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute(DOUBLE)
    assert ask(database, "SELECT nextval(pg_get_serial_sequence('ads_programregistry', 'id'))") > highest
    assert test_lines.differences(database) == []
    assert test_count.differences(database) == []
    assert ask(database, "SELECT count(*) - count(DISTINCT id) FROM ads_programregistry") == 0


def list_names(database):
    """The names of all indexes."""
    return {name for name, _ in snapshot(database.url)[-1]}


def test_it_goes_there_and_back_beside_every_other_migration(lab):
    with lab.database("tiny") as database:
        database.reconcile(BASELINE)
        programs.replace(database.url)
        database.reconcile(OTHERS)
        before, rows, names = snapshot(database.url), ask(database, LISTED), list_names(database)
        database.reconcile(OTHERS + "partition")
        assert names <= list_names(database)
        assert ask(database, LISTED) == rows
        # Indexes are dropped and built beside it.
        database.reconcile(parse("json+lines+count+partition"))
        assert "ads_program_covering" not in list_names(database)
        database.reconcile(OTHERS + "partition")
        assert names <= list_names(database)
        check_writes(database, Random(7), "there")
        rows = ask(database, LISTED)
        database.reconcile(OTHERS)
        assert snapshot(database.url) == before
        assert ask(database, LISTED) == rows
        check_writes(database, Random(8), "back")


def test_a_tenants_query_reads_one_partition(lab):
    with lab.database("tiny") as database:
        database.reconcile(parse("index+partition"))
        query = "EXPLAIN (FORMAT JSON) SELECT id FROM ads_programregistry WHERE username = %s AND status = 'CURRENT'"
        plan = str(ask(database, query, database.facts.tenant))
        assert len({part for part in range(PARTITIONS) if f"ads_programregistry_{part}'" in plan}) == 1
        tables = "relispartition AND relkind = 'r'"
        assert ask(database, f"SELECT bool_and(relallvisible = relpages) FROM pg_class WHERE {tables}")


@pytest.mark.parametrize("variant", ["baseline", "related+values+page+count+covering", "json+lines+prune"])
def test_answers_are_the_same_bytes(inside, variant):
    for target in (listing(), listing(all="true", program_status="ALL"), listing(offset="20", limit="20")):
        plain, parted = (inside(name).get(target) for name in (variant, str(parse(variant) + "partition")))
        assert (plain.status, parted.status) == (200, 200)
        assert parted.body == plain.body


@pytest.mark.parametrize("variant", ["related+values+partition", "related+values+page+covering+partition"])
@pytest.mark.parametrize("target", [listing(), listing(offset="200"), listing(all="true")])
def test_every_statement_names_the_tenant(asked, variant, target):
    statements, _ = asked(variant, target)
    assert statements
    assert all('"ads_programregistry"."username" = ' in statement for statement in statements)

"""The indexes of the programs' table, as PostgreSQL has them."""

import psycopg

from perfstudy.evidence import indexes, plans
from perfstudy.listing import costs
from perfstudy.listing.lab import Database, Lab
from perfstudy.listing.statements import TABLE, select_ids
from perfstudy.listing.variant import BASELINE, parse


def test_the_declared_index_is_listed_with_its_columns(tiny: Database) -> None:
    tiny.reconcile(BASELINE)
    before = {row["index"]: row["columns"] for row in indexes.list_indexes(tiny.url, TABLE)}
    tiny.reconcile(parse("index"))
    after = {row["index"]: row["columns"] for row in indexes.list_indexes(tiny.url, TABLE)}
    assert [after[name] for name in after.keys() - before.keys()] == ["(username, status, start_date DESC)"]
    assert all(row["bytes"] > 0 for row in indexes.list_indexes(tiny.url, TABLE))


def test_what_serves_a_page_is_said_in_words(lab: Lab) -> None:
    with lab.database("tiny") as database:
        page = select_ids(database.facts.tenant, "CURRENT", limit=20)
        said = []
        for variant in ("baseline", "index"):
            database.reconcile(parse(variant))
            columns = {row["index"]: row["columns"] for row in indexes.list_indexes(database.url, TABLE)}
            said.append(indexes.list_used(plans.explain(database.url, page), columns))
    assert said == [
        "(username, start_date), incremental sort, 215 rows thrown away",
        "(username, status, start_date DESC), incremental sort",
    ]


def test_a_partitioned_index_has_the_size_of_its_partitions(lab: Lab) -> None:
    with lab.database("tiny") as database:
        database.reconcile(parse("index+partition"))
        with psycopg.connect(database.url) as connection:
            found = connection.execute(
                "SELECT inhparent::regclass::text, sum(pg_relation_size(inhrelid))::bigint"
                " FROM pg_inherits JOIN pg_index ON inhrelid = indexrelid GROUP BY 1"
            ).fetchall()
        listed = {row["index"]: row["bytes"] for row in indexes.list_indexes(database.url, TABLE)}
        assert len(listed) > 8
        assert listed == dict(found) == {name: costs._read_size(database.url, name) for name in listed}
        assert all(size >= 8 * 8192 for size in listed.values())


def test_without_an_index_every_row_is_looked_at() -> None:
    scan = {"Node Type": "Seq Scan", "Relation Name": TABLE, "Rows Removed by Filter": 1200, "Actual Loops": 1}
    assert indexes.list_used(scan, {}) == "every row of the table, 1,200 rows thrown away"

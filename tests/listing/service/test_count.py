"""Stored totals: exact after whatever was written, by however many at once."""

import json
from concurrent.futures import ThreadPoolExecutor
from random import Random

import psycopg
import pytest

from perfstudy.listing.contract import ANY_STATUS, PROGRAM_TYPES, STATUSES, Query
from perfstudy.listing.optimizations.count import TABLE, total
from perfstudy.listing.requests import listing
from perfstudy.listing.variant import BASELINE, parse

from . import programs

DIFFERENT = f"""
    SELECT * FROM (SELECT username, status, program_name, total FROM {TABLE} WHERE total <> 0) AS kept
    FULL JOIN (
        SELECT username, status, program_name, count(*) AS total FROM ads_programregistry
        GROUP BY username, status, program_name
    ) AS counted USING (username, status, program_name, total)
    WHERE kept IS NULL OR counted IS NULL
"""


@pytest.fixture
def counted(lab):
    """A database that stores totals, of the difficult programs."""
    with lab.database("tiny") as database:
        database.reconcile(BASELINE)
        programs.replace(database.url)
        assert database.reconcile(parse("count"))
        yield database


def differences(database):
    with psycopg.connect(database.url) as connection:
        assert connection.execute(f"SELECT sum(total) FROM {TABLE}").fetchone() != (0,)
        return connection.execute(DIFFERENT).fetchall()


def write(connection, random, serial):
    """One statement of one of the kinds that the service and its operators send."""
    row = programs.program(random, random.randrange(60), random.choice((programs.TENANT, programs.OTHER)))
    some = f"id %% 7 = {random.randrange(7)}"
    statement = random.choice(
        (
            "INSERT INTO ads_programregistry (username, program_id, yelp_business_id, status, program_name,"
            " created_at, updated_at) SELECT username, program_id || %(serial)s, yelp_business_id, %(status)s,"
            f" program_name, now(), now() FROM ads_programregistry WHERE {some} LIMIT 9",
            "INSERT INTO ads_programregistry (username, program_id, yelp_business_id, status, program_name,"
            " created_at, updated_at) SELECT username, program_id, yelp_business_id, %(status)s, %(kind)s, now(), now()"
            f" FROM ads_programregistry WHERE {some} ORDER BY username, program_id ON CONFLICT (username, program_id)"
            " DO UPDATE SET status = excluded.status, program_name = excluded.program_name",
            "UPDATE ads_programregistry SET status = %(status)s WHERE program_id = %(program)s",
            "UPDATE ads_programregistry SET budget = 1 WHERE program_id = %(program)s",
            "UPDATE ads_programregistry SET username = 'agency' WHERE program_id = %(program)s || 'x'",
            "DELETE FROM ads_programregistry WHERE id IN"
            f" (SELECT id FROM ads_programregistry WHERE {some} ORDER BY id LIMIT 3 FOR UPDATE)",
        )
    )
    values = {"serial": f"-{serial}", "status": row["status"], "kind": row["program_name"]}
    connection.execute(statement, values | {"program": row["program_id"]})


def test_many_writers_at_once_leave_it_exact(counted):
    def writer(number):
        random, waited = Random(number), 0
        with psycopg.connect(counted.url, autocommit=True) as connection:
            for turn in range(40):
                try:
                    with connection.transaction(force_rollback=random.random() < 0.2):
                        write(connection, random, f"{number}.{turn}")
                except psycopg.errors.DeadlockDetected:  # of rows that two statements lock in their own order
                    waited += 1
        return waited

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(writer, range(4))) < 40
    assert differences(counted) == []


def test_syncs_of_the_same_tenant_wait_for_each_other_rather_than_fail(counted):
    """As the service sends them, in the order of the ids: neither rows nor totals are locked crosswise."""

    def writer(number):
        with psycopg.connect(counted.url, autocommit=True) as connection:
            for turn in range(20):
                connection.execute(
                    "INSERT INTO ads_programregistry (username, program_id, yelp_business_id, status, program_name,"
                    " created_at, updated_at) SELECT 'agency', 'p' || lpad(n::text, 4, '0'), 'b',"
                    " (ARRAY['PAST', 'CURRENT'])[1 + (n + %s) %% 2], 'CPC', now(), now() FROM generate_series(1, 40) n"
                    " ON CONFLICT (username, program_id) DO UPDATE SET status = excluded.status",
                    (number + turn,),
                )

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(writer, range(4)))
    assert differences(counted) == []


def test_emptying_the_table_empties_the_totals(counted):
    with psycopg.connect(counted.url, autocommit=True) as connection:
        connection.execute("TRUNCATE ads_programregistry")
        assert connection.execute(f"SELECT count(*) FROM {TABLE}").fetchone() == (0,)
        columns = "username, program_id, yelp_business_id, status, program_name, created_at, updated_at"
        with connection.cursor().copy(f"COPY ads_programregistry ({columns}) FROM STDIN") as copy:
            copy.write_row(("a", "p", "b", "PAST", "CPC", "2024-01-01", "2024-01-01"))
    assert differences(counted) == []


def test_no_write_falls_between_counting_and_keeping(lab):
    """The migration waits for a write under way, and those that come later wait for it."""
    with lab.database("tiny") as database, ThreadPoolExecutor(1) as beside:
        database.reconcile(BASELINE)
        with psycopg.connect(database.url) as writer:
            writer.execute("UPDATE ads_programregistry SET status = 'PAST' WHERE id % 3 = 0")
            migration = beside.submit(database.reconcile, parse("count"))
            with psycopg.connect(database.url, autocommit=True) as watch:
                waiting = (
                    "SELECT count(*) FROM pg_locks WHERE relation = 'ads_programregistry'::regclass AND NOT granted"
                )
                while watch.execute(waiting).fetchone() == (0,):
                    assert not migration.done()
            writer.execute("DELETE FROM ads_programregistry WHERE id % 5 = 0")
        assert migration.result(60)
        assert differences(database) == []


@pytest.mark.parametrize("status", [*STATUSES, ANY_STATUS])
@pytest.mark.parametrize("kind", [None, "CPC", "LOGO"])
def test_every_question_has_its_total(inside, status, kind):
    target = listing(program_status=status, **({"program_type": kind} if kind else {}))
    want = inside("baseline").get(target).body
    for variant in ("count", "page+count", "json+count", "related+values+connections+page+count"):
        assert inside(variant).get(target).body == want


@pytest.mark.parametrize("variant", ["page+count", "json+count"])
def test_nothing_is_counted(asked, variant):
    sent, document = asked(variant, listing(program_status=ANY_STATUS, program_type=PROGRAM_TYPES[0], limit=3))
    assert document["total_count"] > 3
    assert not any("count(" in sql.lower() for sql in sent)
    assert sum(TABLE in sql for sql in sent) == 1


def test_one_business_is_counted(asked):
    sent, _ = asked("page+count", listing(business_id="b1"))
    assert not any(TABLE in sql for sql in sent)
    assert total(Query(tenant="t", business_id="b1")) is None


def test_a_tenant_without_programs_has_none(inside):
    assert json.loads(inside("json+count").get(listing(), programs.EMPTY).body)["total_count"] == 0

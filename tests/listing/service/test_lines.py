"""Stored lines: what was written for the programs as they are, after whatever was written, by however many at once."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from hashlib import sha256
from random import Random

import psycopg
import pytest

from perfstudy.listing.optimizations.lines import COLUMNS, TABLE, render
from perfstudy.listing.requests import listing
from perfstudy.listing.variant import BASELINE, parse

from . import programs
from .test_count import write

STORED = f"SELECT {', '.join(COLUMNS)} FROM {TABLE}"
DIFFERENT = """
    SELECT * FROM ({stored} EXCEPT ALL {rendered}) AS extra UNION ALL
    SELECT * FROM ({rendered} EXCEPT ALL {stored}) AS missing
"""


@pytest.fixture(scope="module")
def stored(lab):
    """A database that stores lines, of the difficult programs."""
    with lab.database("tiny") as database:
        database.reconcile(BASELINE)
        programs.replace(database.url)
        assert database.reconcile(parse("json+lines"))
        yield database


def differences(database):
    sql = DIFFERENT.replace("{stored}", STORED).replace("{rendered}", render("ads_programregistry"))
    with psycopg.connect(database.url) as connection:
        assert connection.execute(f"SELECT count(*) FROM {TABLE} WHERE line IS NOT NULL").fetchone() != (0,)
        return connection.execute(sql).fetchall()


def change(connection, random, serial):
    """A write to programs, or one that renames, moves or replaces what their lines say."""
    tenant, number = random.choice((programs.TENANT, programs.OTHER)), random.randrange(7)
    statements = (
        "UPDATE ads_business SET name = %(serial)s WHERE id %% 3 = %(number)s %% 3",
        "UPDATE ads_business SET cached_at = now() WHERE id %% 3 = %(number)s %% 3",
        "UPDATE ads_programregistry SET business_id ="
        " (SELECT min(id) FROM ads_business WHERE id %% 3 = %(number)s %% 3) WHERE id %% 7 = %(number)s",
        "UPDATE ads_programregistry SET start_date = start_date + 1, id = -id WHERE id %% 7 = %(number)s",
        "UPDATE ads_programregistry SET custom_name = %(serial)s WHERE username = %(tenant)s AND id %% 7 = %(number)s",
    )
    if random.random() < 0.5:
        write(connection, random, serial)
    else:
        connection.execute(random.choice(statements), {"serial": f"-{serial}", "tenant": tenant, "number": number})


def test_many_writers_at_once_leave_every_line_as_it_would_be_written(stored):
    def writer(number):
        random = Random(number)
        with psycopg.connect(stored.url, autocommit=True) as connection:
            for turn in range(40):
                # Two statements may lock rows in their own orders; the one that fails changes nothing.
                with (
                    suppress(psycopg.errors.DeadlockDetected),
                    connection.transaction(force_rollback=random.random() < 0.2),
                ):
                    change(connection, random, f"{number}.{turn}")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(writer, range(4)))
    assert differences(stored) == []


@pytest.mark.parametrize(
    "moved",
    [
        "UPDATE ads_programregistry SET business_id = %(other)s WHERE id IN ({few})",
        "UPDATE ads_programregistry SET custom_name = 'x' WHERE id IN ({few})",
        "DELETE FROM ads_programregistry WHERE id IN ({few})",
    ],
)
@pytest.mark.parametrize("renaming_first", [True, False])
def test_a_program_that_changes_while_its_business_is_renamed(stored, moved, renaming_first):
    """Whichever comes second waits for the first one, and sees what it wrote."""
    rename = "UPDATE ads_business SET name = left(name, 200) || ' renamed' WHERE id = %(one)s"
    few = moved.format(few="SELECT id FROM ads_programregistry WHERE business_id = %(one)s ORDER BY id LIMIT 3")
    first, second = (rename, few) if renaming_first else (few, rename)
    with (
        psycopg.connect(stored.url, autocommit=True) as watch,
        psycopg.connect(stored.url) as writer,
        psycopg.connect(stored.url) as other,
        ThreadPoolExecutor(1) as beside,
    ):
        one, two = (row[0] for row in watch.execute("SELECT id FROM ads_business ORDER BY id LIMIT 2"))
        watch.execute("UPDATE ads_programregistry SET business_id = %s WHERE id %% 2 = 0", [one])
        writer.execute(first, {"one": one, "other": two})
        waiting = beside.submit(lambda: (other.execute(second, {"one": one, "other": two}), other.commit()))
        blocked = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid = %s"
        while watch.execute(blocked, [other.info.backend_pid]).fetchone() == (0,):
            assert not waiting.done()
        writer.commit()
        waiting.result(60)
    assert differences(stored) == []


def test_an_update_that_no_line_shows_writes_none(stored):
    with psycopg.connect(stored.url, autocommit=True) as connection:
        versions = f"SELECT array_agg(xmin::text ORDER BY id) FROM {TABLE}"
        before = connection.execute(versions).fetchone()
        connection.execute("UPDATE ads_programregistry SET updated_at = now(), partner_business_id = 'other'")
        connection.execute("UPDATE ads_business SET cached_at = now(), name = name")
        assert connection.execute(versions).fetchone() == before
        connection.execute("UPDATE ads_programregistry SET custom_name = 'other'")
        assert connection.execute(versions).fetchone() != before


def test_emptying_the_table_empties_the_lines(stored):
    with psycopg.connect(stored.url, autocommit=True) as connection:
        connection.execute("TRUNCATE ads_programregistry")
        assert connection.execute(f"SELECT count(*) FROM {TABLE}").fetchone() == (0,)
        programs.put(connection, programs.program(Random(1), 1, programs.TENANT))
    assert differences(stored) == []


def test_the_answer_is_made_of_lines_alone(asked):
    (sent,), document = asked("json+lines", listing(all="true", program_status="ALL"))
    assert TABLE in sent
    assert "ads_business" not in sent
    assert "ads_programregistry" not in sent
    assert document == asked("baseline", listing(all="true", program_status="ALL"))[1]


def test_the_version_in_the_name_is_that_of_the_expression():
    """Stored lines keep the form they were written in: another form needs another table, and a migration for it."""
    assert (TABLE, sha256(render("p").encode()).hexdigest()[:12]) == ("ads_programline_v1", "71e05ca54c3c")

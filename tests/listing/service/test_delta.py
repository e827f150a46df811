"""Repaired lists: the bytes of the whole statement, after whatever was written, by however many at once."""

from contextlib import ExitStack
from random import Random

import psycopg
import pytest

from perfstudy.lab import processes
from perfstudy.listing.optimizations import delta
from perfstudy.listing.requests import listing
from perfstudy.listing.variant import parse

from . import programs
from .inside import Inside, django
from .test_count import write

PLAIN, DELTA = "page+json", "cache+invalidate+page+json+delta"
WHOLE = listing(all="true", program_status="ALL")
TARGETS = (WHOLE, listing(all="true"), listing(all="true", program_status="PAST", program_type="CPC"))


@pytest.fixture(scope="module")
def url(lab, environment):
    """A database of the difficult programs, which the tests may change."""
    with lab.database("tiny") as database:
        database.reconcile(parse(DELTA))
        programs.replace(database.url)
        with psycopg.connect(database.url, autocommit=True) as connection:
            # What another test's open transaction may still overlap counts as changed.
            (newest,) = connection.execute("SELECT pg_current_xact_id()").fetchone()
            settled = "SELECT pg_snapshot_xmin(pg_current_snapshot()) > %s::text::xid8"
            assert processes.wait_until(lambda: connection.execute(settled, [newest]).fetchone()[0], 240)
        yield database.url


@pytest.fixture
def ask(lab, environment, url):
    """A function that returns a variant's answer, computed."""
    django()
    with ExitStack() as stack:
        built = {
            name: stack.enter_context(
                Inside(parse(name), environment(parse(name)) | {"PERFSTUDY_SERVICE_DATABASE": url})
            )
            for name in (PLAIN, DELTA)
        }

        def compute(name, target):
            lab.clear_cache()
            return built[name].get(target)

        yield compute


def change(connection, random, serial):
    """A write of any kind but a business's new name, which no program's row shows."""
    values = {"serial": serial, "number": random.randrange(7), "id": random.randrange(200)}
    statements = (
        "UPDATE ads_programregistry SET business_id = (SELECT max(id) FROM ads_business) WHERE id %% 7 = %(number)s",
        "UPDATE ads_programregistry SET start_date = start_date + 1, id = -id WHERE id %% 7 = %(number)s",
        "UPDATE ads_programregistry SET start_date = NULL, custom_name = %(serial)s WHERE id %% 7 = %(number)s",
        "WITH gone AS (DELETE FROM ads_programregistry WHERE id = %(id)s RETURNING *)"
        " UPDATE ads_programregistry SET custom_name = (SELECT custom_name FROM gone) WHERE id = %(id)s + 1",
    )
    if random.random() < 0.5:
        write(connection, random, serial)
    else:
        connection.execute(random.choice(statements), values)


@pytest.fixture
def repaired(monkeypatch):
    """How many programs each repair took as they were held; None for one that failed."""
    kept = []

    def counting(query, held, own=delta.repair):
        found = own(query, held)
        kept.append(found and sum(held.lines.get(number) is line for number, line in found.lines.items()))
        return found

    monkeypatch.setattr(delta, "repair", counting)
    return kept


def same(ask, target):
    plain, held = (ask(variant, target) for variant in (PLAIN, DELTA))
    assert (held.status, held.body) == (plain.status, plain.body)


@pytest.mark.parametrize("seed", range(3))
def test_after_random_writes_and_open_transactions_it_is_the_same_bytes(ask, url, repaired, seed):
    random = Random(seed)
    with ExitStack() as stack:
        writers = [stack.enter_context(psycopg.connect(url, options="-c lock_timeout=1ms")) for _ in range(3)]
        for turn in range(20):
            connection = random.choice(writers)
            try:
                with connection.transaction():  # a savepoint while the writer's transaction is open
                    change(connection, random, f"{seed}.{turn}")
            except (
                psycopg.errors.LockNotAvailable,
                psycopg.errors.DeadlockDetected,
            ):  # another open transaction has written it
                pass
            if random.random() < 0.6:
                random.choice((connection.commit, connection.commit, connection.rollback))()
            if random.random() < 0.7:
                same(ask, random.choice(TARGETS))
        for connection in writers:
            connection.commit()
    for target in TARGETS:
        same(ask, target)
    assert any(repaired)


def test_a_program_that_cannot_be_shown_is_named_as_by_the_whole_statement(ask, url):
    same(ask, WHOLE)
    with psycopg.connect(url, autocommit=True) as connection:
        odd = f"SELECT min(id) FROM ads_programregistry WHERE username = '{programs.TENANT}'"
        connection.execute(f"UPDATE ads_programregistry SET end_date = 'infinity' WHERE id = ({odd})")
        plain, held = (ask(name, WHOLE) for name in (PLAIN, DELTA))
        assert held.status == plain.status != 200
        connection.execute("UPDATE ads_programregistry SET end_date = NULL WHERE end_date = 'infinity'")
    same(ask, WHOLE)


def test_a_new_name_is_seen_once_the_list_was_held_for_long(ask, url, monkeypatch):
    monkeypatch.setattr(delta, "HELD_SECONDS", 0.0)
    same(ask, WHOLE)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("UPDATE ads_business SET name = 'renamed'")
    same(ask, WHOLE)

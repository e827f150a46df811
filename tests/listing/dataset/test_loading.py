"""The load on a real server: all of it or nothing, and a schema that nobody can tell from the migrations' own."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from subprocess import PIPE
from typing import Any

import psycopg
import pytest

from perfstudy.errors import PerfstudyError, UsageError
from perfstudy.listing.dataset import Facts, load, read_facts
from perfstudy.listing.dataset.generate import Rows
from perfstudy.listing.dataset.loading import EXISTING, STAGES, migrate
from perfstudy.listing.dataset.reference import read_reference
from perfstudy.listing.dataset.room import require_room
from perfstudy.listing.dataset.scales import SCALES, Scale
from perfstudy.listing.lab import Database
from perfstudy.paths import PROJECT

from .decode import EXPECTED_COLUMNS, expected, lines

Make = Callable[[], str]

COLUMNS = """
    SELECT c.relname, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
           a.attstorage, a.attcompression, a.attstattarget, pg_get_expr(d.adbin, d.adrelid)
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relnamespace = 'public'::regnamespace ORDER BY c.relname, a.attnum
"""
CONSTRAINTS = """
    SELECT conrelid::regclass::text, conname, contype, condeferrable, condeferred, convalidated, conenforced,
           conindid::regclass::text, pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2
"""
INDEXES = """
    SELECT i.relname, x.indrelid::regclass::text, pg_get_indexdef(i.oid), x.indisprimary, x.indisunique, x.indimmediate,
           x.indisvalid, x.indisready, x.indislive, x.indisclustered, x.indisreplident, i.reloptions, x.indoption::text
    FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
    WHERE i.relnamespace = 'public'::regnamespace ORDER BY i.oid
"""
TRIGGERS = """
    SELECT tgrelid::regclass::text, tgfoid::regproc::text, tgtype, tgenabled, tgdeferrable, tginitdeferred
    FROM pg_trigger ORDER BY 1, 2, 3
"""
RELATIONS = """
    SELECT relname, relkind, relpersistence, reloptions, relhasindex, relhastriggers, relreplident,
           relowner::regrole::text
    FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY 1
"""
EVERYTHING = (COLUMNS, CONSTRAINTS, INDEXES, TRIGGERS, RELATIONS)


def schema(url: str) -> list[list[tuple[Any, ...]]]:
    with psycopg.connect(url) as connection:
        return [connection.execute(query).fetchall() for query in EVERYTHING]


def ask(url: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url, options="-c timezone=UTC") as connection:
        return connection.execute(query).fetchall()


def nobody_is_left(url: str) -> bool:
    """Whether every other session of the database ends within a minute: a server notices a lost client late."""
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    deadline = time.monotonic() + 60
    while ask(url, others) != [(0,)]:
        if time.monotonic() > deadline:
            return False
    return True


@pytest.fixture(scope="module")
def answers(tiny: Database) -> Iterator[Callable[[str], list[tuple[Any, ...]]]]:
    """A function that asks the working copy of the smallest scale."""
    with psycopg.connect(tiny.url, options="-c timezone=UTC", autocommit=True) as connection:
        yield lambda query: connection.execute(query).fetchall()


def test_a_load_ends_in_the_schema_of_the_migrations_alone(empty: Make) -> None:
    loaded, migrated = empty(), empty()
    load(loaded, "tiny")
    migrate(migrated)
    for ours, theirs in zip(schema(loaded), schema(migrated), strict=True):
        assert len(theirs) >= 4
        assert ours == theirs


def test_a_load_reports_its_progress_and_returns_the_facts(empty: Make) -> None:
    url, seen = empty(), list[tuple[str, float, float]]()
    found = load(url, "tiny", lambda *report: seen.append(report))
    assert found == read_facts(url, "tiny")
    assert tuple(dict.fromkeys(stage for stage, _, _ in seen)) == STAGES
    for stage in STAGES:
        done = [done for name, done, _ in seen if name == stage]
        assert done[0] == 0
        assert done == sorted(done)
        assert {total for name, _, total in seen if name == stage} == {done[-1]}


def test_the_facts_are_what_the_rows_say(answers: Callable[[str], list[tuple[Any, ...]]], tiny: Database) -> None:
    found = tiny.facts
    assert (found.scale, found.rows, found.tenant, found.programs, found.current) == (
        "tiny", 5_000, "agency-2671", 2_671, 435,
    )  # fmt: skip
    assert answers("SELECT count(*) FROM ads_programregistry") == [(found.rows,)]
    sizes = answers("SELECT username, count(*) FROM ads_programregistry GROUP BY 1 ORDER BY 2 DESC LIMIT 1")
    assert sizes == [(found.largest_tenant, 2_671)]
    busy = answers(
        "SELECT yelp_business_id, count(*) FROM ads_programregistry WHERE username = 'agency-2671' GROUP BY 1"
    )
    counts = dict(busy)
    assert set(found.businesses) == set(counts)
    assert [counts[one] for one in found.businesses] == sorted(counts.values(), reverse=True)


def test_every_program_arrives_as_it_was_made(answers: Callable[[str], list[tuple[Any, ...]]], tiny_rows: Rows) -> None:
    found = answers(f"SELECT {', '.join(EXPECTED_COLUMNS)} FROM ads_programregistry ORDER BY id")
    for ours, theirs in zip(expected(tiny_rows), found, strict=True):
        assert theirs == ours


def test_every_business_arrives_as_it_was_made(
    answers: Callable[[str], list[tuple[Any, ...]]], tiny_rows: Rows
) -> None:
    columns = (
        "b.id::text, yelp_business_id, name, url, alias, to_char(cached_at, 'YYYY-MM-DD HH24:MI:SS.MS'), fetch_failed"
    )
    found = answers(f"SELECT {columns} FROM ads_business b ORDER BY b.id")
    assert [[*row[:-1], "t" if row[-1] else "f"] for row in found] == lines(tiny_rows.businesses())
    failed = [row for row in found if row[-1]]
    assert failed
    assert all(row[2:5] == ("", None, None) for row in failed)


def test_nasty_names_come_back_unchanged(answers: Callable[[str], list[tuple[Any, ...]]]) -> None:
    names = {name for (name,) in answers("SELECT custom_name FROM ads_programregistry")}
    nasty = set(read_reference().custom_names["nasty"]["values"])
    assert len(names & nasty) > 0.6 * len(nasty)
    assert answers("SELECT max(char_length(custom_name)) FROM ads_programregistry") == [(255,)]


def test_the_next_row_gets_the_next_key(empty: Make) -> None:
    url = empty()
    load(url, "tiny")
    query = "INSERT INTO ads_business (yelp_business_id, name, fetch_failed) VALUES ('new', 'New', false) RETURNING id"
    highest = ask(url, "SELECT max(id) FROM ads_business")[0][0]
    assert ask(url, query) == [(highest + 1,)]
    assert ask(url, "SELECT nextval(pg_get_serial_sequence('ads_programregistry', 'id'))") == [(5_001,)]


def test_a_loaded_table_is_analysed_and_frozen(answers: Callable[[str], list[tuple[Any, ...]]]) -> None:
    query = "SELECT relname, reltuples, relpages = relallvisible, relpages = relallfrozen FROM pg_class WHERE relname ~"
    rows = answers(f"{query} '^ads_(business|programregistry)$' ORDER BY 1")
    assert [(name, visible, frozen) for name, _, visible, frozen in rows] == [
        ("ads_business", True, True),
        ("ads_programregistry", True, True),
    ]
    assert rows[1][1] == 5_000
    assert answers("SELECT count(*) FROM pg_stats WHERE tablename = 'ads_programregistry'") == [(27,)]


class Stop(BaseException):
    """Ctrl-C, at a chosen moment."""


@pytest.mark.parametrize("stage", STAGES)
def test_an_interrupted_load_does_not_look_complete(empty: Make, stage: str) -> None:
    url = empty()

    def stop(name: str, done: float, total: float) -> None:
        if name == stage:
            raise Stop

    with pytest.raises(Stop):
        load(url, "tiny", stop)
    with pytest.raises(PerfstudyError, match="holds no complete data set; drop it and load scale 'tiny' again"):
        read_facts(url, "tiny")
    assert nobody_is_left(url)


@pytest.mark.parametrize("stage", ["rows", "indexes"])
def test_ctrl_c_ends_a_load_at_once_and_leaves_nothing_running(empty: Make, stage: str) -> None:
    url = empty()
    code = (
        "import sys; from perfstudy.listing.dataset import load;"
        "load(sys.argv[1], 'small', lambda stage, done, total: print(stage, bool(done), flush=True))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, url], cwd=PROJECT, stdout=PIPE, stderr=PIPE, text=True
    ) as loader:
        assert loader.stdout is not None
        assert any(line == f"{stage} True\n" for line in loader.stdout)
        loader.send_signal(signal.SIGINT)
        _, said = loader.communicate(timeout=60)
    assert "KeyboardInterrupt" in said
    with pytest.raises(PerfstudyError, match="holds no complete data set"):
        read_facts(url, "small")
    assert nobody_is_left(url)


def test_rows_of_another_checksum_are_not_kept(empty: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    url = empty()
    monkeypatch.setattr("perfstudy.listing.dataset.checksums.read_stored", lambda scale: "0" * 64)
    with pytest.raises(PerfstudyError, match="the rows of scale 'tiny' have the checksum"):
        load(url, "tiny")
    assert ask(url, "SELECT (SELECT count(*) FROM ads_programregistry), (SELECT count(*) FROM ads_business)") == [
        (0, 0)
    ]
    with pytest.raises(PerfstudyError):
        read_facts(url, "tiny")


def test_a_scale_that_the_disk_does_not_hold_is_refused(empty: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    url = empty()
    with psycopg.connect(url) as connection:
        require_room(connection, SCALES["tiny"])
        refused = r"scale 'vast' takes \S+ GB with its working copy, and .* are free in /.*: make room, or choose"
        with pytest.raises(PerfstudyError, match=refused):
            require_room(connection, Scale(name="vast", rows=10**12, summary=""))
    monkeypatch.setattr("perfstudy.listing.dataset.checksums.read_stored", lambda scale: None)
    with pytest.raises(PerfstudyError, match=r"'tiny' have no stored checksum yet: .*dataset tiny --write"):
        load(url, "tiny")
    assert ask(url, EXISTING) == [(0,)]


def test_a_database_that_is_not_empty_is_left_alone(empty: Make) -> None:
    url = empty()
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE mine (n integer)")
    with pytest.raises(PerfstudyError, match=r"is not empty: it has 1 tables or views; create an empty one"):
        load(url, "tiny")
    assert ask(url, "SELECT count(*) FROM mine") == [(0,)]


def test_an_unreachable_database_is_named(empty: Make) -> None:
    with pytest.raises(PerfstudyError, match="loading scale 'tiny' failed"):
        load(f"{empty()}_missing", "tiny")
    with pytest.raises(PerfstudyError, match="no database to read the facts"):
        read_facts(f"{empty()}_missing", "tiny")


def test_an_unknown_scale_is_refused_before_anything_happens() -> None:
    for work in (load, read_facts):
        with pytest.raises(UsageError, match="did you mean tiny"):
            work("postgresql://nowhere.invalid/x", "tinny")


def test_a_failed_migration_says_why(monkeypatch: pytest.MonkeyPatch, empty: Make) -> None:
    monkeypatch.setattr("perfstudy.listing.dataset.loading.BASELINE_MIGRATION", "0999")
    with pytest.raises(PerfstudyError, match=r"perfstudy.listing.service migrate ads 0999.* failed with 1: .*0999"):
        load(empty(), "tiny")


def test_facts_of_another_scale_or_of_other_seeds_are_refused(
    tiny: Database, empty: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(PerfstudyError, match=r"holds scale 'tiny' as .*, not 'small' as"):
        read_facts(tiny.url, "small")
    other = Facts(**{**asdict(tiny.facts), "checksum": "0" * 16})
    url = empty()
    with psycopg.connect(url) as connection:
        connection.execute("CREATE SCHEMA perfstudy")
        connection.execute("CREATE TABLE perfstudy.facts (document jsonb)")
        connection.execute("INSERT INTO perfstudy.facts VALUES (%s)", (json.dumps(asdict(other)),))
    with pytest.raises(PerfstudyError, match="holds scale 'tiny' as 0000000000000000, not"):
        read_facts(url, "tiny")

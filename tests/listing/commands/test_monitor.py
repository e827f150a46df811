"""``perfstudy monitor``: what it shows of a running stack is what was done to it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from perfstudy.drivers.http import Client
from perfstudy.evidence.indexes import list_indexes
from perfstudy.lab import processes
from perfstudy.listing.lab import Database, Lab
from perfstudy.listing.monitoring.cache import Agreement, Cache, compare_counts, read_cache
from perfstudy.listing.monitoring.database import Index, find_covered, read_database
from perfstudy.listing.monitoring.service import Counters, Rate, read_counters
from perfstudy.listing.monitoring.snapshot import Target, take_snapshot
from perfstudy.listing.requests import listing
from perfstudy.listing.stack import Stack
from perfstudy.listing.statements import TABLE
from perfstudy.listing.variant import parse
from perfstudy.paths import PROJECT
from tests.commands.test_commands import here
from tests.commands.test_width import show_plainly

HOME = PROJECT / ".perfstudy" / "test"
TENANT_CLASSES = {"small", "medium", "large"}


@pytest.fixture(scope="module")
def stack(lab: Lab, database: Database) -> Iterator[Stack]:
    """A stack that was asked for three pages and one business, twice each."""
    with Stack(lab, database, parse("index+related+values+gunicorn+cache")) as stack:
        ask(stack, database)
        yield stack


def ask(stack: Stack, database: Database) -> None:
    targets = [listing(program_status="ALL", offset=offset) for offset in (0, 20, 40)]
    targets.append(listing(business_id=database.facts.businesses[0]))
    with Client(stack.service.url, stack.service.token(database.facts.tenant)) as client:
        for target in targets * 2:
            assert client.get(target).status == 200


@pytest.fixture(scope="module")
def document(stack: Stack) -> dict[str, Any]:
    """What the command prints of it."""
    found = here("monitor", stack.service.url, "--once", "--format", "json")
    assert found.returncode == 0, found.stderr
    loaded: dict[str, Any] = json.loads(found.stdout)
    return loaded


def test_hit_rates_are_those_of_the_requests_that_were_made(document: dict[str, Any]) -> None:
    service = document["service"]
    assert service["variant"] == "index+related+values+gunicorn+cache"
    rates = {rate["path"]: rate for rate in service["hit_rates"]}
    assert (rates["all"]["hits"], rates["all"]["misses"], rates["all"]["rate"]) == (3, 3, 0.5)
    assert (rates["business"]["hits"], rates["business"]["misses"]) == (1, 1)
    assert rates["all"]["tenant_class"] == "large"
    assert {rate["tenant_class"] for rate in service["hit_rates"]} <= TENANT_CLASSES
    assert service["requests"]["200"] >= 8


@pytest.mark.parametrize(
    "variant", ["gunicorn+cache", "gunicorn+cache+invalidate", "gunicorn+cache+invalidate+bytes+near"]
)
def test_service_and_redis_agree_until_somebody_else_asks(lab: Lab, database: Database, variant: str) -> None:
    """On a server of its own, so that other tests' requests are not counted."""
    redis = lab.start_own_redis()
    earlier = read_cache(redis.url)
    before = {"hits": earlier.hits, "misses": earlier.misses}
    with lab.serve(parse(variant), database, redis=redis, key_prefix=f"agreement-{variant}") as service:
        for _ in range(2):  # on new connections, and so in both workers
            for limit in (1, 2, 3):
                with Client(service.url, service.token(database.facts.tenant)) as client:
                    client.get(listing(limit=limit))

        def look() -> Agreement:
            return compare_counts(read_counters(service.url), read_cache(redis.url), before)

        assert processes.wait_until(lambda: read_counters(service.url).hits == 3, 60)
        assert look().agrees is True, look()
        if "invalidate" not in variant:
            with redis.client() as other:
                other.get("somebody else's")
            assert look().agrees is False


def test_counts_that_differ_do_not_agree() -> None:
    counted = Counters("cache", (Rate("all", "large", 3, 5),), {"200": 8})
    server = Cache(hits=13, misses=25, evicted=0, used=1, peak=1, limit=0, keys=0)
    assert compare_counts(counted, server, {"hits": 10, "misses": 20}).agrees is True
    assert compare_counts(counted, server, {"hits": 9, "misses": 20}).agrees is False
    assert compare_counts(counted, server, None).agrees is None


def test_marks_are_counted_besides() -> None:
    counted = Counters("cache+invalidate", (Rate("all", "large", 3, 5),), {"200": 8})
    server = Cache(hits=11, misses=5, evicted=0, used=1, peak=1, limit=0, keys=0)
    assert compare_counts(counted, server, {"hits": 0, "misses": 0}).agrees is True
    assert compare_counts(counted, server, {"hits": 6, "misses": 0}).agrees is False


@pytest.mark.parametrize(("misses", "agrees"), [(8, True), (4, False)])
def test_hits_by_a_lease_are_counted_apart(misses: int, agrees: bool) -> None:
    counted = Counters("cache+invalidate+lease+bytes+near", (Rate("all", "large", 30, 5),), {"200": 35})
    server = Cache(hits=2, misses=misses, evicted=0, used=1, peak=1, limit=0, keys=0)
    found = compare_counts(counted, server, {"hits": 0, "misses": 0})
    assert found.agrees is agrees
    assert "at least 28 hits asked Redis nothing" in found.reason


def test_cache_memory_and_connections_are_there(document: dict[str, Any]) -> None:
    assert 0 < document["cache"]["used"] <= document["cache"]["peak"]
    assert document["cache"]["keys"] >= 4
    assert isinstance(document["connections"], dict)


def test_indexes_are_those_of_the_catalogue(document: dict[str, Any], database: Database) -> None:
    shown = {index["name"]: index for index in document["indexes"]}
    with psycopg.connect(database.url) as connection:
        there = connection.execute(
            "SELECT indexname, pg_relation_size(indexname::regclass) FROM pg_indexes"
            " WHERE schemaname = 'public' AND tablename LIKE 'ads%'"
        ).fetchall()
    assert {name: index["size"] for name, index in shown.items()} == dict(there)
    by_columns = {tuple(index["columns"]): index for index in shown.values() if not index["unique"]}
    assert by_columns["username",]["covered_by"]
    assert by_columns["username", "program_id"]["covered_by"] == "ads_program_unique"
    assert by_columns["username", "status", "start_date DESC"]["covered_by"] is None
    assert by_columns["yelp_business_id varchar_pattern_ops",]["covered_by"] is None
    assert all(index["valid"] for index in shown.values())


def test_the_indexes_of_partitions_are_shown_as_one(lab: Lab) -> None:
    with lab.database("tiny") as database:
        database.reconcile(parse("index+partition"))
        shown = {
            index.name: index for index in read_database(database.url, ours=True).indexes if "program" in index.table
        }
        listed = {row["index"]: row["bytes"] for row in list_indexes(database.url, TABLE)}
    assert {name: index.size for name, index in shown.items()} == listed
    assert {index.table for index in shown.values()} >= {TABLE}
    assert ("username", "status", "start_date DESC") in {index.columns for index in shown.values()}


def test_an_index_that_served_a_query_is_not_unused(database: Database) -> None:
    query = "SELECT count(*) FROM ads_business WHERE yelp_business_id = 'x'"
    with psycopg.connect(database.url, autocommit=True) as connection:
        before = {index.name: index.scans for index in read_database(database.url, ours=True).indexes}
        connection.execute("SET enable_seqscan = off")
        connection.execute(query)
        connection.execute("SELECT pg_stat_force_next_flush()")
        connection.execute("SELECT 1")
    after = {index.name: index.scans for index in read_database(database.url, ours=True).indexes}
    assert sum(after.values()) > sum(before.values())


def test_statements_have_their_plans(document: dict[str, Any]) -> None:
    statements = {statement["sql"]: statement for statement in document["statements"]}
    assert statements
    joined = [statement for sql, statement in statements.items() if 'JOIN "ads_business"' in sql]
    assert sum(one["calls"] for one in joined) == 4
    for one in joined:
        assert one["total"] >= one["mean"] > 0
        assert "on ads_programregistry" in one["plan"]
    assert "statements" not in document["missing"]


def test_watching_leaves_the_service_s_schema_alone(document: dict[str, Any], database: Database) -> None:
    with psycopg.connect(database.url) as connection:
        foreign = connection.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relname LIKE 'pg_%'"
        ).fetchall()
    assert foreign == []


@pytest.mark.parametrize("width", [80, 120])
def test_the_table_says_the_same_and_breaks_no_name(stack: Stack, document: dict[str, Any], width: int) -> None:
    found = here("monitor", stack.service.url, "--once", COLUMNS=str(width), FORCE_COLOR="1")
    assert found.returncode == 0, found.stderr
    shown = show_plainly(found.stdout)
    names = {index["name"] for index in document["indexes"]} | {stack.service.url, document["service"]["variant"] + ";"}
    assert names <= set(shown.split())
    assert max(map(len, shown.splitlines())) <= width
    for part in ("hit rate", "indexes", "slowest statements", "connections", "cache:", "service and Redis"):
        assert part in shown


def test_it_watches_until_it_is_interrupted(stack: Stack) -> None:
    environment = os.environ | {"PERFSTUDY_HOME": str(HOME)}
    command = [sys.executable, "-m", "perfstudy", "monitor", stack.service.url, "--every", "0.1", "--format", "json"]
    watching = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    assert watching.stdout is not None
    seen_twice = [json.loads(watching.stdout.readline())["service"]["requests"]["200"] for _ in range(2)]
    watching.send_signal(signal.SIGINT)
    assert watching.wait(60) == 130
    assert seen_twice[1] > seen_twice[0]  # its own look at /metrics, at least


def test_what_does_not_answer_is_named(stack: Stack) -> None:
    nowhere = Target(
        url="http://127.0.0.1:1", database="postgresql://u:sesame@127.0.0.1:1/x", redis="redis://:sesame@127.0.0.1:1/0"
    )
    found = take_snapshot(nowhere)
    assert set(found.missing) == {"service", "database", "cache"}
    assert "sesame" not in json.dumps(found.document())


@pytest.mark.parametrize("format", ["table", "json"])
def test_a_service_that_does_not_answer_is_an_error(tmp_path: Path, format: str) -> None:
    found = here("monitor", "http://127.0.0.1:1", "--once", "--format", format, PERFSTUDY_HOME=str(tmp_path))
    assert found.returncode == 1
    assert "http://127.0.0.1:1 does not report its counters" in found.stderr
    assert "Traceback" not in found.stderr


def test_without_anything_running_it_says_so(tmp_path: Path) -> None:
    found = here("monitor", "--once", PERFSTUDY_HOME=str(tmp_path))
    assert (found.returncode, "nothing runs: `perfstudy serve`" in found.stderr) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(("--format", "xml"), "unknown format 'xml'"), (("--every", "0"), "--every 0 is out of range")],
)
def test_bad_input_is_named(arguments: tuple[str, ...], message: str) -> None:
    found = here("monitor", "--once", *arguments)
    assert (found.returncode, message in found.stderr) == (2, True), found.stderr


def test_of_two_indexes_alike_one_is_marked() -> None:
    def index(name: str, *columns: str, unique: bool = False, valid: bool = True) -> Index:
        return Index("t", name, columns, 0, 8192, unique, valid)

    found = {
        one.name: one.covered_by
        for one in find_covered(
            [
                index("a", "x"),
                index("b", "x"),
                index("c", "x", "y"),
                index("d", "y"),
                index("e", "x", "y", unique=True),
                index("f", "y", "z", valid=False),
            ]
        )
    }
    assert found == {"a": "c", "b": "a", "c": "e", "d": None, "e": None, "f": None}

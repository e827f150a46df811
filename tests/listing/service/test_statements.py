"""What each way of making rows asks of the database, read from the statement log."""

import json
import subprocess
import sys

import psycopg
import pytest

from perfstudy.lab import processes
from perfstudy.listing.requests import listing

from . import programs

PATHS = {
    "all": listing(program_status="ALL", limit=9),
    "business": listing(program_status="ALL", limit=9, business_id=programs.BUSINESSES[0]),
    "type": listing(program_status="ALL", limit=9, program_type="CPC"),
}

every_path = pytest.mark.parametrize("path", PATHS)


@every_path
def test_the_baseline_asks_for_each_rows_business(asked, path):
    sent, document = asked("baseline", PATHS[path])
    known = [p for p in document["programs"] if p["business_id"] in programs.NAMED]
    assert 0 < len(known) <= len(document["programs"]) == 9
    assert sum('FROM "ads_business"' in sql for sql in sent) == len(known)
    assert len(sent) == {"all": 3, "business": 2, "type": 2}[path] + len(known)


@every_path
def test_values_alone_still_ask_for_each_rows_business(asked, path):
    sent, _ = asked("values", PATHS[path])
    assert sum('FROM "ads_business"' in sql for sql in sent) > 0
    assert not any('"partner_business_id"' in sql for sql in sent)


@every_path
@pytest.mark.parametrize("variant", ["related", "related+values"])
def test_the_join_asks_once(asked, path, variant):
    sent, _ = asked(variant, PATHS[path])
    assert len(sent) == {"all": 3, "business": 2, "type": 2}[path]
    assert sum("JOIN" in sql for sql in sent) == 1
    assert ('"partner_business_id"' in sent[-1]) == (variant == "related")


def test_the_database_cuts_the_page_for_all_programs_alone(asked):
    cut = {path: [sql for sql in asked("baseline", target)[0] if "LIMIT 9" in sql] for path, target in PATHS.items()}
    assert {path: len(sent) for path, sent in cut.items()} == {"all": 1, "business": 0, "type": 0}
    assert cut["all"][0].startswith('SELECT "ads_programregistry"."id"')
    assert "COUNT(*)" in asked("baseline", PATHS["all"])[0][0]


@every_path
def test_an_empty_page_asks_for_no_rows(asked, path):
    sent, document = asked("baseline", PATHS[path] + "&offset=5000")
    assert document["programs"] == []
    assert len(sent) == {"all": 2, "business": 1, "type": 1}[path]


@every_path
def test_what_is_logged_can_be_sent_again(asked, databases, path):
    sent, _ = asked("related+values", PATHS[path])
    with psycopg.connect(databases[False].url) as connection:
        for sql in sent:
            assert connection.execute(f"EXPLAIN {sql}").fetchall()


def test_a_line_is_written_for_each_statement_under_its_requests_id(inside, tmp_path):
    log = tmp_path / "statements"
    service = inside("related", PERFSTUDY_STATEMENT_LOG=str(log))
    for name in ("one", "two"):
        service.get(listing(business_id="it's"), **{"X-Request-Id": name})
    service.get("/api/noop")
    entries = [json.loads(line) for line in log.read_text().splitlines()]
    assert [entry["request"] for entry in entries] == ["one", "two"]
    assert all(entry.keys() == {"request", "sql", "duration"} and entry["duration"] > 0 for entry in entries)
    assert "'it''s'" in entries[0]["sql"]


def test_a_hit_sends_nothing(lab, asked):
    lab.clear_cache(f"{lab.key_prefix}:cache")
    assert asked("cache", PATHS["all"])[0] != []
    assert asked("cache", PATHS["all"])[0] == []


@pytest.mark.parametrize(("variable", "seen"), [("1", True), ("0", False)])
def test_statements_are_shown_on_stderr_where_asked_for(lab, databases, variable, seen):
    from perfstudy.listing.tokens import issue
    from perfstudy.listing.variant import BASELINE

    program = (
        "import io; from perfstudy.listing.service.wsgi import application as a;"
        "from django.test import RequestFactory as F;"
        f"e = F()._base_environ(PATH_INFO='/api/programs', HTTP_AUTHORIZATION='Bearer {issue('t', lab.secret)}');"
        "print(b''.join(a(e, lambda *_: None)).decode())"
    )
    settings = lab.build_environment(databases[False].url, BASELINE) | {"PERFSTUDY_LOG_SQL": variable}
    done = subprocess.run(
        [sys.executable, "-c", program], env=processes.build_environment(**settings), capture_output=True, text=True
    )
    assert '"total_count":0' in done.stdout
    assert ("SELECT COUNT(*)" in done.stderr) == seen

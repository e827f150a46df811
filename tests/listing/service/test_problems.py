"""Errors of PostgreSQL: only a connection that cannot be had is 503; any other is 500, logged and counted."""

import json
import logging

import psycopg
import pytest

from perfstudy.listing.requests import LISTING
from perfstudy.listing.variant import BASELINE

from .counters import count_requests

VARIANTS = ("baseline", "page+json", "bypass", "page+json+bypass", "cache+invalidate+single_flight+bypass")

LOST = ("08000", "08006", "08P01", "53300", "57P01", "57P02", "57P03", "57P05")
FAILED = ("22003", "22P02", "40P01", "42703", "42P01", "53100", "53200", "55P03", "57014", "58030", "XX000", "P0001")

FAILING = """
    CREATE SEQUENCE asked;
    CREATE TABLE failing (state text);
    INSERT INTO failing VALUES ('P0001');
    CREATE FUNCTION fail() RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
        BEGIN
            PERFORM nextval('asked');
            RAISE EXCEPTION 'it fails' USING ERRCODE = (SELECT state FROM failing);
        END $$;
    ALTER TABLE ads_programregistry RENAME TO whole;
    INSERT INTO whole (username, program_id, yelp_business_id, status, program_name, created_at, updated_at)
        VALUES ('anybody', 'p', 'b', 'CURRENT', 'CPC', now(), now());
    CREATE VIEW ads_programregistry AS SELECT * FROM whole WHERE fail();
"""


@pytest.fixture(scope="module")
def failing(lab):
    """A database whose every look at a program fails with the SQLSTATE that the connection's table says."""
    with lab.database("tiny") as database, psycopg.connect(database.url, autocommit=True) as connection:
        database.reconcile(BASELINE)
        connection.execute(FAILING)
        yield database, connection


@pytest.fixture
def service(failing, inside, lab):
    """A function that returns a variant on top of that database."""
    database, _ = failing
    lab.clear_cache()
    return lambda variant: inside(variant, PERFSTUDY_SERVICE_DATABASE=database.url)


@pytest.fixture
def logged():
    """What the service logs of failures."""
    found = []

    class Keep(logging.Handler):
        def emit(self, record):
            found.append(record)

    handler = Keep(logging.ERROR)
    loggers = [logging.getLogger(name) for name in ("perfstudy.problems", "django.request")]
    for logger in loggers:
        logger.addHandler(handler)
    yield found
    for logger in loggers:
        logger.removeHandler(handler)


def asked(connection):
    return connection.execute("SELECT nextval('asked')").fetchone()[0]


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("state", LOST)
def test_a_connection_that_is_not_to_be_had_is_unavailable(service, failing, variant, state):
    failing[1].execute("UPDATE failing SET state = %s", [state])
    answer = service(variant).get(LISTING, "anybody")
    assert (answer.status, answer.headers["retry-after"]) == (503, "1")
    assert json.loads(answer.body)["server"] == "PostgreSQL"


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("state", FAILED)
def test_any_other_error_is_a_failure_that_is_logged_and_counted_once(service, failing, logged, variant, state):
    failing[1].execute("UPDATE failing SET state = %s", [state])
    found = service(variant)
    before, number = count_requests(found, status="500"), asked(failing[1])
    answer = found.get(LISTING, "anybody")
    said = json.loads(answer.body)
    assert (answer.status, said["status"], said["type"]) == (500, 500, "about:blank")
    assert answer.headers["content-type"] == "application/problem+json"
    assert "retry-after" not in answer.headers
    assert asked(failing[1]) == number + 2  # one by the request, one to look
    assert count_requests(found, status="500") == before + 1
    (record,) = [record for record in logged if record.exc_info]
    assert "it fails" in logging.Formatter().formatException(record.exc_info)


def test_every_variant_says_the_same(service, failing):
    failing[1].execute("UPDATE failing SET state = 'XX000'")
    answers = [service(variant).get(LISTING, "anybody") for variant in VARIANTS]
    kept = ("x-request-id", "server-timing")
    assert len({answer.body for answer in answers}) == 1
    assert len({str(sorted((k, v) for k, v in a.headers.items() if k not in kept)) for a in answers}) == 1


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_missing_column_is_a_failure(service, failing, variant):
    connection = failing[1]
    connection.execute("ALTER VIEW ads_programregistry RENAME TO failed")
    connection.execute("CREATE VIEW ads_programregistry AS SELECT * FROM whole")
    connection.execute("ALTER VIEW ads_programregistry RENAME COLUMN fee_period TO fee")
    try:
        answer = service(variant).get(LISTING, "anybody")
    finally:
        connection.execute("DROP VIEW ads_programregistry")
        connection.execute("ALTER VIEW failed RENAME TO ads_programregistry")
    assert (answer.status, json.loads(answer.body)["type"]) == (500, "about:blank")

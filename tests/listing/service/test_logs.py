"""The log: lines for people, JSON for programs, statements where they are asked for."""

import json

import pytest

from perfstudy.drivers.http import Client
from perfstudy.errors import UsageError
from perfstudy.lab import processes
from perfstudy.listing.requests import listing
from perfstudy.listing.variant import parse

from . import programs

TARGET = listing(limit=2)


@pytest.fixture
def logged(lab, databases, monkeypatch):
    """A function that serves a variant with these variables, asks it twice, and returns the lines of its log."""

    def log(name, wanted, **environment):
        for key, value in environment.items():
            monkeypatch.setenv(key, value)
        with lab.serve(parse(name), databases[False], key_prefix=f"logs:{name}:{environment}") as service:
            with Client(service.url, service.token(programs.TENANT)) as client:
                for number in range(2):
                    assert client.get(TARGET, **{"X-Request-Id": f"mine-{number}"}).status == 200
            processes.wait_until(lambda: wanted in service.log.read_text(), 60)
            return service.log.read_text().splitlines()

    return log


@pytest.mark.parametrize("variant", ["gunicorn+cache", "gunicorn+cache+granian"])
def test_a_request_is_a_line_of_json(logged, variant):
    lines = logged(variant, '"mine-1"', PERFSTUDY_LOG="json")
    found = [json.loads(line) for line in lines if line.startswith("{")]
    mine = [entry for entry in found if entry.get("request_id", "").startswith("mine-")]
    assert [entry["request_id"] for entry in mine] == ["mine-0", "mine-1"]
    assert [entry["cache"] for entry in mine] == ["MISS", "HIT"]
    for entry in mine:
        assert entry["logger"] == "perfstudy.request"
        assert entry["variant"] == variant
        assert (entry["method"], entry["path"], entry["status"]) == ("GET", "all", 200)
        assert entry["target"] == TARGET
        assert entry["bytes"] > 0
        assert set(entry["ms"]) == {"connect", "db", "serialize", "total"}
        assert entry["ms"]["total"] >= entry["ms"]["db"] >= 0
    assert mine[0]["ms"]["db"] > 0 == mine[1]["ms"]["db"]
    (hit,) = [entry for entry in found if entry["message"] == "HIT"]
    assert (hit["tenant"], hit["path"]) == (programs.TENANT, "all")


def test_without_it_no_request_is_logged(logged):
    assert not [line for line in logged("gunicorn", "", PERFSTUDY_LOG="") if "perfstudy.request" in line]


def test_statements_are_logged_where_they_are_asked_for(logged):
    lines = logged("gunicorn", "mine-1", PERFSTUDY_LOG_SQL="1")
    mine = [line for line in lines if "perfstudy.sql mine-0" in line]
    assert any("SELECT COUNT(*)" in line and programs.TENANT in line for line in mine)
    assert all(" ms " in line for line in mine)


def test_an_unknown_form_is_named():
    from perfstudy.listing.service import configuration

    with pytest.raises(UsageError, match="unknown PERFSTUDY_LOG 'jsno': did you mean json"):
        configuration.logging(statements=False, form="jsno")

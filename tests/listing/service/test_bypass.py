"""The listing in front of Django: whatever is asked, the answer differs by the clock alone."""

import logging

import pytest
from hypothesis import HealthCheck, given, settings

from perfstudy.listing.requests import listing

from . import programs
from .counters import count_requests
from .strategies import targets

UNCACHED = "page+json+keyset"
CACHED = "cache+invalidate+bytes+etag+page+json+keyset"
OWN = {"x-request-id", "server-timing", "etag", "date"}
"""Headers whose values are those of one request, or of one key prefix."""

TARGETS = {
    "page": listing(),
    "all": listing(all="true", program_status="ALL"),
    "business": listing(business_id=programs.BUSINESSES[5]),
    "next": listing(limit=3, program_status="ALL"),
    "unknown": listing(colour="red"),
    "twice": "/api/programs?limit=1&limit=2",
    "bad": listing(limit="0"),
    "broken": "/api/programs?business_id=%FF",
    "nowhere": "/api/programmes",
    "noop": "/api/noop",
}


def seen(exchange):
    """What a client sees of an answer."""
    headers = {name: value for name, value in exchange.headers.items() if name not in OWN}
    return exchange.status, headers, exchange.body, sorted(exchange.headers)


@pytest.mark.parametrize("variant", ["baseline", UNCACHED, CACHED])
@pytest.mark.parametrize("target", TARGETS.values(), ids=list(TARGETS))
def test_it_answers_as_django_does(lab, inside, variant, target):
    plain = inside(variant)
    fronted = inside("bypass" if variant == "baseline" else f"{variant}+bypass")
    for asked in (
        {},
        {"tenant": None},
        {"tenant": "nobody"},
        {"Authorization": "Bearer nonsense"},
        {"method": "HEAD"},
        {"method": "DELETE"},
        {"X-Request-Id": "mine"},
        {"Accept-Encoding": "gzip"},
        {"If-None-Match": "*"},
    ):
        lab.clear_cache()
        expected = [seen(plain.get(target, **asked)) for _ in range(2)]
        lab.clear_cache()
        assert [seen(fronted.get(target, **asked)) for _ in range(2)] == expected


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(target=targets)
def test_it_answers_any_question_alike(inside, target):
    assert seen(inside("bypass").get(target)) == seen(inside("baseline").get(target))


def test_an_unchanged_answer_has_no_body(lab, inside):
    lab.clear_cache()
    service = inside(f"{CACHED}+bypass")
    tag = service.get(listing()).headers["etag"]
    again = service.get(listing(), **{"If-None-Match": tag})
    assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
    assert not {"content-length", "content-type"} & set(again.headers)


def test_a_client_s_request_id_and_the_clock_are_in_the_answer(inside):
    found = inside("bypass").get(listing(), **{"X-Request-Id": "mine"})
    assert found.headers["x-request-id"] == "mine"
    assert {"connect", "db", "serialize", "total"} <= set(found.server_timing)
    assert found.server_timing["db"] > 0


def test_what_it_answers_is_counted(inside):
    service = inside("bypass")
    before = count_requests(service, path="all")
    for _ in range(5):
        service.get(listing())
    assert count_requests(service, path="all") == before + 5


def test_while_postgresql_is_away_it_says_so(inside, monkeypatch):
    from django.db import OperationalError

    service = inside("bypass")

    def away(query):
        raise OperationalError

    monkeypatch.setattr(service.application.application, "_view", away)
    found = service.get(listing())
    assert (found.status, found.headers["retry-after"], found.headers["content-type"]) == (
        503,
        "1",
        "application/problem+json",
    )


def test_a_fault_is_logged_where_it_happened_and_computed_once(inside, monkeypatch):
    service, asked, logged = inside("bypass"), [], []

    def broken(query):
        asked.append(query)
        raise ZeroDivisionError

    monkeypatch.setattr(service.application.application, "_view", broken)
    monkeypatch.setattr(logging.getLogger("perfstudy.problems"), "handle", logged.append)
    assert service.get(listing()).status == 500
    assert len(asked) == 1
    assert [record.exc_info[0] for record in logged] == [ZeroDivisionError]

"""Repeated hits: the same headers, bytes and counts as by the way that all other requests take."""

import json

import pytest
from hypothesis import HealthCheck, given, settings

from perfstudy.listing.requests import listing

from .counters import count_requests
from .strategies import targets
from .test_bypass import TARGETS, seen

PLAIN = "cache+invalidate+bytes+etag+page+json+keyset+near+bypass"
STRAIGHT = PLAIN + "+straight"
TIMES = 4
"""A miss, a hit from Redis, and two more: the last ones are remembered."""


def all_seen(lab, service, target, **asked):
    lab.clear_cache()
    return [seen(service.get(target, **asked)) for _ in range(TIMES)]


@pytest.mark.parametrize("target", TARGETS.values(), ids=list(TARGETS))
def test_it_answers_as_the_whole_service_does(lab, inside, target):
    for asked in (
        {},
        {"tenant": None},
        {"Authorization": "Bearer nonsense"},
        {"method": "HEAD"},
        {"method": "DELETE"},
        {"X-Request-Id": "mine"},
        {"Accept-Encoding": "gzip"},
        {"If-None-Match": "*"},
    ):
        assert all_seen(lab, inside(STRAIGHT), target, **asked) == all_seen(lab, inside(PLAIN), target, **asked)


@pytest.mark.parametrize("coding", ["gzip", "identity"])
def test_a_coding_is_not_mistaken_for_another(lab, inside, coding):
    plain, straight = (inside(name.replace("+etag", "+compressed")) for name in (PLAIN, STRAIGHT))
    straight.get(TARGETS["all"], **{"Accept-Encoding": "gzip"})
    expected = all_seen(lab, plain, TARGETS["all"], **{"Accept-Encoding": coding})
    assert all_seen(lab, straight, TARGETS["all"], **{"Accept-Encoding": coding}) == expected


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(target=targets)
def test_it_answers_any_question_alike(inside, target):
    assert [seen(inside(STRAIGHT).get(target))[0] for _ in range(3)] == [seen(inside(PLAIN).get(target))[0]] * 3
    assert seen(inside(STRAIGHT).get(target))[2] == seen(inside(PLAIN).get(target))[2]


def test_a_repeated_hit_is_remembered_and_counted(lab, inside):
    lab.clear_cache()
    service = inside(STRAIGHT)
    labels = {"path": "all", "cache": "HIT", "status": "200"}
    service.application._known.clear()
    before = count_requests(service, **labels)
    answers = [service.get(listing(), **{"X-Request-Id": f"r{number}"}) for number in range(6)]
    assert [answer.cache for answer in answers] == ["MISS"] + ["HIT"] * 5
    assert [answer.headers["x-request-id"] for answer in answers] == [f"r{number}" for number in range(6)]
    assert count_requests(service, **labels) == before + 5
    assert len(service.application._known) == 1
    assert {"connect", "db", "serialize", "total"} <= set(answers[-1].server_timing)


def test_after_a_write_nothing_remembered_is_sent(inside, tenant):
    service = inside(STRAIGHT)
    only = {"program_id": "a", "program_type": "CPC", "yelp_business_id": "b1", "status": "CURRENT"}
    assert service.get("/api/sync", tenant, method="POST", body=json.dumps(only).encode()).status == 200
    for number in range(3):
        assert [service.get(listing(), tenant).cache for _ in range(4)][1:] == ["HIT"] * 3
        changed = json.dumps({"custom_name": f"straight {number}"}).encode()
        assert service.get("/api/programs/a", tenant, method="PATCH", body=changed).status == 200
        after = service.get(listing(), tenant)
        assert (after.cache, json.loads(after.body)["programs"][0]["custom_name"]) == ("MISS", f"straight {number}")


def test_no_more_is_remembered_than_is_allowed(lab, inside, monkeypatch):
    monkeypatch.setattr("perfstudy.listing.service.straight_path.MOST", 3)
    service = inside(STRAIGHT)
    service.application._known.clear()
    for limit in range(1, 9):
        assert [service.get(listing(limit=limit)).status for _ in range(3)] == [200] * 3
        assert 1 <= len(service.application._known) <= 3


def test_without_redis_a_remembered_request_is_refused_as_every_other(lab, inside):
    redis = lab.start_own_redis()
    plain, straight = (inside(name, PERFSTUDY_SERVICE_REDIS=redis.url) for name in (PLAIN, STRAIGHT))
    assert [straight.get(listing()).cache for _ in range(TIMES)][-1] == "HIT"
    with redis.client() as client:
        client.shutdown(nosave=True)
    expected = seen(plain.get(listing()))
    assert expected[0] == 503
    assert seen(straight.get(listing())) == expected

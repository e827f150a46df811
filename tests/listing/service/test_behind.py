"""A miss that is answered before it is cached: it is cached all the same, before another request computes it."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from perfstudy.drivers.http import Client
from perfstudy.listing.requests import listing
from perfstudy.listing.service import request_context
from perfstudy.listing.variant import parse

from . import programs

BEHIND = "cache+invalidate+single_flight+behind"
PAGE = listing(limit=7)


@pytest.mark.parametrize("rest", ["", "+bypass", "+bytes+near+bypass"])
def test_the_next_request_is_a_hit(lab, inside, rest):
    lab.clear_cache()
    found = [inside(BEHIND + rest).get(PAGE) for _ in range(3)]
    assert [exchange.cache for exchange in found] == ["MISS", "HIT", "HIT"]
    assert json.loads(found[0].body)["programs"] == json.loads(found[2].body)["programs"]


@pytest.mark.parametrize("server", ["", "+gunicorn", "+gunicorn+threads", "+gunicorn+granian"])
def test_of_many_who_miss_at_once_one_computes(lab, databases, server):
    with lab.serve(parse(BEHIND + server), databases[False], key_prefix="behind") as service:
        token = service.token(programs.TENANT)

        def ask(_):
            with Client(service.url, token) as client:
                return client.get(PAGE).cache

        with ThreadPoolExecutor(32) as pool:
            assert sorted(pool.map(ask, range(32))) == ["HIT"] * 31 + ["MISS"]
    lab.clear_cache("behind")


def test_what_is_deferred_is_done_in_order_and_a_failure_stops_nothing():
    done = []
    request = request_context.begin()
    for name in "ab":
        request_context.defer(lambda name=name: done.append(name))
        request_context.defer(lambda: 1 / 0)
    assert not done
    request.run_deferred()
    assert done == ["a", "b"]


def test_outside_of_a_request_it_is_done_at_once():
    request_context.begin().run_deferred()
    done = []
    request_context.defer(lambda: done.append(1))
    assert done == [1]

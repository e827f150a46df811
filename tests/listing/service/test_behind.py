"""A miss that is answered before it is kept: the answer is kept all the same, and before anybody else computes."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from perfstudy.drivers.http import Client
from perfstudy.listing.requests import listing
from perfstudy.listing.service import after_response
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


def test_what_is_left_is_done_in_order_and_a_failure_stops_nothing():
    done = []
    left = after_response.begin()
    for name in "ab":
        after_response.defer(lambda name=name: done.append(name))
        after_response.defer(lambda: 1 / 0)
    assert not done
    after_response.run_deferred(left)
    assert done == ["a", "b"]


def test_outside_of_a_request_it_is_done_at_once():
    after_response.run_deferred([])
    done = []
    after_response.defer(lambda: done.append(1))
    assert done == [1]

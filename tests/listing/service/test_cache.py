"""The cache seam in the service: what is cached, under which key, and what a hit spares."""

import json
from itertools import product

import pytest
from hypothesis import example, given

from perfstudy.lab import processes
from perfstudy.lab.server import free_ports
from perfstudy.listing.contract import Query
from perfstudy.listing.optimizations.cache import TIMEOUT, key
from perfstudy.listing.requests import LISTING, listing
from perfstudy.listing.variant import BASELINE

from . import programs
from .outside import Outside
from .strategies import queries

REQUESTS = {
    "all": listing(limit=3),
    "business": listing(business_id=programs.BUSINESSES[0], program_status="ALL"),
    "type": listing(program_type="CPC", program_status="ALL"),
    "empty": listing(business_id="nobody's"),
}


def a(**parts):
    return Query(**{"tenant": "t"} | parts)


@given(queries, queries)
@example(a(tenant="t:CURRENT", business_id="x"), a(tenant="t", business_id="CURRENT:x"))
@example(a(business_id="all"), a(business_id=None))
@example(a(business_id="None"), a(business_id=None))
@example(a(business_id="b:CPC"), a(business_id="b", program_type="CPC"))
@example(a(offset=1, limit=11), a(offset=11, limit=1))
@example(a(offset=1, limit=20), a(offset=12, limit=0))
@example(a(tenant='t", "x": "'), a(tenant="t"))
def test_two_queries_share_a_key_only_where_they_are_equal(one, other):
    assert (key(one) == key(other)) == (one == other)


def test_each_part_of_a_query_tells():
    parts = {
        "tenant": ("t", "u"),
        "status": ("CURRENT", "ALL"),
        "business_id": (None, "b"),
        "program_type": (None, "BP"),
        "search": (None, "b"),
        "offset": (0, 1),
        "limit": (1, 20),
        "everything": (False, True),
    }
    every = [Query(**dict(zip(parts, chosen, strict=True))) for chosen in product(*parts.values())]
    assert len({key(query) for query in every}) == len(every) == 2**8


@pytest.fixture
def fresh(lab, inside):
    """The caching variant, its cache empty."""
    lab.clear_cache(f"{lab.key_prefix}:cache")
    return inside("cache")


@pytest.mark.parametrize("target", REQUESTS.values(), ids=list(REQUESTS))
def test_the_second_answer_is_a_hit_and_else_the_same(fresh, target):
    miss, hit = fresh.get(target), fresh.get(target)
    assert (miss.cache, hit.cache) == ("MISS", "HIT")
    assert json.loads(miss.body)["from_cache"] is False
    assert hit.body == miss.body.replace(b'"from_cache":false', b'"from_cache":true')


def test_the_log_says_so_too(lab, databases):
    variant = BASELINE + "cache"
    with lab.serve(variant, databases[False], key_prefix="log") as served:
        service = Outside(served.url, lab.secret)
        for _ in range(2):
            service.get(LISTING)
        # The lines are written once the answers are sent.
        assert processes.wait_until(lambda: len(logged(served.log)) == 2, 60)
    said = f"tenant={programs.TENANT!r} path='all'"
    assert logged(served.log) == [f"MISS {said}", f"HIT {said}"]


def logged(log):
    """What the lines of the cache say."""
    lines = log.read_text().splitlines()
    return [line.partition("perfstudy.cache ")[2] for line in lines if "perfstudy.cache" in line]


def test_without_the_cache_there_is_no_such_header(inside):
    assert [inside("baseline").get(LISTING).cache for _ in range(2)] == [None, None]


@pytest.mark.parametrize("refused", [listing(limit=0), "/nowhere", "/api/noop"])
def test_where_no_cache_was_asked_there_is_no_such_header(fresh, refused):
    assert fresh.get(refused).cache is None


@pytest.mark.parametrize("target", REQUESTS.values(), ids=list(REQUESTS))
def test_a_hit_does_not_touch_postgresql(fresh, inside, target):
    assert fresh.get(target).status == 200
    nowhere = {"PERFSTUDY_SERVICE_DATABASE": f"postgresql://u:p@127.0.0.1:{next(free_ports())}/n"}
    cut_off = inside("cache", **nowhere)
    hit = cut_off.get(target)
    assert (hit.status, hit.cache) == (200, "HIT")
    assert cut_off.connection.connection is None
    assert (hit.server_timing["connect"], hit.server_timing["db"]) == (0, 0)
    assert cut_off.get(listing(offset=1)).status == 503


def test_a_hit_belongs_to_its_tenant(fresh):
    own = fresh.get(LISTING)
    other = fresh.get(LISTING, programs.OTHER)
    assert other.cache == "MISS"
    assert json.loads(other.body)["total_count"] != json.loads(own.body)["total_count"]


def test_a_failure_is_not_kept(lab, inside):
    target = listing(offset=17)
    nowhere = {"PERFSTUDY_SERVICE_DATABASE": f"postgresql://u:p@127.0.0.1:{next(free_ports())}/n"}
    lab.clear_cache(f"{lab.key_prefix}:cache")
    assert inside("cache", **nowhere).get(target).status == 503
    assert inside("cache").get(target).cache == "MISS"


def test_keys_begin_with_the_labs_prefix_and_expire(lab, fresh):
    fresh.get(LISTING)
    with lab.redis.client() as client:
        (name,) = client.scan_iter(match=f"{lab.key_prefix}:cache:*")
        assert name.decode().startswith(f"{lab.key_prefix}:cache:yelp_ads:")
        assert 0 < client.ttl(name) <= TIMEOUT

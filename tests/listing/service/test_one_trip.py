"""A miss with one script: the commands that it sends, its answers, and its lock."""

import json

import pytest

from perfstudy.listing.requests import listing

from .test_bypass import TARGETS
from .test_straight import all_seen

PLAIN = "cache+invalidate+single_flight+bytes+etag+page+json+keyset+near+bypass+straight"
ONE_TRIP = PLAIN + "+one_trip"
PAGE = listing(limit=7)
CACHE = ["SET", "EVAL"]
"""What caches an answer and releases its lock."""


@pytest.fixture
def commands(lab):
    """A function that returns the commands that a service sent to a Redis of its own for a request."""
    redis = lab.start_own_redis()

    def ask(service, *asked, **more):
        with redis.client() as client, redis.client() as marker, client.monitor() as monitor:
            answer = service.get(*asked, **more)
            marker.echo("end")
            sent = []
            while (said := monitor.next_command())["command"] != "ECHO end":
                sent += [said["command"].split()[0].upper()] if said["client_type"] != "lua" else []
        assert answer.status == 200
        return answer.cache, [name for name in sent if name not in ("CLIENT", "ECHO", "HELLO", "SELECT")]

    ask.redis = redis
    return ask


def patch(service, tenant, name):
    changed = json.dumps({"custom_name": name}).encode()
    assert service.get("/api/programs/a", tenant, method="PATCH", body=changed).status == 200


@pytest.mark.parametrize(
    ("variant", "cold", "written"),
    [
        (PLAIN, ["MGET", "SET", "SET", "MGET"], ["GET", "MGET", "SET", "MGET"]),
        (ONE_TRIP, ["EVALSHA"], ["GET", "EVALSHA"]),
    ],
    ids=["plain", "one_trip"],
)
def test_the_round_trips_of_a_miss(inside, tenant, commands, variant, cold, written):
    service = inside(variant, PERFSTUDY_SERVICE_REDIS=commands.redis.url)
    only = {"program_id": "a", "program_type": "CPC", "yelp_business_id": "b1", "status": "CURRENT"}
    assert service.get("/api/sync", tenant, method="POST", body=json.dumps(only).encode()).status == 200
    service.get(PAGE, tenant)  # so that Redis knows the script
    with commands.redis.client() as client:
        client.flushdb()
    assert commands(service, PAGE, tenant) == ("MISS", cold + CACHE)
    assert [commands(service, PAGE, tenant) for _ in range(4)][-1] == ("HIT", ["GET"])
    patch(service, tenant, "one trip")
    assert commands(service, PAGE, tenant) == ("MISS", written + CACHE)


@pytest.mark.parametrize("target", TARGETS.values(), ids=list(TARGETS))
def test_it_answers_as_three_commands_do(lab, inside, target):
    for asked in ({}, {"tenant": None}, {"If-None-Match": "*"}, {"If-None-Match": '"another"'}):
        assert all_seen(lab, inside(ONE_TRIP), target, **asked) == all_seen(lab, inside(PLAIN), target, **asked)


def test_a_failed_computation_gives_its_lock_back(lab, inside, monkeypatch):
    lab.clear_cache()
    service = inside(ONE_TRIP)
    locked = f"{lab.key_prefix}:{service.variant.name}:*lock:*"
    with lab.redis.client() as redis, monkeypatch.context() as patched:
        patched.setattr("perfstudy.listing.selection.body", lambda *_: 1 / 0)
        assert service.get(PAGE).status == 500
        assert not list(redis.scan_iter(match=locked))
    assert service.get(PAGE).cache == "MISS"

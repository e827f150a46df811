"""The in-process cache: what a process caches counts only while Redis vouches for it, and is bounded."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfstudy.listing.contract import Answer, CachedAnswer
from perfstudy.listing.optimizations.near import InProcessCache, InProcessEntry
from perfstudy.listing.requests import listing

NEAR = "cache+invalidate+bytes+near"
WHOLE = listing(all="true", program_status="ALL")
PAGE = listing(limit=7)


@pytest.fixture
def near(lab, inside):
    """The variant in this process, its caches empty."""
    lab.clear_cache()
    return inside(NEAR)


def statistics(redis):
    """Bytes that Redis has sent, and keys that were found, since it was started."""
    with redis.client() as client:
        info = client.info()
    return info["total_net_output_bytes"], info["keyspace_hits"]


def test_a_hit_is_the_miss_but_for_where_it_came_from(near, inside):
    for target in (WHOLE, PAGE, listing(business_id="nobody's")):
        miss, *hits = (near.get(target) for _ in range(4))
        assert miss.cache == "MISS"
        assert miss.body == inside("baseline").get(target).body
        for hit in hits:
            assert (hit.cache, hit.body) == ("HIT", miss.body.replace(b'"from_cache":false}', b'"from_cache":true}'))


def test_an_answer_in_process_is_not_carried_again(lab, inside):
    redis = lab.start_own_redis()
    near = inside(NEAR, PERFSTUDY_SERVICE_REDIS=redis.url)
    size = len([near.get(WHOLE) for _ in range(3)][-1].body)
    sent, found = statistics(redis)
    for _ in range(20):
        assert near.get(WHOLE).cache == "HIT"
    now_sent, now_found = statistics(redis)
    # The versions alone, and what INFO itself takes.
    assert now_found == found + 20
    assert now_sent < sent + size


def test_once_the_version_is_gone_nothing_in_process_counts(near, lab):
    assert [near.get(PAGE).cache for _ in range(3)] == ["MISS", "HIT", "HIT"]
    lab.clear_cache()
    assert [near.get(PAGE).cache for _ in range(2)] == ["MISS", "HIT"]


def test_after_a_write_the_old_answer_is_not_sent(near, tenant):
    only = {"program_id": "a", "program_type": "CPC", "yelp_business_id": "b1", "status": "CURRENT"}
    assert near.get("/api/sync", tenant, method="POST", body=json.dumps(only).encode()).status == 200
    for number in range(3):
        assert [near.get(PAGE, tenant).cache for _ in range(3)][1:] == ["HIT", "HIT"]
        changed = json.dumps({"custom_name": f"near {number}"}).encode()
        assert near.get("/api/programs/a", tenant, method="PATCH", body=changed).status == 200
        after = near.get(PAGE, tenant)
        assert after.cache == "MISS"
        assert json.loads(after.body)["programs"][0]["custom_name"] == f"near {number}"


@pytest.mark.parametrize("rest", ["+compressed", "+keyset", "+compressed+keyset", "+etag+single_flight+breaker"])
def test_it_stands_in_front_of_any_other_policy(lab, inside, rest):
    lab.clear_cache()
    plain, fronted = inside(f"cache+invalidate+bytes{rest}"), inside(NEAR + rest)
    for target in (WHOLE, PAGE):
        expected = [plain.get(target) for _ in range(2)][-1]
        lab.clear_cache()
        found = [fronted.get(target) for _ in range(3)][-1]
        kept = ("content-type", "content-encoding", "x-cache", "link", "vary", "content-length")
        assert found.body == expected.body
        assert [found.headers.get(name) for name in kept] == [expected.headers.get(name) for name in kept]


def entry(size: int) -> InProcessEntry:
    return InProcessEntry(CachedAnswer(payload=Answer(body=b"x" * size)), size)


@given(sizes=st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 12)), max_size=40))
def test_no_more_is_cached_than_is_allowed_and_the_latest_are(sizes):
    store = InProcessCache(most=20)
    for name, size in sizes:
        store.put(name, entry(size))
        kept = {other: found.size for other in "abcdef" if (found := store.get(other))}
        assert sum(kept.values()) <= 20
        assert kept[name] == size


def test_the_least_recently_used_is_evicted_first():
    store = InProcessCache(most=20)
    for name in "ab":
        store.put(name, entry(10))
    assert store.get("a")
    store.put("c", entry(10))
    assert [bool(store.get(name)) for name in "abc"] == [True, False, True]


def test_what_is_too_large_is_not_cached():
    store = InProcessCache(most=20)
    store.put("a", entry(10))
    store.put("a", entry(21))
    assert store.get("a") is None

"""Tokens: what is cached of them, how long they may be, and whom they may vouch for."""

import gc
import json
import tracemalloc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perfstudy.listing.requests import LISTING
from perfstudy.listing.tokens import LONGEST, MOST, is_storable, issue

VARIANTS = ("baseline", "bypass", "page+json", "cache+invalidate+bytes")
TARGETS = (("GET", LISTING, None), ("POST", "/api/sync", b"{}"), ("PATCH", f"{LISTING}/a", b'{"budget": 1}'))

text = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
half = st.characters(min_codepoint=0xD800, max_codepoint=0xDFFF)
none = st.one_of(
    st.text(text, max_size=40).map(lambda name: name[:20] + "\0" + name[20:]),
    st.builds("{}{}{}".format, st.text(text, max_size=9), half, st.text(text, max_size=9)),
    st.text(text, min_size=MOST + 1, max_size=3 * MOST),
    st.integers(MOST + 1, 10**5).map(lambda length: "x" * length),
)


@settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))
@given(name=none, variant=st.sampled_from(VARIANTS), asked=st.sampled_from(TARGETS))
def test_a_tenant_that_the_database_cannot_hold_is_refused(inside, name, variant, asked):
    service, (method, target, body) = inside(variant), asked
    header = {"AUTHORIZATION": f"Bearer {issue(name, service.settings['SECRET_KEY'])}"}
    answer = service.get(target, None, method=method, body=body, **header)
    assert answer.status == json.loads(answer.body)["status"] == 401
    assert answer.headers["www-authenticate"].endswith('error="invalid_token"')


@settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))
@given(name=st.text(text, min_size=1, max_size=MOST) | st.sampled_from(["𝕏" * MOST, "\x01" * MOST, "é" * MOST]))
def test_any_other_tenant_is_let_in(inside, name):
    service = inside("baseline")
    assert is_storable(name)
    assert len(issue(name, service.settings["SECRET_KEY"])) <= LONGEST
    assert service.get(LISTING, name).status == 200


@pytest.mark.parametrize("variant", VARIANTS[:2])
@pytest.mark.parametrize("length", [60, 2_400, LONGEST + 1, 100_000], ids=str)
def test_a_refused_token_takes_no_memory(inside, variant, length):
    service = inside(variant)
    from perfstudy.listing.service import auth

    def refused(number):
        token = f"{number:08}" + "x" * (length - 8)
        return service.get(LISTING, None, AUTHORIZATION=f"Bearer {token}").status

    refused(0)
    kept = auth.verify_token.cache_info().currsize
    gc.collect()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    assert {refused(number) for number in range(1, 120)} == {401}
    gc.collect()  # a refused request is part of a cycle, which says nothing of what is cached
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert auth.verify_token.cache_info().currsize == kept
    assert after - before < 119 * max(length, 4_000) / 2


def test_a_token_that_is_too_long_is_not_even_looked_at(inside):
    from perfstudy.listing.service import auth

    service = inside("bypass")
    before = auth.verify_token.cache_info()
    answer = service.get(LISTING, None, AUTHORIZATION=f"Bearer {'x' * (LONGEST + 1)}")
    assert (answer.status, auth.verify_token.cache_info()) == (401, before)


def test_a_token_is_verified_once(inside):
    from perfstudy.listing.service import auth

    service = inside("bypass")
    service.get(LISTING, "verified once")
    before = auth.verify_token.cache_info()
    service.get(LISTING, "verified once")
    assert auth.verify_token.cache_info().misses == before.misses

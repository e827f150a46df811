"""Whatever is asked, forged or guessed: nothing of another tenant comes back."""

import json
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perfstudy.listing.requests import LISTING
from perfstudy.listing.tokens import issue

from . import programs, strategies

SECRET = "their-secret-name"
"""Stands in everything that the other tenant has, and nowhere else."""
MINE, THEIRS = "mine", "mine "
VARIANTS = ("baseline", "cache", "related+values+cache+invalidate+warm+breaker+etag", "best+etag")


def row(name, **more):
    return {"program_id": name, "program_type": "CPC", "yelp_business_id": "b1", "status": "CURRENT", **more}


@pytest.fixture(scope="module", params=VARIANTS)
def world(request, inside):
    """A service with two tenants' programs of the same names, and the tags that the other one was given."""
    service = inside(request.param)
    for tenant, name in ((MINE, "own"), (THEIRS, SECRET)):
        lines = "\n".join(json.dumps(row(f"p{n}", custom_name=name)) for n in range(8))
        answer = service.get("/api/sync?complete=true", tenant, method="POST", body=lines.encode())
        assert answer.status == 200
        sync = json.loads(answer.body)["sync"]
    tags = [service.get(target, THEIRS).headers.get("etag") for target in (LISTING, f"{LISTING}?all=true")]
    yield service, [tag for tag in tags if tag], sync
    for tenant in (MINE, THEIRS):
        service.get("/api/sync?complete=true", tenant, method="POST", body=b"")


smuggled = st.sampled_from(["tenant", "username", "user", "token", "X-Tenant", "key", "cache"])


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(
    chosen=strategies.parameters,
    more=st.dictionaries(smuggled, st.sampled_from([THEIRS, "", "*"]), max_size=1),
    names=st.dictionaries(smuggled.map(lambda name: f"X_{name}"), st.just(THEIRS), max_size=2),
    which=st.integers(0, 3),
)
def test_no_parameter_header_or_tag_shows_it(world, chosen, more, names, which):
    service, tags, _ = world
    target = f"{LISTING}?{urlencode(chosen | more)}"
    service.get(target, THEIRS)  # so that it is in the cache
    known = {"IF_NONE_MATCH": ", ".join([*tags, '"x"'])} if which else {}
    answer = service.get(target, MINE, **names, **known)
    assert answer.status == (400 if more else 200)
    assert SECRET.encode() not in answer.body
    assert answer.headers.get("etag") not in {*tags, "none"} - {None}


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_forged_token_gets_in(world, data):
    service, _, _ = world
    mine, theirs = (issue(tenant, service.settings["SECRET_KEY"]) for tenant in (MINE, THEIRS))
    payload, signature = theirs.split(":")
    place = data.draw(st.integers(0, len(mine) - 1))
    forged = data.draw(
        st.sampled_from(
            [
                f"{payload}:{mine.split(':')[1]}",
                payload,
                f"{payload}:",
                f"{payload}:{signature[:-1]}",
                f"{payload}:{signature.swapcase()}",
                issue(THEIRS, "another secret"),
                mine[:place] + chr(ord(mine[place]) ^ 1) + mine[place + 1 :],
            ]
        )
        | st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=40)
    )
    answer = service.get(LISTING, None, AUTHORIZATION=f"Bearer {forged}")
    assert answer.status == 401
    assert SECRET.encode() not in answer.body


@settings(deadline=None, max_examples=30, suppress_health_check=list(HealthCheck))
@given(name=st.sampled_from(["p0", "p7", "p0 ", "P0"]), field=st.sampled_from(["custom_name", "username", "tenant"]))
def test_no_write_reaches_it(world, name, field):
    service, _, sync = world
    everything = f"{LISTING}?all=true&program_status=ALL"
    before = json.loads(service.get(everything, THEIRS).body)["programs"]
    change = json.dumps({field: THEIRS}).encode()
    answers = [
        service.get(f"{LISTING}/{quote(name)}", MINE, method="PATCH", body=change),
        service.get("/api/sync", MINE, method="POST", body=json.dumps(row("p0", **{field: THEIRS})).encode()),
        service.get(f"/api/sync?sync={quote(sync)}&complete=true", MINE, method="POST", body=b""),
    ]
    assert answers[2].status == 400
    assert all(SECRET.encode() not in answer.body for answer in answers)
    assert json.loads(service.get(everything, THEIRS).body)["programs"] == before


@settings(deadline=None, max_examples=80, suppress_health_check=list(HealthCheck))
@given(tenant=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=9))
def test_no_other_name_is_taken_for_it(world, tenant):
    service, _, _ = world
    if tenant not in (MINE, THEIRS, programs.TENANT, programs.OTHER):
        answer = service.get(f"{LISTING}?all=true&program_status=ALL", tenant)
        assert (answer.status, json.loads(answer.body)["programs"]) == (200, [])

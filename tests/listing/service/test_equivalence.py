"""Every variant answers every request with the same bytes, ``from_cache`` aside.

A variant is: the rows, the settings and the view, which are in this process what they are in their own;
the schema, which is one of two databases; and the server, which is reached over HTTP.
"""

from itertools import product

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from perfstudy.listing.gate import identify_exactly
from perfstudy.listing.optimizations import ALL, BY_NAME
from perfstudy.listing.variant import BASELINE, Variant, beyond_source, variants

from . import programs, strategies

SERVERS = [o.name for o in ALL if o.server]
SERVED = [BASELINE, *(BASELINE + "+".join([*BY_NAME[name].requires, name]) for name in SERVERS)]

requests = st.tuples(
    st.sampled_from([programs.TENANT, programs.TENANT, programs.OTHER, programs.EMPTY]),
    strategies.targets | st.sampled_from(["/api/programs?limit=0", "/api/programs?all=maybe"]),
)

thorough = settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.too_slow])
# Over HTTP there is nothing to shrink that the tests in this process would not have found smaller.
brief = settings(thorough, max_examples=15, phases=[Phase.explicit, Phase.reuse, Phase.generate])


def identities(service, request, times):
    """What a variant answers, asked *times* in a row, so that a caching one answers from its cache too."""
    tenant, target = request
    answers = [service.get(target, tenant) for _ in range(times)]
    return {identify_exactly(answer.status, answer.body) for answer in answers}


def apart_from_the_server(variant: Variant) -> Variant:
    return Variant(tuple(o for o in variant if o.name not in SERVERS))


def test_nothing_but_the_server_differs_between_processes():
    """The tests below cover all 64: 32 in this process, and the server seam, which fills no other."""
    assert "gunicorn" in SERVERS
    assert all(BY_NAME[name].seams == ("server",) for name in SERVERS)
    assert len({variant.name for variant in variants()}) == 64
    assert len({apart_from_the_server(variant).name for variant in variants()}) == 32


@thorough
@given(request=requests)
def test_rows_settings_views_and_schema_make_no_difference(inside, request):
    want = identities(inside("baseline"), request, 1)
    for variant in {apart_from_the_server(variant) for variant in variants()}:
        assert identities(inside(variant.name), request, 1 + variant.caches) == want, variant.name


@thorough
@given(request=requests)
def test_what_goes_beyond_the_report_makes_no_difference(inside, request):
    want = identities(inside("baseline"), request, 1)
    for variant in {apart_from_the_server(variant) for variant in beyond_source()}:
        assert identities(inside(variant.name), request, 1 + variant.caches) == want, variant.name


@pytest.mark.parametrize(
    "variant",
    [
        BASELINE + rest + server
        for rest, server in product(("baseline", "index+related+values+connections+cache"), SERVED)
    ],
    ids=str,
)
@brief
@given(request=requests)
def test_the_server_makes_no_difference(inside, outside, variant, request):
    want = identities(inside("baseline"), request, 1)
    assert identities(outside(variant.name), request, 1 + variant.caches) == want

"""Rows and views: each optimization folds in, and nothing of it stays behind."""

import json

import pytest

from perfstudy.listing.contract import Answer, CacheLayer, CachePolicy, Query
from perfstudy.listing.gate import identify_exactly
from perfstudy.listing.optimization import Optimization
from perfstudy.listing.optimizations import ALL
from perfstudy.listing.requests import listing
from perfstudy.listing.variant import BASELINE, beyond_source, parse, smallest_variant, variants

from .inside import django

TARGET = listing(program_status="ALL", limit=12)


@pytest.fixture(scope="module", autouse=True)
def _django():
    django()


def test_folding_goes_in_order_and_skips_what_changes_nothing():
    from perfstudy.listing.service.ads.listing import fold

    assert fold("a", [lambda text: text + "b", None, lambda text: text * 2]) == "abab"
    assert fold("a", []) == fold("a", [None]) == "a"


@pytest.mark.parametrize("optimization", ALL, ids=lambda o: o.name)
def test_an_optimization_changes_the_seams_that_it_fills_alone(optimization):
    from perfstudy.listing.service.ads import listing

    smallest = smallest_variant(optimization)
    without = [other for other in smallest if other is not optimization]
    assert (listing.rows(smallest) != listing.rows(without)) == ("rows" in optimization.seams)
    assert listing.rows(BASELINE) is listing.BASELINE


def test_a_view_seam_wraps_the_view(monkeypatch):
    from perfstudy.listing.service.ads import listing

    asked = []

    def inner(query):
        asked.append(query)
        return Answer(document={"programs": []})

    def shouting(view, rows):
        return lambda query: Answer(document=view(query).document | {"loud": True})

    monkeypatch.setattr(listing, "listing", lambda rows: inner)
    monkeypatch.setattr(listing, "connected", lambda view: view)
    assert listing.view(BASELINE) is inner
    query = Query(tenant="fold")
    loud = Optimization(name="loud", title="Loud", summary="", view=shouting)
    assert listing.view([loud])(query).document == {"programs": [], "loud": True}
    assert asked == [query]


def test_the_layers_of_the_cache_stand_in_the_declared_order():
    from perfstudy.listing.service.ads.listing import fold

    variant = parse("best+ttl+etag+compressed")
    policy, found = fold(CachePolicy(), [o.cache for o in variant]), []
    while isinstance(policy, CacheLayer):
        found.append(type(policy))
        policy = policy.inner
    layers = {o.name: o.cache for o in variant if o.cache}
    assert found == [*reversed(layers.values())]
    for outer in variant:
        for inner in (outer.after | outer.requires) & layers.keys():
            assert outer.name not in layers or found.index(outer.cache) < found.index(layers[inner])


def test_a_step_that_a_layer_does_not_define_is_the_inner_one_s_own():
    class Tagged(CacheLayer):
        tagged = True

        def tag(self, query, cached):
            return "tag"

    class Plain(CacheLayer):
        pass

    tagged = Tagged(CachePolicy(), version=str.upper)
    outer = Plain(tagged)
    assert (outer.tagged, outer.tag, outer.get) == (True, tagged.tag, tagged.inner.get)
    assert (outer.version("a"), outer.varies) == ("A", False)


def test_related_and_values_fold_in_either_way_to_one_query():
    from perfstudy.listing.service.ads import listing

    assert listing.rows(parse("values+related")).joined
    assert not listing.rows(parse("values")).joined


@pytest.mark.parametrize("variant", [*variants(), *beyond_source()], ids=str)
def test_every_variant_answers_as_the_baseline_and_leaves_it_as_it_was(inside, variant):
    before = inside("baseline").get(TARGET)
    found = inside(variant.name).get(TARGET)
    after = inside("baseline").get(TARGET)
    assert len(json.loads(before.body)["programs"]) == 12
    assert identify_exactly(found.status, found.body) == identify_exactly(200, before.body)
    assert (found.cache is not None) == variant.caches
    assert (after.status, after.body, after.cache) == (200, before.body, None)


def test_variants_in_one_process_do_not_mix(inside):
    before = inside("baseline").get(TARGET)
    fullest = inside("all").get(TARGET)
    after = inside("baseline").get(TARGET)
    assert before.body == after.body
    assert (before.cache, after.cache) == (None, None)
    assert json.loads(fullest.body)["programs"] == json.loads(before.body)["programs"]

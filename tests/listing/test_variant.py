"""Variants: combined, named, parsed, and refused where they contradict themselves."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfstudy.errors import UsageError
from perfstudy.listing.optimization import Optimization
from perfstudy.listing.optimizations import ALL, BY_NAME, FURTHER, ORIGINAL
from perfstudy.listing.variant import (
    BASELINE,
    BEST,
    SOURCE_FINAL,
    Variant,
    beyond_source,
    parse,
    smallest_variant,
    variants,
)
from perfstudy.model.claim import DeclarationError

some = st.sets(st.sampled_from(ORIGINAL))


@given(some)
def test_a_name_parses_to_the_same_variant(chosen: set[Optimization]) -> None:
    variant = Variant(tuple(chosen))
    assert parse(variant.name) == variant
    assert [o.name for o in variant] == [o.name for o in ORIGINAL if o in chosen]


@pytest.mark.parametrize("variant", [*variants(), *beyond_source()], ids=str)
def test_a_short_name_parses_to_the_same_variant(variant: Variant) -> None:
    assert parse(variant.short) == variant
    assert len(variant.short) <= len(variant.name)


@given(some, some)
def test_adding_and_removing_are_those_of_sets(one: set[Optimization], other: set[Optimization]) -> None:
    left, right = Variant(tuple(one)), Variant(tuple(other))
    assert set(left + right) == one | other
    assert set(left - right) == one - other
    assert (left + right) - right + left == left + (left - right) - right + left


def test_order_of_writing_does_not_matter() -> None:
    assert {parse("+".join(order)).name for order in permutations(("cache", "index", "values"))} == {
        "index+values+cache"
    }


def test_there_is_a_variant_for_every_set() -> None:
    found = variants()
    assert len(found) == len({v.name for v in found}) == 2 ** len(ORIGINAL)
    assert found[0] == BASELINE


@pytest.mark.parametrize("text", ["baseline", " baseline "])
def test_the_baseline_is_the_empty_variant(text: str) -> None:
    assert parse(text) == BASELINE == Variant()


def test_all_is_every_optimization() -> None:
    assert parse("all").optimizations == ORIGINAL
    assert parse("all+invalidate").optimizations == (*ORIGINAL, BY_NAME["invalidate"])
    with pytest.raises(UsageError, match="names an optimization twice"):
        parse("all+index")


def test_best_is_a_variant_that_more_can_stand_on() -> None:
    assert parse("best") == BEST
    assert parse(BEST.name) == BEST
    assert "etag" in parse("best+etag")
    assert "json" not in parse("best") - "json"
    assert set(BEST) < set(parse("fastest"))
    assert parse(parse("fastest").name).short == "fastest"


def test_an_unknown_optimization_is_named_with_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"unknown optimization 'indx': did you mean index"):
        parse("indx+cache")


def test_an_optimization_named_twice_is_refused() -> None:
    with pytest.raises(UsageError, match="'index\\+index' names an optimization twice"):
        parse("index+index")


def test_an_undeclared_optimization_is_refused() -> None:
    stray = Optimization(name="stray", title="Stray", summary="", server=("x",))
    with pytest.raises(DeclarationError, match="'stray' holds an optimization that is not in ALL"):
        Variant((stray,))


def test_a_conflict_names_both_parties(monkeypatch: pytest.MonkeyPatch) -> None:
    one = Optimization(name="one", title="One", summary="", server=("x",), conflicts=frozenset({"two"}))
    two = Optimization(name="two", title="Two", summary="", server=("y",))
    monkeypatch.setattr("perfstudy.listing.variant.ALL", (one, two))
    with pytest.raises(DeclarationError, match="'one' and 'two' cannot be combined"):
        Variant((two, one))
    assert [v.name for v in variants((one, two))] == ["baseline", "one", "two"]


def test_what_an_optimization_requires_is_named_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    one = Optimization(name="one", title="One", summary="", server=("x",))
    two = Optimization(name="two", title="Two", summary="", server=("y",), requires=frozenset({"one"}))
    monkeypatch.setattr("perfstudy.listing.variant.ALL", (one, two))
    with pytest.raises(DeclarationError, match="'two' works only together with 'one': add it"):
        Variant((two,))
    assert [v.name for v in variants((one, two))] == ["baseline", "one", "one+two"]


@pytest.mark.parametrize("optimization", ALL, ids=lambda o: o.name)
def test_the_least_variant_holds_what_is_required_and_no_more(optimization: Optimization) -> None:
    smallest = smallest_variant(optimization)
    assert optimization in smallest
    assert {o.name for o in smallest} - {optimization.name} >= optimization.requires
    for other in set(smallest) - {optimization}:
        with pytest.raises(DeclarationError, match="works only together with"):
            smallest - other


@pytest.mark.parametrize("optimization", FURTHER, ids=lambda o: o.name)
def test_what_goes_beyond_the_report_is_studied_alone_and_on_top_of_it(optimization: Optimization) -> None:
    holding = [v for v in beyond_source() if optimization in v]
    assert smallest_variant(optimization) in holding
    assert any(o.name in optimization.conflicts or o in v for v in holding for o in SOURCE_FINAL)


def test_what_is_added_may_require_what_is_there() -> None:
    assert (parse("cache+invalidate") + "direct").name == "cache+invalidate+direct"
    with pytest.raises(UsageError, match="works only together with 'cache'"):
        parse("direct")

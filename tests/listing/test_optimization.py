"""Declarations: what contradicts itself, or another one, fails when it is declared."""

import re

import pytest

from perfstudy.listing.optimization import Optimization
from perfstudy.listing.optimizations import ALL, FURTHER, check_registry
from perfstudy.model.claim import Claim, DeclarationError


def optimization(name: str = "some", **fields: object) -> Optimization:
    return Optimization(**{"name": name, "title": name.title(), "summary": "", "server": ("x",)} | fields)  # type: ignore[arg-type]


def claim(id: str = "some-claim", **fields: object) -> Claim:
    given = {"id": id, "quote": "", "source": "", "variant": "index", "reference": "baseline", "low": 2}
    return Claim(**given | fields)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["", "Index", "1st", "a-b", "a+b", "baseline"])
def test_a_name_that_cannot_be_part_of_a_variant_is_refused(name: str) -> None:
    with pytest.raises(DeclarationError, match=re.escape(repr(name))):
        optimization(name)


def test_an_optimization_that_fills_no_seam_is_refused() -> None:
    with pytest.raises(DeclarationError, match="'some' fills no seam"):
        optimization(server=None)


def test_an_optimization_in_conflict_with_itself_is_refused() -> None:
    with pytest.raises(DeclarationError, match="'some' names itself in conflicts"):
        optimization(conflicts=frozenset({"some"}))


@pytest.mark.parametrize(("low", "high"), [(0.5, 2), (3, 2)])
def test_a_range_that_descends_or_starts_below_one_is_refused(low: float, high: float) -> None:
    with pytest.raises(DeclarationError, match="'some-claim'"):
        claim(low=low, high=high)


@pytest.mark.parametrize(
    ("low", "high", "words"), [(3, 5, "3 to 5 times"), (5, None, "at least 5 times"), (1, None, "faster")]
)
def test_a_range_in_words(low: float, high: float | None, words: str) -> None:
    assert claim(low=low, high=high).range == words


def test_two_of_one_name_are_refused_with_both_titles() -> None:
    with pytest.raises(DeclarationError, match="name 'some' is declared twice, by First and Second"):
        check_registry((optimization(title="First"), optimization(title="Second")))


def test_two_of_one_migration_are_refused() -> None:
    with pytest.raises(DeclarationError, match="migration '0015_x' is declared twice, by One and Two"):
        check_registry((optimization("one", schema="0015_x"), optimization("two", schema="0015_x")))


def test_two_claims_of_one_id_are_refused() -> None:
    with pytest.raises(DeclarationError, match="claim 'some-claim' is declared twice, by One and Two"):
        check_registry((optimization("one", claims=(claim(),)), optimization("two", claims=(claim(),))))


def test_a_conflict_with_nothing_is_refused() -> None:
    with pytest.raises(DeclarationError, match="'one' names 'ghost', which is not declared"):
        check_registry((optimization("one", conflicts=frozenset({"ghost"})),))


@pytest.mark.parametrize("how", ["requires", "after"])
def test_one_that_stands_before_what_it_is_folded_in_after_is_refused(how: str) -> None:
    outer, inner = optimization("outer", **{how: frozenset({"inner"})}), optimization("inner")
    assert list(check_registry((inner, outer))) == ["inner", "outer"]
    with pytest.raises(DeclarationError, match="'outer' is folded in after 'inner'"):
        check_registry((outer, inner))


@pytest.mark.parametrize("declared", ALL, ids=lambda o: o.name)
def test_each_optimization_says_what_it_is_and_how_to_undo_it_by_hand(declared: Optimization) -> None:
    assert declared.seams
    assert declared.title
    assert declared.summary
    assert declared.manual_rollback
    assert declared.claims or declared in FURTHER, "what is not about response time has its figures elsewhere"

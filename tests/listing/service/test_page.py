"""The page in one statement: what is asked, and what is not."""

import pytest

from perfstudy.listing.requests import listing

from . import programs

PATHS = {
    "all": listing(program_status="ALL", limit=9),
    "business": listing(program_status="ALL", limit=9, business_id=programs.BUSINESSES[0]),
    "type": listing(program_status="ALL", limit=9, program_type="CPC"),
}


@pytest.mark.parametrize("variant", ["related+page", "related+values+page"])
@pytest.mark.parametrize("path", PATHS)
def test_every_path_counts_and_fetches_and_no_more(asked, variant, path):
    (count, page), document = asked(variant, PATHS[path])
    assert count.startswith("SELECT COUNT(*)")
    assert page.count("LEFT OUTER JOIN") == 1
    assert "LIMIT 9" in page
    assert " IN (" not in page
    assert len(document["programs"]) == 9


@pytest.mark.parametrize(("offset", "within"), [(9, False), (10, True)])
@pytest.mark.parametrize("variant", ["related+page", "related+values+page", "json"])
def test_deep_down_what_comes_before_the_page_is_passed_over_by_its_ids(asked, variant, offset, within):
    target = listing(program_status="ALL", limit=9, offset=offset)
    sent, document = asked(variant, target)
    assert document == asked("baseline", target)[1]
    ids = ('SELECT U0."id"', "SELECT p.id")
    assert any(text in sent[-1] for text in ids) == within


def test_all_programs_are_not_counted_beforehand(asked):
    (sent,), document = asked("related+values+page", listing(all="true", program_status="ALL"))
    assert "LIMIT" not in sent
    assert document["total_count"] == len(document["programs"]) == 180


def test_without_the_join_it_still_asks_for_each_business(asked):
    sent, document = asked("page", PATHS["all"])
    known = [p for p in document["programs"] if p["business_id"] in programs.NAMED]
    assert len(sent) == 2 + len(known)


@pytest.mark.parametrize("target", [listing(offset=2**31 - 1), listing(business_id="nobody's")])
def test_a_page_without_programs_keeps_its_total(asked, target):
    _, document = asked("related+values+page", target)
    assert document["programs"] == []
    assert document["total_count"] == asked("baseline", target)[1]["total_count"]

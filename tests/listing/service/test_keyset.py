"""Cursors: the same pages as by offset, stable under writes, and nobody else's."""

import json
import re
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from perfstudy.listing.contract import ANY_STATUS
from perfstudy.listing.gate import identify_exactly
from perfstudy.listing.requests import LISTING, listing
from perfstudy.listing.service.ads import cursors

from . import programs

VARIANTS = (
    "keyset",
    "related+values+page+keyset",
    "json+keyset",
    "json+keyset+presorted",
    "cache+keyset",
    "cache+invalidate+keyset",
    "cache+invalidate+bytes+json+keyset",
    "cache+invalidate+bytes+compressed+page+keyset",
)

QUESTIONS = ({"program_status": ANY_STATUS}, {"business_id": 'it\'s 100% \\ "quoted"', "program_status": ANY_STATUS},
             {"program_type": "CPC", "program_status": ANY_STATUS})  # fmt: skip


def following(answer):
    """The target of the next page, None where there is none."""
    link = answer.headers.get("link")
    if link is None:
        return None
    return re.fullmatch(r'<(/api/programs\?[^>]*)>; rel="next"', link)[1]


def walk(service, target):
    """The documents of all pages from *target* on, each asked for twice where a cache may answer."""
    while target:
        first = service.get(target)
        again = service.get(target) if service.variant.caches else first
        assert (first.status, following(first)) == (again.status, following(again)) == (200, following(again))
        yield json.loads(again.body)
        target = following(again)


@pytest.mark.parametrize("question", QUESTIONS, ids=str)
@pytest.mark.parametrize("variant", VARIANTS)
def test_a_walk_by_cursors_shows_what_offsets_show(inside, variant, question):
    limit = 40
    pages = list(walk(inside(variant), listing(limit=limit, **question)))
    whole = json.loads(inside("baseline").get(listing(all="true", **question)).body)
    assert [program for page in pages for program in page["programs"]] == whole["programs"]
    assert {page["total_count"] for page in pages} == {whole["total_count"]}
    assert [page["offset"] for page in pages] == [0] + [None] * (len(pages) - 1)
    assert {page["limit"] for page in pages} == {limit}


@pytest.mark.parametrize("variant", ["page+keyset", "json+keyset"])
def test_every_place_of_the_order_can_be_gone_on_from(inside, variant):
    """Programs without a start and on the same day among them."""
    pages = list(walk(inside(variant), listing(limit=1, program_status="PAUSED")))
    whole = json.loads(inside("baseline").get(listing(all="true", program_status="PAUSED")).body)
    assert [page["programs"][0] for page in pages if page["programs"]] == whole["programs"]
    assert None in {program["start_date"] for program in whole["programs"]}


@pytest.mark.parametrize("variant", VARIANTS)
def test_offsets_answer_the_same_bytes_as_ever(inside, variant):
    for target in (listing(), listing(offset=7, limit=5), listing(all="true"), listing(offset=10**6)):
        want = inside("baseline").get(target)
        for _ in range(2):
            found = inside(variant).get(target)
            assert identify_exactly(found.status, found.body) == identify_exactly(want.status, want.body)


def test_a_page_that_is_not_full_leads_nowhere(inside):
    service = inside("keyset")
    for target in (listing(limit=1000), listing(all="true"), listing(offset=10**6), listing(business_id="nobody's")):
        assert following(service.get(target)) is None


def test_without_it_there_are_no_cursors(inside):
    assert following(inside("baseline").get(LISTING)) is None
    refused = inside("baseline").get(listing(after=cursor(inside)))
    assert refused.status == 400
    assert json.loads(refused.body)["parameter"] == "after"


def cursor(inside, tenant=programs.TENANT):
    return parse_qs(urlsplit(following(inside("keyset").get(listing(limit=5), tenant))).query)["after"][0]


def test_another_tenant_cannot_use_it(inside):
    mine = cursor(inside)
    assert inside("keyset").get(listing(after=mine)).status == 200
    assert inside("keyset").get(listing(after=mine), programs.OTHER).status == 400


def test_no_character_of_it_can_be_changed(inside):
    mine = cursor(inside)
    for place in range(len(mine)):
        forged = mine[:place] + ("A" if mine[place] != "A" else "B") + mine[place + 1 :]
        assert inside("keyset").get(listing(after=forged)).status == 400, forged


@pytest.mark.parametrize("forged", ["", "A", "AAAA", "A" * 24, "%", "é", "A" * 2000, "=", "\n", "null", "{}"])
def test_what_was_never_issued_is_refused_by_name(inside, forged):
    refused = inside("keyset").get(listing(after=forged))
    assert refused.status == 400
    problem = json.loads(refused.body)
    assert (problem["parameter"], problem["value"]) == ("after", forged)


@pytest.mark.parametrize("beside", [{"offset": 0}, {"offset": 5}, {"all": "true"}])
def test_it_stands_in_place_of_an_offset(inside, beside):
    refused = inside("keyset").get(listing(after=cursor(inside), **beside))
    assert (refused.status, json.loads(refused.body)["parameter"]) == (400, "after")


def test_it_goes_with_any_length_and_any_filter(inside):
    mine = cursor(inside)
    for question in ({"limit": 3}, {"program_type": "BP"}, {"program_status": "PAST", "limit": 2}):
        assert inside("keyset").get(listing(after=mine, **question)).status == 200


@pytest.mark.parametrize("variant", ["json+keyset"])
def test_inserts_and_deletes_neither_repeat_nor_hide_a_program(inside, lab, variant):
    from random import Random

    from perfstudy.listing.variant import BASELINE

    with lab.database("tiny") as database, psycopg.connect(database.url, autocommit=True) as connection:
        database.reconcile(BASELINE)
        programs.replace(database.url)
        service = inside(variant, PERFSTUDY_SERVICE_DATABASE=database.url)
        seen, target, number = [], listing(limit=40, program_status=ANY_STATUS), 1000
        whole = json.loads(service.get(listing(all="true", program_status=ANY_STATUS)).body)["programs"]
        while target:
            answer = service.get(target)
            seen += [program["program_id"] for program in json.loads(answer.body)["programs"]]
            target, number = following(answer), number + 1
            # A newer program, and the end of one that was shown: an offset would now show one twice, or skip one.
            row = programs.program(Random(number), number, programs.TENANT) | {"start_date": None, "program_id": "!"}
            connection.execute("DELETE FROM ads_programregistry WHERE program_id = '!' OR program_id = %s", seen[-1:])
            programs.put(connection, row)
        service.connection.close()
    assert [program for program in seen if program != "!"] == [program["program_id"] for program in whole]


@pytest.mark.parametrize("place", [(None, "x"), ("2024-01-01", 'a"\\é🎯'), ("0001-01-01", "p" * 64)])
def test_there_and_back(place):
    assert cursors.read_cursor(cursors.issue_cursor("tenant", place), "tenant") == place

"""JSON from PostgreSQL: one statement, and the bytes that Python would have written."""

import json
from datetime import date
from decimal import Decimal
from random import Random

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perfstudy.listing.gate import identify_exactly
from perfstudy.listing.requests import listing
from perfstudy.listing.service.ads.fields import SYNCED
from perfstudy.listing.service.problems import Problem
from perfstudy.listing.variant import parse

from . import programs

VARIANTS = (
    *("json", "related+values+connections+json", "connections+page+json+prepared"),
    *("json+presorted", "connections+page+json+prepared+count+presorted"),
    *("json+lines", "connections+page+json+prepared+lines"),
)

NASTY = (
    *('"', "\\", '\\"', '", "', '": ', "], [", "}, {", "null", "\\u0000", "\\n", "\n\r\t\b\f", "\x1f\x7f\x80"),
    *("/</script>", "\u2028\u2029", "é\u0301", "🎯", "\ufeff", "\ufffe", "%s %(a)s %%", "{0}", "$1", "':: text"),
    *(" ", "  , :  "),
)

WHOLE = listing(all="true", program_status="ALL")

ARRAYS = {field.name: field for field in SYNCED if field.schema.get("type") == "array"}


@pytest.fixture(scope="module")
def nasty(lab):
    """A database of one tenant, whose programs a test puts there."""
    with lab.database("tiny") as database, psycopg.connect(database.url, autocommit=True) as connection:
        database.reconcile(parse("json+count+lines"))
        connection.execute("TRUNCATE ads_business, ads_programregistry")
        yield database, connection


@pytest.fixture(scope="module")
def same(nasty, inside):
    """A function that puts programs in place of those before, and says whether all variants answer alike."""
    database, connection = nasty

    def check(rows):
        connection.execute("TRUNCATE ads_programregistry")
        for number, row in enumerate(rows):
            programs.put(connection, programs.program(Random(number), number, programs.TENANT) | row)
        answers = {
            name: inside(name, PERFSTUDY_SERVICE_DATABASE=database.url).get(WHOLE) for name in ("baseline", *VARIANTS)
        }
        assert {answer.status for answer in answers.values()} == {200}
        assert {answer.body for answer in answers.values()} == {answers["baseline"].body}
        return json.loads(answers["baseline"].body)

    return check


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("target", [WHOLE, listing(limit=9), listing(limit=9, business_id="b1"), listing(offset=10**9)])
def test_one_statement_answers(asked, variant, target):
    (sent,), document = asked(variant, target)
    assert sent.split()[0] == "SELECT"
    assert document == asked("baseline", target)[1]


def test_texts(same):
    rows = [
        {"custom_name": text, "program_id": f"{text}{number}", "yelp_business_id": text, "fee_period": text[:32]}
        | {"program_status": text[:16], "program_pause_status": text[:16], "currency": text[:3]}
        for number, text in enumerate(NASTY)
    ]
    found = same(rows)["programs"]
    assert {program["custom_name"] for program in found} == set(NASTY)


def test_texts_within_lists_with_and_without_null(same):
    lists = [[text, {text: [text]}] for text in NASTY]
    rows = [{"businesses": value, "active_features": [*value, None], "available_features": [{"a": None}]}
            for value in lists]  # fmt: skip
    found = same(rows)["programs"]
    assert sorted(map(str, (program["businesses"] for program in found))) == sorted(map(str, lists))
    assert all(program["active_features"][-1] is None for program in found)
    assert all(program["available_features"] == [{"a": None}] for program in found)


def test_amounts_dates_and_what_is_not_there(same):
    amounts = (None, Decimal("0.00"), Decimal("0.29"), Decimal("9999999999.99"), Decimal("-9999999999.99"))
    rows = [{"budget": amount, "max_bid": amount, "ad_cost": amount} for amount in amounts]
    rows += [{"start_date": day, "end_date": day} for day in (None, date.min, date(999, 12, 31), date.max)]
    empty = dict.fromkeys(("program_status", "currency", "custom_name", "fee_period", "program_pause_status"), "")
    rows += [empty | {"budget": 0}, dict.fromkeys(empty) | {"budget": 0, "is_autobid": None}]
    rows += [dict.fromkeys(ARRAYS), {name: [] for name in ARRAYS}]
    assert len(same(rows)["programs"]) == len(rows)


def test_no_programs_at_all(same):
    assert same([])["total_count"] == 0


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5)
    | st.sampled_from(NASTY),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NASTY), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(arrays=st.lists(st.lists(json_values, max_size=4), min_size=1, max_size=12))
def test_whatever_a_sync_accepts_in_an_array_comes_out_alike(same, arrays):
    accepted = []
    for value in arrays:
        try:
            accepted.append(ARRAYS["businesses"].value(value))
        except Problem:
            continue
    same([{"businesses": value} for value in accepted])


NUMBERS = (1.50, -0.0, 0.1, 1e-4, 12345.678, 1e15, 1e16, 1.5e300, 10**300, 2**63, -(10**40), 1e-5, -9.9e-5, 5e-324)


@pytest.mark.parametrize("number", NUMBERS)
def test_numbers_are_accepted_and_written_alike(same, number):
    same([{"businesses": ARRAYS["businesses"].value([number, [number], {"n": number}])}])


@pytest.mark.parametrize("number", [2 * 10**308, -(10**400)])
@pytest.mark.parametrize("within", [lambda n: [n], lambda n: [[n]], lambda n: [{"n": n}]])
def test_a_number_that_most_clients_take_for_infinite_is_refused(number, within):
    with pytest.raises(Problem) as refused:
        ARRAYS["businesses"].value(within(number))
    assert "without numbers beyond 1.79" in str(refused.value.members)


@pytest.mark.parametrize("cached", ["cache+json", "cache+invalidate+json", "cache+invalidate+bytes+json"])
def test_a_cache_keeps_what_postgresql_wrote(inside, lab, cached):
    lab.clear_cache()
    miss, hit = (inside(cached).get(listing(limit=9)) for _ in range(2))
    assert (miss.cache, hit.cache) == ("MISS", "HIT")
    want = inside("baseline").get(listing(limit=9))
    assert {identify_exactly(a.status, a.body) for a in (miss, hit)} == {identify_exactly(want.status, want.body)}
    assert hit.body.endswith(b'"from_cache":true}')

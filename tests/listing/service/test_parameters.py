"""Bad parameters: 400, and a body that names the parameter, its value and what is allowed."""

import json
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfstudy.listing.requests import LISTING
from perfstudy.listing.service.ads.parameters import PARAMETERS

BY_NAME = {parameter.name: parameter for parameter in PARAMETERS}

BAD = {
    "offset": ["", "-1", "2147483648", "1.0", "1e3", " 1", "+1", "1_0", "٣", "x", "0x1", "9" * 5000, "\0", "null"],
    "limit": ["", "0", "1001", "-20", "20.0", "twenty", "１", "9" * 5000, "1,2"],
    "all": ["", "yes", "2", "on", "ttrue", "t", "\0", "truе"],
    "program_status": ["", "current", "LOST", "CURRENT ", "CURRENT,PAST", "\0", "ALL\n"],
    "business_id": ["", "x" * 65, "b1\0", "\0"],
    "search": ["", "x" * 65, "b1\0"],
    "program_type": ["", "cpc", "XYZ", "BP,CPC", "\U0001f3af"],
}

CASES = [(name, value) for name, values in BAD.items() for value in values]


def test_every_parameter_has_bad_values():
    assert set(BAD) == set(BY_NAME) == {p.name for p in PARAMETERS}


@pytest.mark.parametrize(("name", "value"), CASES, ids=lambda text: ascii(text)[:24])
def test_a_bad_value_is_refused(inside, name, value):
    answer = inside("baseline").get(f"{LISTING}?{urlencode({name: value})}")
    body = json.loads(answer.body)
    assert answer.status == body["status"] == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert (body["parameter"], body["value"]) == (name, value)
    assert body["allowed"] == BY_NAME[name].kind.allowed
    assert body["allowed"] in body["detail"]
    assert body["title"] == "Bad Request"


@pytest.mark.parametrize("name", BY_NAME)
def test_a_parameter_stands_once(inside, name):
    values = {"offset": "1", "limit": "1", "all": "true", "program_status": "PAST", "business_id": "b1"}
    value = values.get(name, "CPC")
    answer = inside("baseline").get(f"{LISTING}?{name}={value}&{name}={value}")
    body = json.loads(answer.body)
    assert answer.status == 400
    assert body["parameter"] == name
    assert "once" in body["allowed"]


@pytest.mark.parametrize("name", ["limits", "Limit", "", "tenant", "limit\0", "é"])
def test_an_unknown_parameter_is_named(inside, name):
    answer = inside("baseline").get(f"{LISTING}?{urlencode({name: '5'})}")
    body = json.loads(answer.body)
    assert answer.status == 400
    assert (body["parameter"], body["value"]) == (name, "5")
    assert "limit" in body["allowed"]


def test_the_nearest_parameter_is_suggested(inside):
    assert "did you mean limit" in json.loads(inside("baseline").get(f"{LISTING}?limits=5").body)["detail"]


@pytest.mark.parametrize("raw", ["%ff", "business_id=%ED%A0%80", "business_id=%C3", "%80=1", "business_id=\xff"])
def test_bytes_that_are_no_text_are_refused(inside, raw):
    answer = inside("baseline").get(f"{LISTING}?{raw}")
    body = json.loads(answer.body)
    assert answer.status == 400
    assert body["value"] == raw
    assert "UTF-8" in body["allowed"]


@pytest.mark.parametrize("ignored", ["offset=-1", "limit=0"])
def test_offset_and_limit_are_looked_at_even_where_all_are_asked_for(inside, ignored):
    assert inside("baseline").get(f"{LISTING}?all=true&{ignored}").status == 400


@pytest.mark.parametrize("value", ["true", "TRUE", "1", "True"])
def test_spellings_of_true(inside, value):
    assert json.loads(inside("baseline").get(f"{LISTING}?all={value}").body)["limit"] is None


def test_an_unknown_business_is_an_empty_page(inside):
    document = json.loads(inside("baseline").get(f"{LISTING}?business_id={quote('žádný')}").body)
    assert (document["programs"], document["total_count"]) == ([], 0)


names = st.sampled_from([*BY_NAME, "x", ""])
texts = st.text(max_size=12) | st.integers().map(str) | st.sampled_from(["true", "ALL", "CPC", "CURRENT"])


@settings(deadline=None, max_examples=80)
@given(pairs=st.lists(st.tuples(names, texts), max_size=4), raw=st.none() | st.text("%=&;+ab0\xffé", max_size=10))
def test_no_query_fails_the_service(inside, pairs, raw):
    encoded = urlencode([(name, value.encode("utf-8", "replace")) for name, value in pairs])
    answer = inside("baseline").get(
        f"{LISTING}?{encoded if raw is None else quote(raw, safe='%=&;+', encoding='latin-1')}"
    )
    assert answer.status in (200, 400), answer.body

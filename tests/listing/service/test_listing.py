"""What the listing answers, against an oracle that never saw a database."""

import json
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfstudy.listing.contract import ANY_STATUS, PROGRAM_TYPES, STATUSES, Query
from perfstudy.listing.requests import LISTING, listing
from perfstudy.listing.service.ads.serializers import cents

from . import oracle, programs, strategies

ORDER = [
    "program_id",
    "program_type",
    "program_status",
    "program_pause_status",
    "yelp_business_id",
    "business_id",
    "business_name",
    "start_date",
    "end_date",
    "custom_name",
    "businesses",
    "active_features",
    "available_features",
    "program_metrics",
]

METRICS = [
    "budget",
    "max_bid",
    "ad_cost",
    "currency",
    "is_autobid",
    "billed_impressions",
    "billed_clicks",
    "fee_period",
]

PATHS = {
    "all": {},
    "business": {"business_id": programs.BUSINESSES[1]},
    "type": {"program_type": "CPC"},
    "both": {"business_id": programs.BUSINESSES[0], "program_type": "BP"},
    "search": {"search": "é ☕"},
}

every_path = pytest.mark.parametrize("path", PATHS.values(), ids=list(PATHS))


def query(chosen, tenant=programs.TENANT):
    """The query that the request's parameters *chosen* mean."""
    kind = chosen.get("program_type", ANY_STATUS)
    return Query(
        tenant=tenant,
        status=chosen.get("program_status", "CURRENT"),
        business_id=chosen.get("business_id"),
        program_type=None if kind == ANY_STATUS else kind,
        search=chosen.get("search"),
        offset=chosen.get("offset", 0),
        limit=chosen.get("limit", 20),
        everything=str(chosen.get("all", "false")).lower() in ("true", "1"),
    )


@settings(deadline=None, max_examples=40)
@given(chosen=strategies.parameters, tenant=st.sampled_from([programs.TENANT, programs.OTHER, programs.EMPTY]))
def test_the_answer_is_what_the_rows_say(inside, chosen, tenant):
    answer = inside("baseline").get(f"{LISTING}?{urlencode(chosen)}", tenant)
    assert answer.status == 200, answer.body
    assert json.loads(answer.body) == oracle.expected(query(chosen, tenant))


@every_path
@pytest.mark.parametrize("status", [*STATUSES, ANY_STATUS])
def test_the_total_is_real_on_every_path(inside, path, status):
    answer = json.loads(inside("baseline").get(listing(limit=1, program_status=status, **path)).body)
    want = oracle.expected(query({"limit": 1, "program_status": status} | path))
    assert answer["total_count"] == want["total_count"]
    assert len(answer["programs"]) == min(1, want["total_count"])


@every_path
def test_pages_neither_overlap_nor_leave_gaps(inside, path):
    service = inside("baseline")
    whole = json.loads(service.get(listing(all="true", program_status="ALL", **path)).body)
    assert (whole["offset"], whole["limit"]) == (0, None)
    pages = []
    while len(pages) < whole["total_count"]:
        page = json.loads(service.get(listing(offset=len(pages), limit=7, program_status="ALL", **path)).body)
        pages += page["programs"]
        assert page["programs"]
    assert pages == whole["programs"]


@every_path
def test_a_page_beyond_the_end_is_empty(inside, path):
    answer = inside("baseline").get(listing(offset=2**31 - 1, program_status="ALL", **path))
    document = json.loads(answer.body)
    assert document["programs"] == []
    assert document["total_count"] == oracle.expected(query({"program_status": "ALL"} | path))["total_count"] > 0


def test_members_are_in_order_and_the_json_is_compact(inside):
    body = inside("baseline").get(listing(all="true", program_status="ALL")).body
    document = json.loads(body)
    assert list(document) == ["programs", "total_count", "offset", "limit", "from_cache"]
    for program in document["programs"]:
        assert list(program) == [name for name in ORDER if name in program]
        assert "program_metrics" not in program or list(program["program_metrics"]) == METRICS
    assert body == json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()


def test_every_difficulty_is_in_the_data():
    shown = oracle.expected(query({"all": "true", "program_status": "ALL"}))["programs"]
    metrics = [program["program_metrics"] for program in shown if "program_metrics" in program]
    assert 0 < len(metrics) < len(shown)
    assert {29, 115, 1999, 0, -29, 999999999999, 435, 100000007} <= {m["budget"] for m in metrics}
    assert {m["currency"] for m in metrics} == {"USD", "EUR"}
    assert {program["program_type"] for program in shown} == set(PROGRAM_TYPES)
    assert len({program["start_date"] for program in shown}) == 8


@given(st.decimals(min_value="-9999999999.99", max_value="9999999999.99", places=2))
def test_cents_are_exact(amount):
    assert cents(amount) == int(f"{amount:.2f}".replace(".", ""))


@pytest.mark.parametrize("tenant", [programs.TENANT, programs.OTHER])
def test_a_tenant_sees_its_own_programs_alone(inside, tenant):
    document = json.loads(inside("all").get(listing(all="true", program_status="ALL"), tenant).body)
    own = {row["program_id"] for row in programs.rows() if row["username"] == tenant}
    assert {program["program_id"] for program in document["programs"]} == own
    assert document["total_count"] == len(own)


def test_a_tenant_cannot_be_asked_for(inside):
    assert inside("baseline").get(listing(username=programs.OTHER)).status == 400

"""The writes: what they take, what they refuse and why, what of a sync stays, and that each is its tenant's alone."""

import json
import socket
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote, urlsplit

import psutil
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from perfstudy.listing.requests import listing
from perfstudy.listing.service.ads.fields import CHANGEABLE, MAX_CENTS, MAX_COUNT, SYNCED
from perfstudy.listing.service.ads.request_bodies import DEEPEST, LONGEST
from perfstudy.listing.tokens import issue

from . import programs

BEST = "index+related+values+connections+gunicorn+cache+invalidate+single_flight+ttl+warm+breaker+etag"
DEVELOPMENT = BEST.replace("gunicorn+", "")
GRANIAN = BEST + "+granian"
EVERYTHING = listing(all="true", program_status="ALL")
LEAST = {"program_type": "CPC", "yelp_business_id": "b1", "status": "CURRENT"}


@pytest.fixture(scope="module", params=["baseline", BEST])
def service(request, inside):
    return inside(request.param)


def synced(service, tenant, rows, query="", **headers):
    """Send *rows*, by their ids, and return the answer."""
    lines = [json.dumps({"program_id": name, **LEAST, **row}) for name, row in rows.items()]
    return sent(service, tenant, "\n".join(lines), query, **headers)


def sent(service, tenant, text, query="", **headers):
    body = text if isinstance(text, bytes) else text.encode()
    return service.get(f"/api/sync{query}", tenant, method="POST", body=body, **headers)


def patch(service, tenant, program_id, change):
    body = change if isinstance(change, bytes) else json.dumps(change).encode()
    return service.get(f"/api/programs/{quote(program_id, safe='')}", tenant, method="PATCH", body=body)


def listed(service, tenant):
    """The tenant's programs by id."""
    answer = service.get(EVERYTHING, tenant)
    assert answer.status == 200
    return {row["program_id"]: row for row in json.loads(answer.body)["programs"]}


def problem(answer, status):
    body = json.loads(answer.body)
    assert answer.status == status, body
    assert answer.headers["content-type"] == "application/problem+json"
    return body


def done(answer):
    assert answer.status == 200, answer.body
    return json.loads(answer.body)


# --- one program -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        ({"custom_name": "Sömmer \u2028 \U0001f3af"}, {"custom_name": "Sömmer \u2028 \U0001f3af"}),
        ({"custom_name": "x" * 255}, {"custom_name": "x" * 255}),
        ({"custom_name": None}, {"custom_name": None}),
        ({"status": "PAUSED"}, {"program_status": "PAUSED"}),
        ({"budget": 0}, {"budget": 0}),
        ({"budget": MAX_CENTS}, {"budget": MAX_CENTS}),
        ({"budget": 29}, {"budget": 29}),
        ({"budget": None}, {"budget": None}),
        ({"budget": 5, "status": "PAST", "custom_name": "all"}, {"budget": 5, "custom_name": "all"}),
    ],
)
def test_an_update_is_answered_and_listed(service, tenant, change, shown):
    done(synced(service, tenant, {"a": {"budget": 7, "custom_name": "before"}, "other": {}}))
    before = listed(service, tenant)
    answer = done(patch(service, tenant, "a", change))
    after = listed(service, tenant)
    assert answer == after["a"]
    assert after["other"] == before["other"]
    flat = answer | {"budget": answer.get("program_metrics", {}).get("budget")}
    assert {name: flat[name] for name in shown} == shown


BAD = {
    "text": [1, True, [], {}, "", "\0", "a\0", "\ud800", "x" * 256],
    "choice": [None, 1, "", "current", "NONE", [], {}],
    "cents": [-1, MAX_CENTS + 1, 1.5, 1e300, "1", True, [], 10**400],
    "count": [-1, MAX_COUNT + 1, 0.5, "0", False],
    "day": [0, "", "2024-02-30", "20240101", "2024-W01-1", "2024-1-1", "0000-01-01", "2024-01-01T00:00:00"],
    "truth": [0, 1, "true", []],
    "array": [{}, "x", 0, ["\0"], [["a\ud800"]], [{"\0": 1}], [{"a": "\0"}]],
}
KINDS = {
    "custom_name": "text",
    "status": "choice",
    "budget": "cents",
    "program_type": "choice",
    "max_bid": "cents",
    "ad_cost": "cents",
    "billed_impressions": "count",
    "billed_clicks": "count",
    "start_date": "day",
    "end_date": "day",
    "is_autobid": "truth",
    "businesses": "array",
    "active_features": "array",
    "available_features": "array",
}
LENGTHS = {
    field.name: field.schema["maxLength"]
    for field in SYNCED
    if field.schema.get("type") == "string" and field.name not in ("start_date", "end_date")
}


def test_every_field_has_cases():
    assert set(KINDS) | set(LENGTHS) == {field.name for field in SYNCED}


def refused(answer, name, value):
    body = problem(answer, 400)
    assert body["parameter"] == name
    assert body["value"] == json.dumps(value)[:200]
    assert body["allowed"]
    return body


@pytest.mark.parametrize("field", [field.name for field in CHANGEABLE])
def test_an_update_refuses_what_a_field_does_not_take(inside, tenant, field):
    service = inside("baseline")
    done(synced(service, tenant, {"a": {}}))
    before = listed(service, tenant)
    for value in BAD[KINDS[field]]:
        refused(patch(service, tenant, "a", {field: value}), field, value)
    assert listed(service, tenant) == before


@pytest.mark.parametrize("field", sorted(KINDS))
def test_a_sync_refuses_what_a_field_does_not_take(inside, tenant, field):
    service = inside("baseline")
    for value in BAD[KINDS[field]]:
        body = refused(synced(service, tenant, {"a": {field: value}}), field, value)
        assert (body["line"], body["accepted"]) == (1, 0)
    assert not listed(service, tenant)


@pytest.mark.parametrize(("field", "longest"), sorted(LENGTHS.items()))
def test_a_text_is_as_long_as_its_column(inside, tenant, field, longest):
    service = inside("baseline")
    row = {"program_id": "a", **LEAST}
    for value in ("x" * (longest + 1), "", 7, "\0"):
        refused(sent(service, tenant, json.dumps(row | {field: value})), field, value)
    done(sent(service, tenant, json.dumps(row | {field: "ž" * longest})))
    assert len(listed(service, tenant)) == 1


@pytest.mark.parametrize("field", [field.name for field in SYNCED if field.required])
def test_a_required_field_must_be_there(inside, tenant, field):
    row = {"program_id": "a", **LEAST}
    del row[field]
    refused(sent(inside("baseline"), tenant, json.dumps(row)), field, None)


def test_the_bounds_themselves_are_taken(service, tenant):
    highest = {
        **dict.fromkeys(("budget", "max_bid", "ad_cost"), MAX_CENTS),
        **dict.fromkeys(("billed_impressions", "billed_clicks"), MAX_COUNT),
        **{"start_date": "0001-01-01", "end_date": "9999-12-31", "is_autobid": False, "currency": "EUR"},
        "businesses": [{"a": [0.1, -0.5, None, "Ünï", 10**300]}],
    }
    done(synced(service, tenant, {"a": highest}))
    shown = listed(service, tenant)["a"]
    flat = shown | shown["program_metrics"]
    assert {name: flat[name] for name in highest} == highest


@pytest.mark.parametrize("name", ["username", "id", "custom_nam", "", "\0", "\ud800", "x" * 60_000])
@pytest.mark.parametrize("way", [patch, lambda service, tenant, name, row: synced(service, tenant, {name: row})])
def test_an_unknown_field_is_named(inside, tenant, way, name):
    service = inside("baseline")
    done(synced(service, tenant, {"a": {}}))
    body = problem(way(service, tenant, "a", {name: 1}), 400)
    assert body["parameter"] == name
    assert "custom_name" in body["allowed"]


@pytest.mark.parametrize("text", ["", " ", "{", "[]", "1", '"a"', "null", "{}", '{"budget": NaN}', '{"budget": 1e999}'])
def test_an_update_takes_an_object_that_sets_something(inside, tenant, text):
    service = inside("baseline")
    done(synced(service, tenant, {"a": {}}))
    problem(patch(service, tenant, "a", text.encode()), 400)


@pytest.mark.parametrize("name", ["b", "A", "a ", "\0", "é", "%", "..a"])
def test_a_program_that_is_not_there(service, tenant, name):
    done(synced(service, tenant, {"a": {}}))
    assert repr(name) in problem(patch(service, tenant, name, {"budget": 1}), 404)["detail"]


def test_anothers_program_is_not_there(service, tenant):
    other = f"{tenant} "
    mine = programs.rows()[0]["program_id"]
    done(synced(service, tenant, {"a": {}, mine: {}}))
    before = listed(service, programs.TENANT)
    problem(patch(service, other, "a", {"budget": 1}), 404)
    done(patch(service, tenant, mine, {"custom_name": "mine"}))
    assert listed(service, programs.TENANT) == before
    assert not listed(service, other)


@pytest.mark.parametrize(
    ("target", "methods", "allowed"),
    [("/api/programs/a", ("GET", "POST", "PUT", "DELETE"), "PATCH"), ("/api/sync", ("GET", "PATCH", "PUT"), "POST")],
)
def test_other_methods_are_refused(service, tenant, target, methods, allowed):
    for method in methods:
        answer = service.get(target, tenant, method=method)
        problem(answer, 405)
        assert answer.headers["allow"] == allowed


@pytest.mark.parametrize(("method", "target"), [("PATCH", "/api/programs/a"), ("POST", "/api/sync?sync=x")])
def test_a_write_needs_a_token_first(service, method, target):
    problem(service.get(target, None, method=method, body=b"{"), 401)


@pytest.mark.parametrize(("method", "target"), [("PATCH", "/api/programs/a"), ("POST", "/api/sync")])
@pytest.mark.parametrize(
    "stated", [{"Transfer-Encoding": "chunked"}, {"Content-Length": "x"}, {"Content-Length": "-1"}]
)
def test_a_length_must_be_stated(service, tenant, method, target, stated):
    problem(service.get(target, tenant, method=method, body=b"{}", **stated), 411)
    problem(service.get(target, tenant, method=method), 411)


def test_a_program_may_be_so_long(service, tenant):
    row = {"program_id": "a", **LEAST, "businesses": [""]}
    row["businesses"] = ["x" * (LONGEST - len(json.dumps(row)))]
    done(sent(service, tenant, json.dumps(row)))
    row["businesses"][0] += "x"
    assert problem(sent(service, tenant, "\n" + json.dumps(row)), 413)["line"] == 2
    problem(patch(service, tenant, "a", {"custom_name": "x" * LONGEST}), 413)


def test_nesting_has_an_end(service, tenant):
    deep = lambda levels: json.loads("[" * levels + "]" * levels)  # noqa: E731
    done(synced(service, tenant, {"a": {"businesses": deep(DEEPEST - 1)}}))
    assert listed(service, tenant)["a"]["businesses"] == deep(DEEPEST - 1)
    for levels in (DEEPEST, 900):
        assert "deeper" in problem(synced(service, tenant, {"a": {"businesses": deep(levels)}}), 400)["detail"]
    for opening in ('{"custom_name":' + "[" * 30_000, '{"a":' * 10_000):
        problem(patch(service, tenant, "a", opening.encode()), 400)
        problem(sent(service, tenant, opening), 400)


# --- a sync ----------------------------------------------------------------------------------------------------------


def test_a_sync_inserts_updates_and_at_its_end_deletes(service, tenant):
    first = done(synced(service, tenant, {"a": {"budget": 1}, "b": {}, "c": {}}))
    assert (first["accepted"], first["deleted"]) == (3, None)
    second = done(synced(service, tenant, {"a": {"custom_name": "new"}, "d": {}}, "?complete=true"))
    assert (second["accepted"], second["deleted"]) == (2, 2)
    found = listed(service, tenant)
    assert set(found) == {"a", "d"}
    assert found["a"]["custom_name"] == "new"
    assert "program_metrics" not in found["a"]  # what a sync leaves out is null


def test_a_sync_names_the_business_that_is_known(service, tenant):
    known, unknown = programs.BUSINESSES[0], programs.BUSINESSES[-1]
    done(synced(service, tenant, {"a": {"yelp_business_id": known}, "b": {"yelp_business_id": unknown}}))
    found = listed(service, tenant)
    assert [found[name]["business_name"] for name in "ab"] == [programs.NAMED[known] or known, unknown]
    done(synced(service, tenant, {"a": {"yelp_business_id": unknown}}))
    assert listed(service, tenant)["a"]["business_name"] == unknown


def test_sending_a_sync_again_changes_nothing(service, tenant):
    rows = {f"p{number}": {"custom_name": str(number)} for number in range(7)}
    token = done(synced(service, tenant, rows))["sync"]
    before = listed(service, tenant)
    for _ in range(2):
        again = done(synced(service, tenant, rows, f"?sync={quote(token)}&complete=true"))
        assert (again["accepted"], again["deleted"]) == (7, 0)
        assert listed(service, tenant) == before


def test_a_sync_goes_on_under_its_token(service, tenant):
    done(synced(service, tenant, {"old": {}}))
    token = done(synced(service, tenant, {"a": {}}))["sync"]
    assert done(synced(service, tenant, {"b": {}}, f"?sync={quote(token)}"))["sync"] == token
    assert done(sent(service, tenant, "", f"?sync={quote(token)}&complete=true"))["deleted"] == 1
    assert set(listed(service, tenant)) == {"a", "b"}


def test_a_token_is_its_tenant_s(service, tenant):
    done(synced(service, tenant, {"a": {}}))
    theirs = done(sent(service, f"{tenant} ", ""))["sync"]
    for token in (theirs, "", "x", issue(tenant, service.settings["SECRET_KEY"]), theirs[:-1], "a:b:c"):
        answer = problem(sent(service, tenant, "", f"?sync={quote(token)}&complete=true"), 400)
        assert (answer["parameter"], answer["value"]) == ("sync", token)
    assert set(listed(service, tenant)) == {"a"}


@pytest.mark.parametrize("query", ["?complete=yes", "?complete=", "?complete=1", "?x=1", "?tenant=agency", "?%00=%ff"])
def test_a_sync_takes_two_parameters(service, tenant, query):
    done(synced(service, tenant, {"a": {}}))
    answer = problem(synced(service, tenant, {"b": {}}, query), 400)
    assert answer.keys() >= {"parameter", "value", "allowed"}
    assert set(listed(service, tenant)) == {"a"}


def test_what_was_accepted_before_a_broken_line_stays(service, tenant):
    from perfstudy.listing.service.ads.writes import BATCH  # which needs Django set up

    rows = [json.dumps({"program_id": f"p{number}", **LEAST}) for number in range(BATCH + 50)]
    done(synced(service, tenant, {"old": {}}))
    answer = problem(sent(service, tenant, "\n".join([*rows, "broken", *rows]), "?complete=true"), 400)
    assert (answer["line"], answer["accepted"]) == (BATCH + 51, BATCH)
    assert set(listed(service, tenant)) == {"old", *(f"p{number}" for number in range(BATCH))}
    rest = "\n".join(rows[answer["accepted"] :])
    ended = done(sent(service, tenant, rest, f"?sync={quote(answer['sync'])}&complete=true"))
    assert (ended["accepted"], ended["deleted"]) == (50, 1)
    assert len(listed(service, tenant)) == len(rows)


def test_of_two_lines_about_a_program_the_later_one_counts(service, tenant):
    lines = [json.dumps({"program_id": "a", **LEAST, "custom_name": name}) for name in ("one", "two", "three")]
    assert done(sent(service, tenant, "\n".join(lines)))["accepted"] == 3
    assert listed(service, tenant)["a"]["custom_name"] == "three"


def test_empty_lines_and_other_endings_are_no_programs(service, tenant):
    line = json.dumps({"program_id": "a", **LEAST})
    assert done(sent(service, tenant, f"\n \n{line}\r\n\n"))["accepted"] == 1


@pytest.mark.parametrize("stated", [1, 100_000])
def test_a_body_that_is_shorter_than_stated_deletes_nothing(service, tenant, stated):
    done(synced(service, tenant, {"old": {}}))
    row = json.dumps({"program_id": "a", **LEAST}) + "\n"
    length = {"Content-Length": str(len(row) + stated)}
    problem(sent(service, tenant, row, "?complete=true", **length), 400)
    assert "old" in listed(service, tenant)


@pytest.mark.parametrize("name", [DEVELOPMENT, BEST, GRANIAN])
@pytest.mark.parametrize("ending", ["half", "whole"])
def test_a_client_that_breaks_off_deletes_nothing(outside, tenant, name, ending):
    service = outside(name)
    done(synced(service, tenant, {"old": {}, "older": {}}))
    row = json.dumps({"program_id": "a", **LEAST}) + "\n"
    parts = urlsplit(service.url)
    head = (
        f"POST /api/sync?complete=true HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {issue(tenant, service.secret)}"
        f"\r\nContent-Length: {len(row) * 2}\r\n\r\n"
    )
    with socket.create_connection((parts.hostname, parts.port), timeout=60) as wire:
        wire.sendall((head + row).encode())
        if ending == "half":
            wire.shutdown(socket.SHUT_WR)
            assert b" 400 " in wire.makefile("rb").readline()
    assert set(listed(service, tenant)) >= {"old", "older"}


@pytest.mark.parametrize("name", [DEVELOPMENT, BEST, GRANIAN])
def test_a_chunked_body_is_refused(outside, tenant, name):
    service = outside(name)
    done(synced(service, tenant, {"old": {}}))
    problem(sent(service, tenant, b"2\r\n{}\r\n0\r\n\r\n", "?complete=true", Transfer_Encoding="chunked"), 411)
    assert set(listed(service, tenant)) == {"old"}


@pytest.mark.parametrize("server", ["gunicorn", "gunicorn+granian"])
def test_a_long_sync_takes_little_memory(outside, tenant, server):
    service = outside(f"related+values+connections+{server}")
    row = {**LEAST, "custom_name": "x" * 250, "available_features": ["y" * 50] * 10}
    text = b"".join(json.dumps({"program_id": f"p{n}", **row}).encode() + b"\n" for n in range(20_000))
    done(synced(service, tenant, {"p": row}))
    workers = [process for process in psutil.process_iter() if listens(process, urlsplit(service.url).port)]
    before = sum(worker.memory_info().rss for worker in workers)
    answer = done(sent(service, tenant, text, "?complete=true"))
    after = sum(worker.memory_info().rss for worker in workers)
    assert (answer["accepted"], answer["deleted"]) == (20_000, 1)
    assert workers
    assert after - before < len(text)


def listens(process, port):
    try:
        return any(c.laddr.port == port and c.status == psutil.CONN_LISTEN for c in process.net_connections("tcp"))
    except psutil.Error:
        return False


def test_writers_of_the_same_programs_do_not_stand_in_each_other_s_way(outside, tenant):
    service = outside(DEVELOPMENT)
    names = [f"p{number}" for number in range(60)]

    def write(number):
        order = names[number:] + names[:number]
        whole = synced(service, tenant, {name: {"custom_name": str(number)} for name in order})
        return whole.status, patch(service, tenant, names[number], {"budget": number}).status

    done(synced(service, tenant, {name: {} for name in names}))
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(write, range(16))) == {(200, 200)}
    assert len(listed(service, tenant)) == 60


# --- anything --------------------------------------------------------------------------------------------------------

texts = st.text(max_size=8) | st.sampled_from(["\0", "\ud800", "2024-01-01", "CPC", "CURRENT", "x" * 300])
numbers = st.integers() | st.floats() | st.sampled_from([10**30, -(10**400), 2**63, MAX_CENTS, 1e308])
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(texts, below, max_size=3),
    max_leaves=6,
)
fields = st.sampled_from([field.name for field in SYNCED])
objects = st.dictionaries(fields | texts, values, max_size=4)
wholes = objects.map(lambda changed: {"program_id": "a", **LEAST} | changed)
bodies = st.binary(max_size=40) | (objects | wholes | values).map(lambda value: json.dumps(value).encode())


@settings(deadline=None, max_examples=80, suppress_health_check=list(HealthCheck))
@given(body=bodies, lines=st.lists(bodies | wholes.map(lambda row: json.dumps(row).encode()), max_size=4))
@example(body=b"[" * 50_000, lines=[b'{"a":' * 9_000])
@example(body=b'{"budget": ' + b"9" * 60_000 + b"}", lines=[b'{"budget": ' + b"9" * 5_000 + b"}"])
@example(body=b'{"custom_name": "\\ud800"}', lines=[b"\xff\xfe{\x00}\x00"])
def test_no_body_makes_the_service_fail(inside, tenant, body, lines):
    service = inside("baseline")
    if "a" not in listed(service, tenant):
        done(synced(service, tenant, {"a": {}}))
    for answer in (patch(service, tenant, "a", body), sent(service, tenant, b"\n".join(lines))):
        assert answer.status in (200, 400, 413), answer.body
        json.loads(answer.body)
    assert "a" in listed(service, tenant)

"""The description is valid, says what the validation does, and every answer keeps to it."""

import json
from urllib.parse import urlencode, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from perfstudy.lab.server import free_ports
from perfstudy.listing.requests import LISTING, listing

from . import programs, strategies
from .test_parameters import CASES

ROOT = "urn:description"


@pytest.fixture(scope="session")
def description(inside):
    return json.loads(inside("baseline").get("/api/openapi.json", tenant=None).body)


@pytest.fixture(scope="session")
def validator(description):
    """A function that validates a value against a schema of the description."""
    registry = Registry().with_resource(ROOT, Resource(description, DRAFT202012))

    def of(schema):
        whole = {key: f"{ROOT}{value}" if key == "$ref" else value for key, value in schema.items()}
        return Draft202012Validator(whole, registry=registry, format_checker=Draft202012Validator.FORMAT_CHECKER)

    return of


@pytest.fixture(scope="session")
def keeps_to(description, validator):
    """A function that checks an answer against what the description says of its address and status."""

    def check(target, answer, method="get"):
        path = urlsplit(target).path
        if path.startswith(f"{LISTING}/"):
            path = f"{LISTING}/{{program_id}}"
        said = description["paths"][path][method]["responses"][str(answer.status)]
        for name in said["headers"]:
            if name not in ("X-Cache", "ETag", "Link", "Vary"):
                assert name.lower() in answer.headers
            if name.lower() in answer.headers:
                declared = description["components"]["headers"][name]["schema"]
                value = answer.headers[name.lower()]
                validator(declared).validate(int(value) if declared.get("type") == "integer" else value)
        if "content" not in said:
            assert answer.body == b""
            return
        validator(said["content"][answer.headers["content-type"]]["schema"]).validate(json.loads(answer.body))

    return check


def test_the_description_is_valid(description):
    OpenAPIV31SpecValidator(description).validate()
    assert description["openapi"].startswith("3.1")


def test_every_schema_is_valid(description):
    for schema in description["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_it_describes_what_there_is_and_nothing_else(description):
    from perfstudy.listing.service.urls import urlpatterns

    there = {f"/{pattern.pattern}".replace("<str:", "{").replace(">", "}") for pattern in urlpatterns}
    # /metrics is for those who run the service, and says in OpenMetrics what it says; the page is for people.
    assert set(description["paths"]) == there - {"/metrics", "/", "/assets/{name}"} != there


def parameter(description, name):
    (found,) = (p for p in description["paths"][LISTING]["parameters"] if p["name"] == name)
    return found


@pytest.mark.parametrize(("name", "value"), CASES, ids=lambda text: ascii(text)[:24])
def test_what_is_refused_is_not_described(description, validator, name, value):
    readings = [value]
    if value.strip("-").isascii() and value.strip("-").isdigit() and len(value) < 100:
        readings.append(int(value))
    schema = parameter(description, name)["schema"]
    assert not any(validator(schema).is_valid(reading) for reading in readings)


@settings(deadline=None, max_examples=40)
@given(chosen=strategies.parameters)
def test_what_is_accepted_is_described(inside, description, validator, keeps_to, chosen):
    target = f"{LISTING}?{urlencode(chosen)}"
    answer = inside("baseline").get(target)
    assert answer.status == 200
    keeps_to(target, answer)
    for name, value in chosen.items():
        reading = {"true": True, "false": False, "1": 1, "0": 0}[value.lower()] if name == "all" else value
        validator(parameter(description, name)["schema"]).validate(reading)


def test_the_defaults_are_the_ones_that_apply(inside, description):
    defaults = {
        p["name"]: json.dumps(p["schema"]["default"]).strip('"')
        for p in description["paths"][LISTING]["parameters"]
        if "default" in p["schema"]
    }
    assert set(defaults) == {"offset", "limit", "all", "program_status", "program_type"}
    service = inside("baseline")
    assert service.get(listing(**defaults)).body == service.get(LISTING).body


@settings(deadline=None, max_examples=40)
@given(name=st.sampled_from(["offset", "limit", "all", "business_id", "program_type", "x"]), value=st.text(max_size=6))
def test_problems_keep_to_it(inside, keeps_to, name, value):
    target = f"{LISTING}?{urlencode({name: value})}"
    keeps_to(target, inside("baseline").get(target))


@pytest.mark.parametrize("variant", ["baseline", "cache", "all"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    "target",
    [listing(all="true", program_status="ALL"), listing(limit=0), "/api/noop", "/api/health", "/api/openapi.json"],
)
def test_every_address_keeps_to_it(inside, keeps_to, variant, method, target):
    for tenant in (programs.TENANT, programs.EMPTY, None):
        keeps_to(target, inside(variant).get(target, tenant, method=method), method.lower())


WHOLE = {"program_id": "a", "program_type": "CPC", "yelp_business_id": "b", "status": "CURRENT", "budget": 1}
WRITES = [
    ("PATCH", f"{LISTING}/a", {"custom_name": "new"}, 200),
    ("PATCH", f"{LISTING}/a", {"budget": -1}, 400),
    ("PATCH", f"{LISTING}/a", {}, 400),
    ("PATCH", f"{LISTING}/b", {"budget": 1}, 404),
    ("PATCH", f"{LISTING}/a", None, 411),
    ("PATCH", f"{LISTING}/a", {"custom_name": "x" * 2**16}, 413),
    ("POST", "/api/sync", WHOLE, 200),
    ("POST", "/api/sync?complete=true", WHOLE, 200),
    ("POST", "/api/sync?complete=yes", WHOLE, 400),
    ("POST", "/api/sync?sync=x", WHOLE, 400),
    ("POST", "/api/sync", WHOLE | {"start_date": "today"}, 400),
    ("POST", "/api/sync", None, 411),
    ("POST", "/api/sync", WHOLE | {"custom_name": "x" * 2**16}, 413),
]


@pytest.mark.parametrize("variant", ["baseline", "cache+invalidate+warm"])
@pytest.mark.parametrize(("method", "target", "given", "status"), WRITES)
def test_writes_keep_to_it(inside, keeps_to, variant, method, target, given, status):
    service, tenant = inside(variant), "described"
    service.get("/api/sync", tenant, method="POST", body=json.dumps(WHOLE).encode())
    body = None if given is None else json.dumps(given).encode()
    for who, expected in ((tenant, status), (None, 401)):
        answer = service.get(target, who, method=method, body=body)
        assert answer.status == expected
        keeps_to(target, answer, method.lower())
    service.get("/api/sync?complete=true", tenant, method="POST", body=b"")


@pytest.mark.parametrize(("name", "given"), [("Change", {"budget": 1}), ("SyncedProgram", WHOLE)])
def test_bodies_are_described_as_they_are_validated(inside, description, validator, name, given):
    schema = {"$ref": f"#/components/schemas/{name}"}
    validator(schema).validate(given)
    for field, changed in (("status", "NONE"), ("budget", -1), ("budget", 1.5), ("custom_name", ""), ("more", 1)):
        assert not validator(schema).is_valid(given | {field: changed})
    described = description["components"]["schemas"][name]["properties"]
    assert not any(validator(schema).is_valid(given | {field: {}}) for field in described)


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=0, max_size=70)
whole = st.integers(-1, 10**12 + 1) | st.integers(0, 5).map(float) | st.sampled_from([1.5, 2.0**31, -0.0, True])
anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | texts
    | st.sampled_from([10**308, 10**309]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
days = st.dates().map(str) | st.sampled_from(["0000-01-01", "2024-02-30", "20240101", "2024-1-1", "2024-01-01\n", ""])


def values(schema):
    """Values near a field's schema, on both sides of its bounds."""
    kind = schema.get("format", schema.get("type"))
    usual = {"string": texts, "integer": whole, "boolean": st.booleans(), "date": days, "array": st.lists(anything)}
    return (st.sampled_from([*schema["enum"], "NONE"]) if "enum" in schema else usual[kind]) | st.none()


def bodies_of(declared):
    return st.fixed_dictionaries({}, optional={field.name: values(field.schema) for field in declared})


@settings(deadline=None, max_examples=150, suppress_health_check=list(HealthCheck))
@given(data=st.data())
@pytest.mark.parametrize("name", ["SyncedProgram", "Change"])
def test_a_body_is_accepted_where_it_is_valid_and_refused_where_it_is_not(validator, inside, tenant, name, data):
    service = inside("baseline")
    from perfstudy.listing.service.ads import fields

    declared = {"SyncedProgram": fields.SYNCED, "Change": fields.CHANGEABLE}[name]
    given_up = WHOLE if name == "SyncedProgram" and data.draw(st.integers(0, 4)) else {}
    body = given_up | data.draw(bodies_of(declared))
    sent = json.dumps(body).replace("Infinity", "1e999").encode()
    valid = validator({"$ref": f"#/components/schemas/{name}"}).is_valid(body)
    method, target = ("POST", "/api/sync") if name == "SyncedProgram" else ("PATCH", f"{LISTING}/no-such-program")
    status = service.get(target, tenant, method=method, body=sent).status
    assert status == ((200 if name == "SyncedProgram" else 404) if valid else 400), body


def test_the_examples_of_lines_are_accepted_and_described(inside, tenant, description, validator):
    content = description["paths"]["/api/sync"]["post"]["requestBody"]["content"]
    lines, one = content["application/x-ndjson"], content["application/json"]
    for line in lines["example"].splitlines():
        validator(lines["schema"]["contentSchema"]).validate(json.loads(line))
    validator(one["schema"]).validate(one["example"])
    for media, body, accepted in (
        ("application/x-ndjson", lines["example"], 2),
        ("application/json", json.dumps(one["example"]), 1),
    ):
        headers = {"CONTENT_TYPE": media}
        answer = inside("baseline").get("/api/sync", tenant, method="POST", body=body.encode(), **headers)
        assert (answer.status, json.loads(answer.body)["accepted"]) == (200, accepted)


@pytest.mark.parametrize("variant", ["baseline", "page+json+bypass"])
def test_data_that_cannot_be_shown_keep_to_it(inside, databases, keeps_to, tenant, variant):
    import psycopg

    service = inside(variant)
    service.get("/api/sync", tenant, method="POST", body=json.dumps(WHOLE).encode())
    for database in databases.values():
        with psycopg.connect(database.url) as connection:
            connection.execute("UPDATE ads_programregistry SET budget = 'NaN' WHERE username = %s", [tenant])
    answer = service.get(LISTING, tenant)
    assert answer.status == 500
    keeps_to(LISTING, answer)


@pytest.mark.parametrize("target", [LISTING, "/api/health"])
def test_unavailable_servers_keep_to_it(inside, keeps_to, target):
    port = next(free_ports())
    changed = {"PERFSTUDY_SERVICE_DATABASE": f"postgresql://u@127.0.0.1:{port}/n"}
    answer = inside("baseline", **changed).get(target)
    assert answer.status == 503
    keeps_to(target, answer)


def test_the_schema_would_notice_a_member_too_many_or_too_few(inside, validator):
    document = json.loads(inside("baseline").get(listing(program_status="ALL")).body)
    page = validator({"$ref": "#/components/schemas/Page"})
    assert page.is_valid(document)
    first = document["programs"][0]
    first["more"] = 1
    assert not page.is_valid(document)
    del first["more"], first["program_type"]
    assert not page.is_valid(document)

"""The gate's further requests come out of lists, recordings and descriptions."""

import json
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from perfstudy.errors import UsageError
from perfstudy.evidence.also import MOST, read_also
from perfstudy.evidence.har import list_requests
from perfstudy.evidence.openapi import DRAWS, draw_requests

Write = Callable[[str, Any], str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return what writes a file below the folder, as JSON where it is no text, and returns its name."""

    def save(name: str, content: Any) -> str:
        data = content if isinstance(content, str | bytes) else json.dumps(content)
        (tmp_path / name).write_bytes(data if isinstance(data, bytes) else data.encode())
        return name

    return save


def entry(url: str, method: str = "GET", kind: str = "application/json") -> dict[str, Any]:
    """Return an entry of a HAR, with a header and a cookie that nobody may see."""
    private = {"headers": [{"name": "X-Key", "value": "hush"}], "cookies": [{"name": "a", "value": "hush"}]}
    response = {"status": 200, "content": {"mimeType": kind, "text": "hush"}}
    return {"request": {"method": method, "url": url, **private}, "response": response}


HAR = {
    "log": {
        "entries": [
            entry("https://cdn.example/a.js", kind="text/javascript"),
            entry("https://cdn.example/b.js", kind="text/javascript"),
            entry("https://cdn.example/c.js", kind="text/javascript"),
            entry("https://shop.example/api/orders?limit=5#top"),
            entry("https://shop.example", kind="text/html"),
            entry("https://shop.example/api/orders?limit=5"),
            entry("https://shop.example/api/orders", method="POST"),
            entry("https://shop.example/api/me?access_token=hush"),
            entry("https://[/api"),
            {},
        ]
    }
}


def test_a_recording_gives_path_and_query_of_the_host_that_answers_with_json(tmp_path: Path, write: Write) -> None:
    assert read_also(write("shop.har", HAR), tmp_path) == ["/api/orders?limit=5", "/"]
    assert read_also(write("har.json", HAR), tmp_path) == ["/api/orders?limit=5", "/"]


def test_a_text_has_one_target_a_line(tmp_path: Path, write: Write) -> None:
    name = write("targets.txt", "\ufeff# orders\n\n  /api/orders/1 \r\n/api/orders/2#\n/api/orders/1\n")
    assert read_also(name, tmp_path) == ["/api/orders/1", "/api/orders/2#"]
    assert read_also(tmp_path / name, Path("/")) == ["/api/orders/1", "/api/orders/2#"]


def test_targets_are_taken_as_they_are(tmp_path: Path) -> None:
    assert read_also(["/b", "/a?x=%20", "/b"], tmp_path) == ["/b", "/a?x=%20"]
    assert read_also((), tmp_path) == []


SCHEMAS: dict[str, dict[str, Any]] = {
    "bounded": {"type": "integer", "minimum": 10, "maximum": 20, "multipleOf": 5},
    "between": {"type": "integer", "exclusiveMinimum": 1, "exclusiveMaximum": 3},
    "below": {"type": "integer", "maximum": -5},
    "wide": {"type": "integer", "minimum": -(2**31), "maximum": 2**31},
    "stepped": {"type": "integer", "minimum": 1, "multipleOf": 1000},
    "share": {"type": "number", "minimum": 0.25, "maximum": 0.251},
    "state": {"type": "string", "enum": ["open", "paid & sent"]},
    "size": {"type": ["null", "string"], "minLength": 3, "maxLength": 8},
    "flag": {"type": "boolean"},
    "id": {"type": "string", "format": "uuid"},
    "day": {"type": "string", "format": "date"},
    "either": {"anyOf": [{"type": "object"}, {"$ref": "#/components/schemas/Page~1size"}]},
    "fixed": {"const": "é"},
    "usual": {"type": "string", "pattern": "^a+$", "default": "aaa"},
}
API = {
    "openapi": "3.1.0",
    "servers": [{"url": "https://shop.example/{version}/", "variables": {"version": {"default": "v2"}}}],
    "components": {
        "schemas": {"Page/size": {"type": "integer", "minimum": 7, "maximum": 7}},
        "parameters": {"Id": {"name": "id", "in": "path", "required": True, "examples": {"a": {"value": "a/b"}}}},
    },
    "paths": {
        "/orders/{id}": {"parameters": [{"$ref": "#/components/parameters/Id"}], "get": {}, "delete": {}},
        "/search": {
            "get": {"parameters": [{"name": name, "in": "query", "schema": schema} for name, schema in SCHEMAS.items()]}
        },
        "/tags": {
            "get": {
                "parameters": [
                    {"name": "of", "in": "query", "required": True, "example": [1, 2], "explode": False},
                    {"name": "or", "in": "query", "required": True, "example": [1, 2]},
                    {"name": "X-Trace", "in": "header"},
                ]
            }
        },
        "/keyed": {"get": {"parameters": [{"name": "X-Key", "in": "header", "required": True}]}},
        "/patterned/{code}": {
            "get": {"parameters": [{"name": "code", "in": "path", "schema": {"type": "string", "pattern": "^\\d+$"}}]}
        },
        "/undeclared/{id}": {"get": {}},
        "/posted": {"post": {}},
        "x-note": {"get": {}},
    },
}


def test_what_is_drawn_from_a_description_agrees_with_it(tmp_path: Path, write: Write) -> None:
    targets = read_also(write("openapi.json", API), tmp_path)
    assert targets == read_also(write("openapi.yaml", yaml.safe_dump(API)), tmp_path)
    others = ["/v2/orders/a%2Fb", "/v2/tags?of=1%2C2&or=1&or=2"]
    assert [target for target in targets if "/search" not in target] == others
    assert "/v2/search" in targets
    store = {"components": API["components"]}
    seen = set()
    for seed in range(60):  # enough of them that each parameter is in some
        renamed = API | {"paths": {f"/search{seed}": API["paths"]["/search"]}}  # type: ignore[index]
        for target in draw_requests("also", renamed, MOST):
            for name, value in parse_qsl(urlsplit(target).query, strict_parsing=True, keep_blank_values=True):
                seen.add(name)
                plain = value if SCHEMAS[name].get("type") in ("string", ["null", "string"]) else _read(value)
                jsonschema.validate(plain, store | SCHEMAS[name])
    assert seen == SCHEMAS.keys()


def _read(value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        return value


def test_swagger_s_own_forms_are_read(tmp_path: Path, write: Write) -> None:
    page = {"name": "page", "in": "query", "required": True, "type": "integer", "minimum": 3, "maximum": 3}
    swagger = {"swagger": "2.0", "basePath": "/v1", "paths": {"/orders": {"get": {"parameters": [page]}}}}
    assert read_also(write("swagger.json", swagger), tmp_path) == ["/v1/orders?page=3"]


@pytest.mark.parametrize(
    ("schema", "varies"),
    [
        ({"type": "integer", "default": 20, "minimum": 0}, True),
        ({"type": "boolean", "default": False}, True),
        ({"type": "integer", "default": 20}, False),
        ({"type": "integer", "default": 20, "minimum": 0, "example": 20}, False),
        ({"type": "string", "default": "new"}, False),
    ],
)
def test_more_than_the_default_is_drawn_where_it_is_known_what(schema: dict[str, Any], varies: bool) -> None:
    page = {"name": "page", "in": "query", "required": True, "schema": schema}
    paths = {f"/{index}": {"get": {"parameters": [page]}} for index in range(20)}
    values = {target.partition("?")[2] for target in draw_requests("also", {"paths": paths}, MOST)}
    assert f"page={json.dumps(schema['default'])}".replace('"', "") in values
    assert (len(values) > 1) is varies


def test_many_operations_are_drawn_from_less_often(tmp_path: Path, write: Write) -> None:
    page = {"name": "page", "in": "query", "schema": {"type": "integer", "maximum": 10**9}}
    for operations, most in ((10, 10 * DRAWS), (MOST, MOST)):
        paths = {f"/{index}": {"get": {"parameters": [page]}} for index in range(operations)}
        targets = read_also(write("openapi.json", {"paths": paths}), tmp_path)
        assert operations <= len(targets) <= most


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("none.txt", None, "also='none.txt' is no file that can be read in "),
        ("/api/orders/1", None, r".*; one target is written also=\('/api/orders/1',\)$"),
        ("\0", None, r"also='\\x00' is no file"),
        ("a.txt", b"\xff", "also='a.txt' is no text in UTF-8"),
        ("a.txt", "# nothing\n", "also='a.txt' has no request"),
        ("a.txt", "/a\napi/orders\n", "also='a.txt' has 'api/orders', which does not begin with /"),
        ("a.txt", "GET /a\n", "also='a.txt' has 'GET /a', which does not begin with /"),
        ("a.txt", "/caf\u00e9\n", "also='a.txt' has '/caf\u00e9', in which blanks and other letters must be escaped"),
        ("a.txt", "/a b\n", "also='a.txt' has '/a b', in which blanks"),
        ("a.txt", "\n".join(f"/{index}" for index in range(MOST + 1)), "also='a.txt' has 501 requests"),
        ("a.json", "{", "also='a.json' is not JSON: "),
        ("a.json", "[" * 100_000, "also='a.json' is not JSON: "),
        ("a.yaml", "a: [", "also='a.yaml' is not YAML: "),
        ("a.yaml", "[" * 500, "also='a.yaml' is not YAML: "),
        ("a.har", {"log": {"entries": []}}, "also='a.har' is a HAR without entries"),
        ("a.har", {}, "also='a.har' is a HAR without entries"),
        (
            "a.har",
            {"log": {"entries": [entry("https://a/b", "POST")]}},
            "also='a.har' has 1 entries and no GET",
        ),
        ("a.json", {}, "also='a.json' is neither a HAR nor an OpenAPI document"),
        ("a.json", {"paths": {"/a": {"post": {}}}}, "also='a.json' has no GET operation"),
        ("a.json", {"paths": {"/{a}": {"get": {}}}}, "also='a.json' has 1 GET operations, and none can be drawn"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line(
    tmp_path: Path, write: Write, name: str, content: Any, said: str
) -> None:
    if content is not None:
        write(name, content)
    with pytest.raises(UsageError, match=said) as raised:
        read_also(name, tmp_path)
    assert re.fullmatch(r"[^\n]+", str(raised.value))


@pytest.mark.parametrize("source", [None, 3, ["a"], [3], [["/a"]], ["https://a/b"]])
def test_what_is_no_list_of_targets_is_refused(tmp_path: Path, source: Any) -> None:
    with pytest.raises(UsageError, match=r"^also"):
        read_also(source, tmp_path)


words = (
    st.sampled_from(
        ["paths", "/{a}", "get", "parameters", "name", "in", "query", "path", "required", "example", "$ref"]
    )
    | st.sampled_from(["schema", "type", "integer", "minimum", "enum", "items", "array", "anyOf", "#/paths", "\ud800"])
    | st.sampled_from(
        ["servers", "url", "variables", "log", "entries", "request", "response", "method", "GET", "http://a"]
    )
)
documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=5),
    max_leaves=15,
)
places = st.sampled_from(["path", "query"])
parameters = st.lists(documents | st.fixed_dictionaries({"in": places, "schema": documents}))


@settings(deadline=None)
@given(document=documents, given_parameters=documents | parameters)
def test_a_strange_document_gives_targets_or_one_error(document: Any, given_parameters: Any) -> None:
    paths = {"/a/{None}": {"get": {"parameters": given_parameters}}, "/b": document}
    described = (document if isinstance(document, dict) else {}) | {"paths": paths}
    recorded = {"log": {"entries": document if isinstance(document, list) else [document]}}
    for read, content in (
        (list_requests, document),
        (list_requests, recorded),
        (partial(draw_requests, most=MOST), document),
        (partial(draw_requests, most=MOST), described),
    ):
        try:
            targets = read("also", content)
        except UsageError:
            continue
        assert targets
        assert all(target.isascii() and " " not in target for target in targets)

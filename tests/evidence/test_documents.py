"""Identities of answers: equal where clients see the same, and explained where they differ."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfstudy.errors import UsageError
from perfstudy.evidence import documents
from perfstudy.evidence.document_differences import describe_differences, drop_paths, find_differing_paths
from perfstudy.evidence.documents import DEEPEST, choose_identity, identify_json
from perfstudy.evidence.json_paths import Wildcard, check_paths, format_path, generalise, parse_path

leaves = (
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.sampled_from([2**53, 2**53 + 1])
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(), max_size=4)
)
names = st.sampled_from("abc") | st.text(max_size=4)
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
    max_leaves=20,
)


limits = st.sampled_from([documents.KEPT, 60, 0])
"""Up to how many characters a document is kept whole: all of these tests' documents, some, none."""


def identify_both(pair: tuple[Any, Any], limit: int) -> tuple[str, str]:
    """Return the identities of two answers of which documents up to *limit* are kept whole."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(documents, "KEPT", limit)
        return identify(pair[0]), identify(pair[1])


def shuffle(value: Any, draw: Any) -> Any:
    """Return *value* with its members in another order."""
    if isinstance(value, dict):
        members = draw(st.permutations(list(value.items())))
        return {name: shuffle(inner, draw) for name, inner in members}
    return [shuffle(inner, draw) for inner in value] if isinstance(value, list) else value


def identify(value: Any) -> str:
    """Return the identity of an answer with the document *value*."""
    return identify_json(200, json.dumps(value).encode())


@settings(deadline=None)
@given(value=values, data=st.data())
def test_order_of_members_blanks_and_escapes_make_no_difference(value: Any, data: st.DataObject) -> None:
    other = shuffle(value, data.draw)
    plain = json.dumps(value, ensure_ascii=data.draw(st.booleans()) or "\\ud" in json.dumps(value))
    spaced = json.dumps(other, indent=data.draw(st.sampled_from([None, 0, 3])), separators=(" ,", " : "))
    assert identify_json(200, plain.encode()) == identify_json(200, f" \r\n{spaced}\t".encode())
    assert identify_json(200, plain.encode()) != identify_json(201, plain.encode())


related = st.tuples(values, values) | values.flatmap(
    lambda value: st.tuples(st.just({"a": value, "b": [value, 1]}), values.map(lambda b: {"a": b, "b": [value, 1]}))
)


@settings(deadline=None)
@given(pair=related, limit=limits)
def test_paths_are_found_where_identities_differ_and_nowhere_else(pair: tuple[Any, Any], limit: int) -> None:
    one, other = identify_both(pair, limit)
    paths = find_differing_paths(one, other)
    assert (paths == []) == (one == other) == (describe_differences(one, other) == "")
    assert paths == find_differing_paths(other, one) == [format_path(parse_path(path)) for path in paths]


@settings(deadline=None)
@given(pair=related, limit=limits)
def test_without_the_differing_paths_documents_are_equal(pair: tuple[Any, Any], limit: int) -> None:
    one, other = identify_both(pair, limit)
    paths = find_differing_paths(one, other)
    for dropped in (paths, [generalise(path) for path in paths]):
        assert find_differing_paths(drop_paths(one, dropped), drop_paths(other, dropped)) == []


@given(steps=st.lists(st.text(max_size=5) | st.integers(0, 10**9 - 1) | st.sampled_from(Wildcard)))
def test_a_path_is_read_as_it_is_written(steps: list[Any]) -> None:
    assert parse_path(format_path(tuple(steps))) == tuple(steps)
    check_paths([format_path((*steps, "end"))])


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ('{"a": 1.10}', '{"a": 11e-1}', True),
        ('{"a": -0.0}', '{"a": 0.0}', True),
        ('{"a": 1}', '{"a": 1.0}', False),
        ("[9007199254740993]", "[9007199254740992]", False),
        ("[true]", "[1]", False),
        ('{"a": 1, "a": 2}', '{"a": 2}', False),
        ('{"a": 1, "a": 2}', '{"a": 1,"a": 2}', False),
        ("[NaN]", "[ NaN]", False),
        ("[1e999]", "[1e998]", False),
        ("<p>1</p>", "<p>1</p> ", False),
        ("[" * (DEEPEST + 1) + "]" * (DEEPEST + 1), "[" * (DEEPEST + 1) + " " + "]" * (DEEPEST + 1), False),
        ("[" * 100_000, "[" * 100_000 + " ", False),
        ("[" + "1" * 5000 + "]", "[ " + "1" * 5000 + "]", False),
    ],
)
def test_what_clients_read_alike_is_equal_and_what_they_do_not_is_compared_by_bytes(
    one: str, other: str, equal: bool
) -> None:
    assert (identify_json(200, one.encode()) == identify_json(200, other.encode())) is equal


def test_what_is_no_document_has_a_status_a_kind_and_a_size() -> None:
    assert identify_json(204, b"") == "204 empty"
    assert identify_json(200, b"\xff\xfe").startswith("200 bytes ")
    assert identify_json(200, '{"a":1}'.encode("utf-16")).startswith("200 bytes ")


LONG = {"items": [{"id": index, "price": 1.5} for index in range(20_000)], "total": 20_000}


def test_an_identity_is_short_however_long_the_document_is() -> None:
    one, other = identify(LONG), identify(LONG | {"items": [{"id": 0, "price": 2}, *LONG["items"][1:]]})
    assert len(one) < 300
    assert find_differing_paths(one, other) == ["$.items[*].price"]
    assert drop_paths(one, ["$.items[*].price"]) == drop_paths(other, ["$.items[*].price"])
    assert drop_paths(one, ["$.items[0].price"]) == one
    many = {f"{index:09}": index for index in range(20_000)}
    assert len(identify(many)) < 100
    assert find_differing_paths(identify(many), identify(many | {"x": 1})) == ["$"]


def test_what_is_left_of_a_long_document_is_compared_with_a_short_one() -> None:
    one, short = identify(LONG), identify(LONG | {"items": []})
    assert find_differing_paths(one, short) == ["$.items[*]", "$.items[*].id", "$.items[*].price"]
    assert find_differing_paths(*(drop_paths(each, ["$.items[*]"]) for each in (one, short))) == []


@pytest.mark.parametrize(
    ("expected", "found", "said"),
    [
        ({"a": [{"b": 12.0}]}, {"a": [{"b": 12.5}]}, "$.a[0].b is 12.5, and the reference answers 12.0"),
        ({"a": 1}, {"a": "1"}, '$.a is "1", and the reference answers 1'),
        ({"a": 1}, {}, "$.a is missing, and the reference answers 1"),
        ({}, {"a b": None}, '$["a b"] is null, and the reference has none'),
        ({"a": []}, {"a": {"b": 1}}, "$.a is an object of 1 member, and the reference answers a list of 0 elements"),
        ([1, 2, 3], [1], "$ has 1 element, and the reference has 3"),
        ([1, 2, 2], [2, 1, 2], "$ has the same elements in another order"),
        ("x" * 50, "\x1b[31m\n", f'$ is "\\x1b[31m\\n", and the reference answers "{"x" * 40}…"'),
        (
            {"user": {"api_key": "old"}},
            {"user": {"api_key": "new"}},
            "$.user.api_key differs, and is not shown because it may be secret",
        ),
        ("eyJh.eyJz.a", "eyJh.eyJz.b", "$ differs, and is not shown because it may be secret"),
        (
            [1, 2, 3, 4, 5],
            [6, 7, 8, 9, 0],
            "$[0] is 6, and the reference answers 1; $[1] is 7, and the reference answers 2; "
            "$[2] is 8, and the reference answers 3; … and 2 more",
        ),
    ],
)
def test_differences_are_named_in_words(expected: Any, found: Any, said: str) -> None:
    assert describe_differences(identify(expected), identify(found)) == said


def test_differences_of_status_and_of_bodies_that_are_no_documents_are_named() -> None:
    page = identify_json(200, b"<p>busy</p>")
    assert describe_differences(identify([1]), identify_json(500, b"")) == (
        "the status is 500, and the reference answers 200"
    )
    assert describe_differences(identify([1]), page).startswith("the body is 11 bytes (")
    assert describe_differences(page, identify([1])).startswith(
        "the body is a JSON document, and the reference's is 11"
    )


@pytest.mark.parametrize(
    "path", ["a", "", "$.", "$..a", "$.a[", "$.a[x]", "$.a[-1]", '$["a', '$["\\x"]', "$ .a", "$.a b", "$"]
)
def test_a_malformed_path_is_refused_in_one_line(path: str) -> None:
    with pytest.raises(UsageError, match=r"^[^\n]+$"):
        check_paths([path])


def test_one_text_is_no_tuple_of_paths() -> None:
    with pytest.raises(UsageError, match=r"write ignore=\('\$\.a',\)"):
        check_paths("$.a")


def test_paths_are_refused_where_no_documents_are_compared() -> None:
    check_paths((), "bytes")
    with pytest.raises(UsageError, match="identity='bytes' compares no documents"):
        check_paths(["$.a"], "bytes")


def test_an_identity_is_chosen_by_name_or_is_a_function() -> None:
    assert choose_identity("status")(404, b"x") == "404"
    assert choose_identity("bytes")(200, b"{}") != choose_identity("bytes")(200, b"{ }")
    assert choose_identity(lambda status, body: body.decode()[:1])(200, b"abc") == "200 own a"
    with pytest.raises(UsageError, match="unknown identity 'jsn': did you mean json"):
        choose_identity("jsn")
    with pytest.raises(UsageError, match="neither a name"):
        choose_identity(3)  # type: ignore[arg-type]


def test_a_function_that_fails_is_named() -> None:
    def first(status: int, body: bytes) -> str:
        return json.loads(body)["first"]  # type: ignore[no-any-return]

    with pytest.raises(UsageError, match=r"identity=.*first failed for status 200: KeyError"):
        choose_identity(first)(200, b"{}")
    with pytest.raises(UsageError, match="must return a text"):
        choose_identity(first)(200, b'{"first": 1}')

"""What the reference answers differently by itself is compared for no arm."""

import json
from typing import Any

import pytest

from perfstudy.drivers.http import Exchange
from perfstudy.errors import UsageError
from perfstudy.evidence import documents
from perfstudy.evidence.document_differences import leave_out
from perfstudy.evidence.documents import identify_bytes, identify_json
from perfstudy.evidence.equivalence import find_common_identity
from perfstudy.evidence.own_differences import compare_answers, find_own_differences


def identify(**answers: Any) -> dict[str, str]:
    """Return the identities of answers 200 with these documents, by request."""
    return {f"/{name}": identify_json(200, json.dumps(value).encode()) for name, value in answers.items()}


def answer(value: Any) -> Exchange:
    """Return an answer 200 with this document."""
    return Exchange(200, {}, json.dumps(value).encode(), 1)


ONE = {"at": 1, "items": [{"id": 1, "seen": 5}, {"id": 2, "seen": 6}]}
TWO = {"at": 2, "items": [{"id": 1, "seen": 7}, {"id": 2, "seen": 8}]}
WRONG = {"at": 3, "items": [{"id": 1, "seen": 9}, {"id": 3, "seen": 8}]}


@pytest.mark.parametrize("kept", [documents.KEPT, 10])
def test_an_arm_may_differ_where_the_control_does_and_nowhere_else(kept: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "KEPT", kept)
    reference = identify(a=ONE, b=ONE)
    own = find_own_differences(reference, identify(a=TWO, b=ONE))
    own.check()
    assert own.list_dropped() == ["/a: $.at, $.items[*].seen"]
    assert compare_answers(reference, identify(a=TWO | {"at": 7}, b=ONE), own) == []
    wrong = compare_answers(reference, identify(a=WRONG, b=TWO), own)
    assert [line.partition(":")[0] for line in wrong] == ["/a", "/b"]
    if kept > 10:
        assert wrong[0] == "/a: $.items[1].id is 3, and the reference answers 2"


def test_what_is_ignored_is_compared_for_no_arm() -> None:
    kept = leave_out(identify_json, ["$.at", "$.items[*].seen"])
    one, two, wrong = ({"/a": kept(200, json.dumps(value).encode())} for value in (ONE, TWO, WRONG))
    own = find_own_differences(one, two)
    assert (own.dropped, own.random) == ({}, {})
    assert compare_answers(one, two, own) == []
    assert len(compare_answers(one, wrong, own)) == 1


def test_what_is_ignored_may_differ_between_cold_and_warm() -> None:
    both = [answer(ONE), answer(TWO)]
    kept = leave_out(identify_json, ["$.at", "$.items[*].seen"])
    assert find_common_identity(both, kept) == identify_json(200, b'{"items": [{"id": 1}, {"id": 2}]}')
    assert find_common_identity(both, identify_bytes) == "differs between cold and warm"


@pytest.mark.parametrize(
    ("reference", "control", "how"),
    [
        (identify(a={"at": 1, "of": []}), identify(a={"at": 2, "of": []}), "$.at is 2, and the reference answers 1"),
        (identify(a=[1, 2, 3]), identify(a=[3, 2, 1]), "$ has the same elements in another order"),
        (identify(a=[1]), {"/a": identify_json(429, b"")}, "the status is 429, and the reference answers 200"),
        (identify(a=[1]), {}, "the answer is missing"),
        ({"/a": identify_json(200, b"<p>1</p>")}, {"/a": identify_json(200, b"<p>2</p>")}, "the body is 8 bytes"),
        (
            {"/a": 'differs between cold and warm: {\'200 json {"token":"x"}\'}'},
            identify(a=[1]),
            "the reference's answer differs between cold and warm:",
        ),
    ],
)
def test_answers_of_which_nothing_stays_the_same_are_random(
    reference: dict[str, str], control: dict[str, str], how: str
) -> None:
    own = find_own_differences(reference, control)
    assert not own.dropped
    with pytest.raises(UsageError) as raised:
        own.check()
    assert str(raised.value).startswith(f"answers are random: to /a the reference's control answers otherwise, {how}")
    assert str(raised.value).endswith("name what to compare with identity=")


def test_long_answers_of_which_nothing_stays_the_same_are_random(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "KEPT", 10)
    assert find_own_differences(identify(a=[{"id": 123}]), identify(a=[{"id": 456}])).random.keys() == {"/a"}
    own = find_own_differences(identify(a=[{"id": 123, "b": 1}]), identify(a=[{"id": 456, "b": 1}]))
    assert own.dropped == {"/a": ("$[*].id",)}

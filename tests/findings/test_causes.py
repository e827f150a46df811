"""Why two arms differ, from evidence that is stored: the listing's own, and planted ones."""

import re
from typing import Any

import pytest

from perfstudy.findings.causes import MOST, attach_shapes, describe_cause
from perfstudy.results.published import load_published

Rows = dict[tuple[str, str, str, str], dict[str, Any]]


@pytest.fixture(scope="module")
def rows() -> Rows:
    """The evidence of every step of the published ladder."""
    run = load_published("ladder-medium")
    return attach_shapes(run.evidence, run.plans)


LAST = "index+related+values+connections+gunicorn"


@pytest.mark.parametrize(
    ("before", "after", "scenario", "temperature", "sentences"),
    [
        (
            "baseline",
            "index",
            "page",
            "cold",
            [r"rows read in vain", r"statement \d reads ads_programregistry by", r"pages"],
        ),
        ("index", "index+related", "page", "cold", [r"[\d,]+ statements became \d", r"serialize", r"pages"]),
        (
            "index+related",
            "index+related+values",
            "page",
            "cold",
            [r"serialize", r"1 of \d statements has another text"],
        ),
        (
            LAST,
            f"{LAST}+cache",
            "page",
            "warm",
            [r"the answer came from the cache", r"\d statements became 0", r"db .* became 0"],
        ),
        (LAST, f"{LAST}+cache", "page", "cold", []),
        ("baseline", "index", "noop", "cold", []),
    ],
    ids=["index", "related", "values", "cache", "cache cold", "noop"],
)
def test_each_step_of_the_listing_has_its_cause(
    rows: Rows, before: str, after: str, scenario: str, temperature: str, sentences: list[str]
) -> None:
    one, other = rows[before, "medium", scenario, "cold"], rows[after, "medium", scenario, temperature]
    found = describe_cause(one, other)
    assert len(found) == len(sentences)
    for pattern, sentence in zip(sentences, found, strict=True):
        assert re.search(pattern, sentence), found


def test_no_evidence_differs_from_itself_and_none_has_too_many_causes(rows: Rows) -> None:
    for one in rows.values():
        assert describe_cause(one, one) == []
        assert all(len(describe_cause(one, other)) <= MOST for other in rows.values())


SEQ, INDEX = "Limit\n  Seq Scan on item", "Limit\n  Index Scan on item using item_kind"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"statement_count": 41}, {"statement_count": 2}, ["41 statements became 2"]),
        ({"statement_count": 1}, {"statement_count": 12}, ["1 statement became 12"]),
        ({"bytes": 12_400}, {"bytes": 3_100}, ["12.4 kB became 3.10 kB"]),
        ({"bytes": 12_400}, {"bytes": 12_410}, []),
        ({"buffers_hit": 1240, "buffers_read": 0}, {"buffers_hit": 18}, ["1,240 pages of the database became 18"]),
        ({"buffers_hit": 7, "buffers_read": 3}, {"buffers_hit": 10, "buffers_read": 0}, []),
        ({"phases_ms": {"db": 12}}, {"phases_ms": {"db": 3}}, ["Server-Timing: db 12.0 ms became 3.00 ms"]),
        ({"phases_ms": {"db": 0.9}}, {"phases_ms": {"db": 0.1}}, []),
        ({"phases_ms": {"total": 90}}, {"phases_ms": {"total": 9}}, []),
        ({"cache": "HIT"}, {"cache": "MISS"}, ["the answer no longer came from the cache"]),
        (
            {"statement_count": 3, "statements": {"a": 3}, "buffers_hit": 90},
            {"statement_count": 0, "statements": {}, "buffers_hit": 0},
            ["3 statements became 0"],
        ),
        (
            {"shapes": {"a": SEQ}},
            {"shapes": {"a": INDEX}},
            ["statement 1 reads item by an index scan using item_kind instead of a sequential scan"],
        ),
        (
            {"shapes": {"a": "Sort\n  Seq Scan on item"}, "statements": {"z": 1, "a": 1}},
            {"shapes": {"a": "Unique\n  Seq Scan on item"}, "statements": {"z": 1, "a": 1}},
            ["statement 2 has the node Unique instead of Sort"],
        ),
        ({"shapes": {"a": SEQ}}, {"shapes": {"b": INDEX}}, []),
        ({"statements": {"a": 2, "b": 2}}, {"statements": {"a": 1, "c": 3}}, ["3 of 4 statements have another text"]),
        ({"statement_count": 5, "bytes": 9}, {"bytes": 9}, []),
        ({}, {"statement_count": 5}, []),
        ({"statement_count": 0, "statements_known": False}, {"statement_count": 5, "statements_known": True}, []),
    ],
)
def test_planted_differences_are_named(before: dict[str, Any], after: dict[str, Any], expected: list[str]) -> None:
    assert describe_cause(before, after) == expected


def test_the_weightiest_cause_stands_first() -> None:
    before = {"statement_count": 21, "bytes": 10_000, "buffers_hit": 66, "cache": None}
    after = {"statement_count": 1, "bytes": 9_000, "buffers_hit": 3, "cache": None}
    assert [sentence.split()[1] for sentence in describe_cause(before, after)] == ["statements", "pages", "kB"]
    assert describe_cause(before, after | {"cache": "HIT"})[0] == "the answer came from the cache"

"""Statements: literals go, names and structure stay."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfstudy.evidence.statements import count_statements, normalise, read_statements


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT a FROM t WHERE b = 'x'", "SELECT a FROM t WHERE b = ?"),
        ("SELECT a FROM t WHERE b = 'it''s' AND c = 12", "SELECT a FROM t WHERE b = ? AND c = ?"),
        ('SELECT "t1"."a2" FROM "t1" LIMIT 20', 'SELECT "t1"."a2" FROM "t1" LIMIT ?'),
        ("SELECT a FROM t WHERE id IN (1, 2, 33)", "SELECT a FROM t WHERE id IN (?)"),
        ("SELECT a\n  FROM t WHERE d = '2025-01-01'::date", "SELECT a FROM t WHERE d = ?"),
        ("SELECT 1 AS a", "SELECT ? AS a"),
    ],
)
def test_normalised(sql: str, expected: str) -> None:
    assert normalise(sql) == expected


@given(st.lists(st.integers(0, 10**12), min_size=2, max_size=50), st.text().map(lambda t: t.replace("\x00", "")))
def test_literals_do_not_matter(ids: list[int], name: str) -> None:
    quoted = name.replace("'", "''")
    sql = f"SELECT a FROM t WHERE id IN ({', '.join(map(str, ids))}) AND name = '{quoted}'"
    assert normalise(sql) == "SELECT a FROM t WHERE id IN (?) AND name = ?"


def test_only_the_statements_of_the_request_are_read(tmp_path: Path) -> None:
    log = tmp_path / "log"
    entries = [("a", "SELECT 1"), ("b", "SELECT 2"), ("a", "SELECT 3")]
    log.write_text("".join(json.dumps({"request": r, "sql": s, "duration": 0.5}) + "\n" for r, s in entries))
    assert [statement.sql for statement in read_statements(log, "a")] == ["SELECT 1", "SELECT 3"]
    assert count_statements(read_statements(log, "a")) == {"SELECT ?": 2}

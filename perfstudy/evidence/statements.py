"""The statements of one request, read from the service's statement log."""

import json
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

LITERAL = re.compile(r"'(?:[^']|'')*'(?:::[a-z ]+)?|(?<![\w.$\"])-?\d+(?:\.\d+)?\b")
LIST = re.compile(r"\(\s*\?(?:\s*,\s*\?)+\s*\)")


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement as it was sent, with its parameters filled in.

    ``seconds`` is its time as measured by the service.
    """

    sql: str
    seconds: float

    @property
    def normalised(self) -> str:
        """The statement with ``?`` for each literal, and one ``?`` for a list of them."""
        return normalise(self.sql)


def normalise(sql: str) -> str:
    """Return *sql* with its literals replaced by ``?``.

    Statements that differ only in literals have equal texts.

    >>> normalise("SELECT a FROM t WHERE b = 'x''y' AND c IN (1, 2) LIMIT 20")
    'SELECT a FROM t WHERE b = ? AND c IN (?) LIMIT ?'
    """
    return LIST.sub("(?)", LITERAL.sub("?", " ".join(sql.split())))


def read_statements(log: Path, request: str) -> list[Statement]:
    """Return the statements sent for the request with the id *request*, in order."""
    with log.open(encoding="utf-8") as lines:
        entries = [json.loads(line) for line in lines if line.strip()]
    return [Statement(entry["sql"], entry["duration"]) for entry in entries if entry["request"] == request]


def count_statements(found: list[Statement]) -> dict[str, int]:
    """Return how often each normalised statement was sent, in order of first use."""
    return dict(Counter(statement.normalised for statement in found))

"""What a query selects, its order, and the document, for the ORM and for SQL."""

import re
from typing import Any, Literal, NamedTuple

from perfstudy.listing import exact
from perfstudy.listing.contract import ANY_STATUS, Expression, Position, Query

ORDER: tuple[tuple[str, Literal["ASC", "DESC"]], ...] = (("start_date", "DESC"), ("program_id", "ASC"))
"""A total order within a tenant, so that pages neither overlap nor leave gaps; PostgreSQL puts NULL before any date."""

MEMBERS = ("programs", "total_count", "offset", "limit", "from_cache")
"""What the document of an answer has, in order."""
HEAD = b'{"programs":['
"""What the body of an answer begins with."""
TOTAL, TAIL_BYTES = b'"total_count":', 160
"""Where a body states the number of programs, and within how many bytes of its end."""


class Condition(NamedTuple):
    """A condition on a column; the operator is the ORM's lookup."""

    column: str
    operator: Literal["exact", "lt", "lte", "gt", "isnull", "icontains"]
    value: Any

    def sql(self, table: str) -> Expression:
        """Return it as SQL on *table*."""
        if self.operator == "isnull":
            return f"{table}.{self.column} IS {'' if self.value else 'NOT '}NULL", []
        if self.operator == "icontains":
            return _contains(table, self.column, self.value)
        return f"{table}.{self.column} {SQL_OPERATORS[self.operator]} %s", [self.value]


def _contains(table: str, column: str, text: str) -> Expression:
    """Return SQL that tests as Django's ``icontains`` does."""
    pattern = "%" + re.sub(r"([\\\\%_])", r"\\\1", text) + "%"
    if column == NAME_OF_BUSINESS:
        names = "SELECT id FROM ads_business WHERE upper(name) LIKE upper(%s)"
        return f"{table}.business_id IN ({names})", [pattern]
    return f"upper({table}.{column}) LIKE upper(%s)", [pattern]


NAME_OF_BUSINESS = "business__name"
"""The one column of another table, as the ORM names it."""

SQL_OPERATORS = {"exact": "=", "lt": "<", "lte": "<=", "gt": ">"}

Conditions = list[tuple[Condition, ...]]
"""One condition of each tuple must be true."""


def filters(query: Query) -> Conditions:
    """Return the conditions on a program, apart from where the page starts."""
    wanted = {
        "username": query.tenant,
        "status": None if query.status == ANY_STATUS else query.status,
        "yelp_business_id": query.business_id,
        "program_name": query.program_type,
    }
    exact = [(Condition(column, "exact", value),) for column, value in wanted.items() if value is not None]
    if query.search is None:
        return list(exact)
    return [
        *exact,
        tuple(Condition(name, "icontains", query.search) for name in ("yelp_business_id", NAME_OF_BUSINESS)),
    ]


def following(position: Position) -> Conditions:
    """Return what follows *position*; programs without a start come first."""
    start, program = position
    later = Condition("program_id", "gt", program)
    if start is None:
        return [(Condition("start_date", "isnull", False), later)]
    # The first condition alone tells an index where to begin.
    return [(Condition("start_date", "lte", start),), (Condition("start_date", "lt", start), later)]


def where(conditions: Conditions, table: str) -> Expression:
    """Return *conditions* as SQL on *table*."""
    clauses, values = [], []
    for either in conditions:
        parts = [condition.sql(table) for condition in either]
        clause = " OR ".join(sql for sql, _ in parts)
        clauses.append(f"({clause})" if len(parts) > 1 else clause)
        values += [value for _, given in parts for value in given]
    return " AND ".join(clauses), values


def order_by(table: str) -> str:
    """Return the order as SQL on *table*."""
    return ", ".join(f"{table}.{column} {direction}" for column, direction in ORDER)


def document(query: Query, total: int, programs: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the answer to *query*, its members in order."""
    offset = None if query.after else 0 if query.everything else query.offset
    limit = None if query.everything else query.limit
    return dict(zip(MEMBERS, (programs, total, offset, limit, False), strict=True))


def body(query: Query, total: int, programs: bytes) -> bytes:
    """Return the answer to *query* as JSON, of which *programs* are written already."""
    return b"".join((HEAD, programs, exact.encode(document(query, total, [])).removeprefix(HEAD)))


def tail(*, from_cache: bool) -> bytes:
    """Return what a body ends with."""
    return b',"from_cache":true}' if from_cache else b',"from_cache":false}'


def total_of(body: bytes) -> int | None:
    """Return the number of programs that *body* states; None if it states none."""
    _, found, rest = body[-TAIL_BYTES:].rpartition(TOTAL)
    digits = rest.partition(b",")[0]
    return int(digits) if found and digits.isdigit() else None

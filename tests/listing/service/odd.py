"""Rows as SQL may write them: whatever the columns' types allow, whether the service would have accepted it or not."""

from collections.abc import Iterable
from typing import Any

import psycopg
from hypothesis import strategies as st
from psycopg import sql

from perfstudy.listing.contract import PROGRAM_TYPES, STATUSES

TABLE = "ads_programregistry"

DATES = ("infinity", "-infinity", "0044-03-15 BC", "4713-01-01 BC", "10000-01-01", "5874897-12-31")
TIMES = ("infinity", "-infinity", "0044-03-15 12:00 BC", "10000-01-01", "9999-12-31 23:59:59.999999-12")
NUMBERS = (
    *("0", "0.00", "-0.0", "1.10", "1e-5", "-9.9e-5", "5e-324", "1e15", "1e16", "1.5e300", "1e5000", "-1e5000"),
    *("1" * 25, "12345678901234567890.5", "1234567890.123456789", "9007199254740993", "1e-400", f"{'7' * 4301}.50"),
)
NESTS = (2, 255, 256, 257, 1200, 3000)
BRACKETS = (("[", "]"), ('{"a":', "}"), ('[{"[":', "}]"))

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12) | st.sampled_from(
    ["", '"', "\\", '", "', '": ', "[" * 300, "{}", "null", "\\u0000", "\x01\x1f\x7f", "\u2028", "\ufffe", "%s", "🎯"]
)


def quoted(text: str) -> str:
    """A JSON string, escaped no more than it has to be."""
    return '"' + "".join(f"\\u{ord(c):04x}" if c in '"\\' or c < " " else c for c in text) + '"'


def nested(depth: int, within: str, brackets: tuple[str, str]) -> str:
    opening, closing = brackets
    return opening * depth + within + closing * depth


def written(members: dict[str, str]) -> str:
    return "{" + ", ".join(f"{name}: {value}" for name, value in members.items()) + "}"


numbers = st.sampled_from(NUMBERS) | st.decimals(allow_nan=False, allow_infinity=False, places=9).map("{:f}".format)
scalars = st.sampled_from(["null", "true", "false"]) | numbers | texts.map(quoted)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda parts: f"[{', '.join(parts)}]")
        | st.dictionaries(texts.map(quoted), inner, max_size=3).map(written)
    ),
    max_leaves=8,
)
lists = st.lists(values, max_size=4).map(lambda parts: f"[{','.join(parts)}]")
rare = scalars | values | st.builds(nested, st.sampled_from(NESTS), values, st.sampled_from(BRACKETS))


def mostly(usual: st.SearchStrategy[Any], odd: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """*odd* in one of twelve, so that many a page can be shown."""
    return st.integers(0, 11).flatmap(lambda n: usual if n else odd)


CHOICES = {"program_name": PROGRAM_TYPES, "status": STATUSES}


def of(column: str, kind: str, longest: int | None) -> st.SearchStrategy[str]:
    """Texts that PostgreSQL reads as values of the type *kind*."""
    if column in CHOICES:
        return st.sampled_from(CHOICES[column])
    return {
        "character varying": texts.map(lambda text: text[:longest]),
        "jsonb": mostly(lists, rare),
        "date": mostly(st.dates().map(str), st.sampled_from(DATES)),
        "timestamp with time zone": st.datetimes().map(lambda time: f"{time}+00") | st.sampled_from(TIMES),
        "numeric": mostly(
            st.decimals(-(10**10) + 1, 10**10 - 1, places=2).map("{:f}".format), st.sampled_from(["NaN", "-0.001"])
        ),
        "integer": st.integers(-(2**31), 2**31 - 1).map(str),
        "boolean": st.sampled_from(["true", "false"]),
    }[kind]


def rows(connection: psycopg.Connection, businesses: Iterable[str]) -> st.SearchStrategy[dict[str, str | None]]:
    """Rows of the table as it is at *connection*, all of one tenant; of other tables they need *businesses* alone."""
    described = connection.execute(
        "SELECT column_name, data_type, character_maximum_length, is_nullable FROM information_schema.columns"
        " WHERE table_name = %s AND column_name NOT IN ('id', 'username', 'business_id')",
        [TABLE],
    ).fetchall()
    columns = {
        name: of(name, kind, longest) if nullable == "NO" else st.none() | of(name, kind, longest)
        for name, kind, longest, nullable in described
    }
    return st.fixed_dictionaries(
        columns | {"yelp_business_id": st.sampled_from(list(businesses)) | texts.map(lambda text: text[:64])}
    )


def put(connection: psycopg.Connection, tenant: str, found: list[dict[str, Any]]) -> None:
    """Write *found* for *tenant*, one after the other, each with the business that the directory knows by its id."""
    columns = sorted(found[0]) if found else []
    statement = sql.SQL(
        "INSERT INTO ads_programregistry (username, business_id, {names}) VALUES"
        " (%(username)s, (SELECT id FROM ads_business b WHERE b.yelp_business_id = %(yelp_business_id)s), {values})"
    ).format(
        names=sql.SQL(", ").join(map(sql.Identifier, columns)), values=sql.SQL(", ").join(map(sql.Placeholder, columns))
    )
    if found:
        connection.cursor().executemany(statement, [row | {"username": tenant} for row in found])

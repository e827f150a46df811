"""Bare WSGI applications: the listing's bytes with nothing around them, the floor under any Python web service.

They verify no token, validate nothing and log nothing. What a query string asks is worked out once and cached.
"""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import psycopg
import redis

from benchmarks.rivals import asked
from perfstudy.listing.contract import Query
from perfstudy.listing.optimizations.json import statement

Start = Callable[[str, list[tuple[str, str]]], Any]
Application = Callable[[dict[str, Any], Start], Iterable[bytes]]
NOTHING = b"{}"

database = psycopg.connect(asked.DATABASE, autocommit=True)
cached = redis.Redis.from_url(asked.REDIS)


@cache
def make_constant(text: str, authorization: str) -> tuple[str, list[Any]]:
    """Return the statement whose one value is the whole answer's bytes, and its parameters."""
    found = asked.read_tenant(authorization)
    if found is None:
        raise ValueError("no tenant")
    query = asked.parse_query(text, found)
    sql, values = statement(query)
    return read_whole(sql, query), values


def read_whole(sql: str, query: Query) -> str:
    """Return the SQL that puts head and tail around what *sql* finds: the programs' text, and how many there are."""
    offset, limit = (0, "null") if query.everything else (query.offset, query.limit)
    tail = f',"offset":{offset},"limit":{limit},"from_cache":false}}'
    return f"""
        SELECT convert_to('{{"programs":[' || programs || '],"total_count":' || total || '{tail}', 'UTF8')
        FROM ({sql}) AS found (programs, unshown, total)
    """  # noqa: S608 (two numbers, and a declared statement)


def from_postgres(environ: dict[str, Any]) -> bytes:
    """Ask PostgreSQL for the finished answer, over a cached connection, by a prepared statement, in binary."""
    sql, values = make_constant(environ["QUERY_STRING"], environ.get("HTTP_AUTHORIZATION", ""))
    with database.cursor(binary=True) as cursor:
        found = cursor.execute(sql, values, prepare=True).fetchone()
    assert found is not None
    return bytes(found[0])


constants: dict[str, bytes] = {}


def from_memory(environ: dict[str, Any]) -> bytes:
    """Return the same bytes as the last time."""
    text = environ["QUERY_STRING"]
    if text not in constants:
        constants[text] = from_postgres(environ)
    return constants[text]


def from_redis(environ: dict[str, Any]) -> bytes:
    """Ask Redis for the finished answer, which was put there at the first request."""
    key = f"{asked.PREFIX}:{environ['QUERY_STRING']}"
    found = cached.get(key)
    if found is None:
        found = from_postgres(environ)
        cached.set(key, found)
    return found  # type: ignore[return-value]  # the client's type covers its asynchronous twin


def application(answer: Callable[[dict[str, Any]], bytes]) -> Application:
    """Return the application whose listing is what *answer* finds."""

    def respond(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        body = answer(environ) if environ["PATH_INFO"] == "/api/programs" else NOTHING
        start("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]

    return respond


constant = application(from_memory)
one_get = application(from_redis)
one_query = application(from_postgres)

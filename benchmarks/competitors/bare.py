"""Bare WSGI applications: a lower bound of any Python web service.

They send the listing's bytes and verify no token, validate nothing and log nothing. Each query string is parsed once,
and the result cached.
"""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import psycopg
import redis

from benchmarks.competitors import asked
from perfstudy.listing.contract import Query
from perfstudy.listing.optimizations.json import statement

Start = Callable[[str, list[tuple[str, str]]], Any]
Application = Callable[[dict[str, Any], Start], Iterable[bytes]]
NOTHING = b"{}"

database = psycopg.connect(asked.DATABASE, autocommit=True)
cached = redis.Redis.from_url(asked.REDIS)


@cache
def make_constant(text: str, authorization: str) -> tuple[str, list[Any]]:
    """Return the statement that selects the answer's bytes, and its parameters."""
    found = asked.read_tenant(authorization)
    if found is None:
        raise ValueError("no tenant")
    query = asked.parse_query(text, found)
    sql, values = statement(query)
    return read_whole(sql, query), values


def read_whole(sql: str, query: Query) -> str:
    """Return the SQL that adds head and tail to the programs' text found by *sql*.

    *sql* returns the number of programs as well.
    """
    offset, limit = (0, "null") if query.everything else (query.offset, query.limit)
    tail = f',"offset":{offset},"limit":{limit},"from_cache":false}}'
    return f"""
        SELECT convert_to('{{"programs":[' || programs || '],"total_count":' || total || '{tail}', 'UTF8')
        FROM ({sql}) AS found (programs, unshown, total)
    """  # noqa: S608 (two numbers, and a declared statement)


def from_postgres(environ: dict[str, Any]) -> bytes:
    """Return the complete answer from PostgreSQL.

    The query is a prepared statement with a binary result, over a persistent connection.
    """
    sql, values = make_constant(environ["QUERY_STRING"], environ.get("HTTP_AUTHORIZATION", ""))
    with database.cursor(binary=True) as cursor:
        found = cursor.execute(sql, values, prepare=True).fetchone()
    assert found is not None
    return bytes(found[0])


constants: dict[str, bytes] = {}


def from_memory(environ: dict[str, Any]) -> bytes:
    """Return the same bytes as before."""
    text = environ["QUERY_STRING"]
    if text not in constants:
        constants[text] = from_postgres(environ)
    return constants[text]


def from_redis(environ: dict[str, Any]) -> bytes:
    """Return the complete answer from Redis, stored there at the first request."""
    key = f"{asked.PREFIX}:{environ['QUERY_STRING']}"
    found = cached.get(key)
    if found is None:
        found = from_postgres(environ)
        cached.set(key, found)
    return found  # type: ignore[return-value]  # the client's type covers its asynchronous counterpart


def application(answer: Callable[[dict[str, Any]], bytes]) -> Application:
    """Return the application whose listing is returned by *answer*."""

    def respond(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        body = answer(environ) if environ["PATH_INFO"] == "/api/programs" else NOTHING
        start("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]

    return respond


constant = application(from_memory)
one_get = application(from_redis)
one_query = application(from_postgres)

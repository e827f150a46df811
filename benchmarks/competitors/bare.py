"""Bare WSGI applications: a lower bound of any Python web service.

They send the listing's bytes and verify no token, validate nothing and log nothing. Each query string is parsed once,
and the result cached.
"""

import socket
import threading
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any
from urllib.parse import unquote, urlsplit

import hiredis
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


class PlainRedis(threading.local):
    """A connection to Redis for each thread: a socket, and hiredis's parser of replies."""

    def __init__(self) -> None:
        place = urlsplit(asked.REDIS)
        self._socket = socket.create_connection((place.hostname or "127.0.0.1", place.port or 6379))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._reader = hiredis.Reader()
        if place.password:
            self.ask("AUTH", unquote(place.password))

    def get(self, key: str) -> Any:
        """Return the value of *key*, None if there is none."""
        return self.ask("GET", key)

    def ask(self, *command: str) -> Any:
        """Return the reply to *command*, sent in one write."""
        self._socket.sendall(hiredis.pack_command(command))  # type: ignore[arg-type]  # of any length, in truth
        while (reply := self._reader.gets()) is False:
            self._reader.feed(self._socket.recv(1 << 18))
        if isinstance(reply, hiredis.ReplyError):
            raise reply
        return reply


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


def from_redis(get: Callable[[str], Any]) -> Callable[[dict[str, Any]], bytes]:
    """Return a function that returns the complete answer by *get*, stored at the first request."""

    def answer(environ: dict[str, Any]) -> bytes:
        key = f"{asked.PREFIX}:{environ['QUERY_STRING']}"
        found: bytes | None = get(key)
        if found is None:
            found = from_postgres(environ)
            cached.set(key, found)
        return found

    return answer


def application(answer: Callable[[dict[str, Any]], bytes]) -> Application:
    """Return the application whose listing is returned by *answer*."""

    def respond(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        body = answer(environ) if environ["PATH_INFO"] == "/api/programs" else NOTHING
        start("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]

    return respond


constant = application(from_memory)
one_get = application(from_redis(cached.get))
one_get_by_socket = application(from_redis(PlainRedis().get))
one_query = application(from_postgres)

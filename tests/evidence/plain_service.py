"""A service that is not ours: plain WSGI with psycopg, which prints the port that it listens at."""

import os
import sys
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs
from wsgiref.simple_server import WSGIRequestHandler, make_server

import psycopg

LIST = "SELECT id, business_id FROM ads_programregistry WHERE business_id IS NOT NULL ORDER BY id LIMIT %s"
NAME = "SELECT name FROM ads_business WHERE id = %s"
KEPT = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
"""A connection that outlives requests, as that of a pool."""

Connection = psycopg.Connection[Any]


def ask_each(connection: Connection, n: int, **options: Any) -> None:
    """Ask for a list, then for the name of each: N+1."""
    for _, business in connection.execute(LIST, (n,), **options).fetchall():
        connection.execute(NAME, (business,), **options).fetchone()


def ask_with_cursor(connection: Connection, n: int) -> None:
    """Fetch the list from a cursor at the server, two rows at a time."""
    with connection.transaction(), connection.cursor("drawn") as cursor:
        cursor.itersize = 2
        cursor.execute(LIST, (n,))
        list(cursor)


def ask_in_transaction(connection: Connection, n: int) -> None:
    """Ask for each within a transaction that has a savepoint."""
    with connection.transaction(), connection.transaction():
        ask_each(connection, n)


def ask_for_long(connection: Connection, n: int) -> None:
    """Send one statement that is longer than 100 kB."""
    connection.execute(f"SELECT name FROM ads_business WHERE {'id = 1 OR ' * 10_000} id = %s".encode(), (n,))


ANSWERS: dict[str, Callable[[Connection, int], Any]] = {
    "each": ask_each,
    "prepared": lambda connection, n: ask_each(connection, n, prepare=True),
    "transaction": ask_in_transaction,
    "cursor": ask_with_cursor,
    "several": lambda connection, n: connection.execute(
        "SELECT 1 + 2 AS one; SELECT 'x' || 'y' AS other; SELECT 2 + 3 AS one"
    ),
    "function": lambda connection, n: connection.execute(
        "SELECT count(*) FROM ts_stat('SELECT to_tsvector(name) FROM ads_business')"
    ),
    "commented": lambda connection, n: [
        connection.execute(f"SELECT 1 + 2 AS one /* {i} */".encode()) for i in range(n)
    ],
    "long": ask_for_long,
    "nothing": lambda connection, n: None,
}


def application(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    """Answer ``/each?n=5``; over the kept connection, unless the query says ``fresh``."""
    asked = parse_qs(environ["QUERY_STRING"])
    answer, n = ANSWERS[environ["PATH_INFO"].strip("/")], int(asked.get("n", ["1"])[0])
    if "fresh" in asked:
        with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
            answer(connection, n)
    else:
        answer(KEPT, n)
    start("200 OK", [("Content-Type", "text/plain")])
    return [b"done"]


class _Silent(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing."""


if __name__ == "__main__":
    with make_server("127.0.0.1", 0, application, handler_class=_Silent) as server:
        print(server.server_port, flush=True)
        sys.stdin.close()
        server.serve_forever()

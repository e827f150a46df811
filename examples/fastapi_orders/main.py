"""A list of orders on FastAPI; ``ORDERS`` says how it asks for the lines: ``each`` order's, or ``joined``."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import psycopg
from fastapi import FastAPI, Query

app = FastAPI(title="Orders")
JOINED = os.environ.get("ORDERS", "each") == "joined"
ORDERS = "SELECT id, customer FROM orders ORDER BY id DESC LIMIT %s"
LINES = "SELECT product, count FROM lines WHERE order_id = %s ORDER BY id"
BOTH = """
SELECT o.id, o.customer, l.product, l.count
FROM (SELECT id, customer FROM orders ORDER BY id DESC LIMIT %s) o LEFT JOIN lines l ON l.order_id = o.id
ORDER BY o.id DESC, l.id
"""


@contextmanager
def connect() -> Iterator[psycopg.Connection[Any]]:
    """Give a connection to the database."""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        yield connection


@app.get("/health")
def health() -> dict[str, str]:
    """Say that the service is ready."""
    return {"status": "ok"}


@app.get("/orders")
def list_orders(limit: Annotated[int, Query(ge=1, le=100)] = 20) -> list[dict[str, Any]]:
    """List the newest orders."""
    with connect() as connection:
        return join_lines(connection, limit) if JOINED else ask_for_each(connection, limit)


def ask_for_each(connection: psycopg.Connection[Any], limit: int) -> list[dict[str, Any]]:
    """Ask for the lines of one order after the other."""
    return [
        {
            "id": number,
            "customer": customer,
            "lines": [{"product": product, "count": count} for product, count in connection.execute(LINES, (number,))],
        }
        for number, customer in connection.execute(ORDERS, (limit,)).fetchall()
    ]


def join_lines(connection: psycopg.Connection[Any], limit: int) -> list[dict[str, Any]]:
    """Ask for the lines of all orders at once."""
    orders: dict[int, dict[str, Any]] = {}
    for number, customer, product, count in connection.execute(BOTH, (limit,)):
        order = orders.setdefault(number, {"id": number, "customer": customer, "lines": []})
        if product is not None:
            order["lines"].append({"product": product, "count": count})
    return list(orders.values())

"""Rows made once for the session, and empty databases to load into."""

import secrets
from collections.abc import Callable, Iterator

import pytest
from psycopg import sql

from perfstudy.listing.dataset.generate import Rows
from perfstudy.listing.dataset.scales import SCALES
from perfstudy.listing.lab import Lab


@pytest.fixture(scope="session")
def tiny_rows() -> Rows:
    return Rows(SCALES["tiny"])


@pytest.fixture(scope="session")
def small_rows() -> Rows:
    return Rows(SCALES["small"])


@pytest.fixture
def empty(lab: Lab) -> Iterator[Callable[[], str]]:
    """A function that makes an empty database and returns its URL; all are dropped with the test."""
    made: list[str] = []

    def make() -> str:
        made.append(f"perfstudy_loading_{secrets.token_hex(6)}")
        with lab.postgres.connect() as connection:
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(made[-1])))
        return lab.postgres.url(made[-1])

    yield make
    with lab.postgres.connect() as connection:
        for name in made:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

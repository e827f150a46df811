"""Statements as PostgreSQL counts them, of a service that is not ours."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import psycopg
import pytest

from perfstudy.evidence.server_statements import Watched, watch_statements
from perfstudy.lab.access import Postgres
from perfstudy.listing.lab import Database, Lab

LIST = "SELECT id, business_id FROM ads_programregistry WHERE business_id IS NOT NULL ORDER BY id LIMIT ?"
NAME = "SELECT name FROM ads_business WHERE id = ?"
Ask = Callable[[str], None]
Serve = Callable[[str], AbstractContextManager[Ask]]


@pytest.fixture(scope="module")
def ask(lab: Lab, tiny: Database, serve_plain: Serve) -> Iterator[Ask]:
    """Ask the plain service on the smallest scale."""
    with serve_plain(lab.postgres.service_url(tiny.url)) as ask:
        yield ask


@pytest.mark.parametrize("fresh", ["", "&fresh=1"], ids=["kept", "fresh"])
@pytest.mark.parametrize(
    ("path", "statements"),
    [
        ("/each?n=7", {LIST: 1, NAME: 7}),
        ("/prepared?n=7", {LIST: 1, NAME: 7}),
        ("/transaction?n=3", {LIST: 1, NAME: 3}),
        ("/cursor?n=5", {LIST: 1}),
        ("/several?n=1", {"SELECT ? + ? AS one": 2, "SELECT ? || ? AS other": 1}),
        ("/function?n=1", {"SELECT count(*) FROM ts_stat(?)": 1}),
        ("/commented?n=4", {"SELECT ? + ? AS one": 4}),
        ("/nothing?n=1", {}),
    ],
)
def test_what_a_foreign_service_sends_is_counted_exactly(
    lab: Lab, tiny: Database, ask: Ask, path: str, statements: dict[str, int], fresh: str
) -> None:
    with watch_statements(lab.postgres, tiny.name) as seen:
        ask(path + fresh)
    assert seen.statements == statements
    assert seen.calls == sum(statements.values())
    assert (seen.obstacle, seen.doubt) == ("", "")
    assert (seen.milliseconds > 0) == bool(statements)


def test_utility_commands_stand_aside(lab: Lab, tiny: Database, ask: Ask) -> None:
    with watch_statements(lab.postgres, tiny.name) as seen:
        ask("/transaction?n=1")
    assert seen.aside == {"BEGIN": 1, "COMMIT": 1, "RELEASE": 1, "SAVEPOINT": 1}


def test_a_cursor_has_the_rows_and_pages_of_its_fetches(lab: Lab, tiny: Database, ask: Ask) -> None:
    watched: list[Watched] = []
    for path in ("/cursor?n=5", "/each?n=0"):
        with watch_statements(lab.postgres, tiny.name) as seen:
            ask(path)
        watched.append(seen)
    assert [seen.rows for seen in watched] == [5, 0]
    assert watched[0].aside["FETCH"] == 3
    assert watched[0].buffers_hit + watched[0].buffers_read > 0


def test_a_long_statement_is_kept_whole(lab: Lab, tiny: Database, ask: Ask) -> None:
    with watch_statements(lab.postgres, tiny.name) as seen:
        ask("/long?n=1")
    ((text, calls),) = seen.statements.items()
    assert calls == 1
    assert len(text) > 100_000
    assert text.endswith("OR id = ?")


def test_what_happens_before_after_or_elsewhere_is_not_counted(lab: Lab, tiny: Database, ask: Ask) -> None:
    ask("/each?n=9")
    with watch_statements(lab.postgres, tiny.name) as seen, psycopg.connect(tiny.url) as own:
        own.execute("SELECT count(*) FROM ads_business")  # the lab's role, in the same database
        with lab.postgres.connect() as elsewhere:
            elsewhere.execute("SELECT 1 + 2 AS one")
        ask("/each?n=1")
        own.commit()
    ask("/each?n=9")
    assert seen.statements == {LIST: 1, NAME: 1}
    assert seen.evidence()["statement_count"] == 2


def test_statements_of_databases_that_are_gone_are_forgotten(lab: Lab, tiny: Database) -> None:
    name = f"{tiny.name}_gone"
    with watch_statements(lab.postgres, tiny.name), lab.postgres.connect() as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
        with lab.postgres.connect(name) as inside:
            inside.execute("SELECT 1 + 2 AS one")
        row = connection.execute("SELECT oid FROM pg_database WHERE datname = %s", (name,)).fetchone()
        connection.execute(f"DROP DATABASE {name}".encode())
        count = "SELECT count(*) FROM pg_stat_statements(false) WHERE dbid = %s"
        known = connection.execute(count, row).fetchone()
        with watch_statements(lab.postgres, tiny.name):
            forgotten = connection.execute(count, row).fetchone()
    assert known != forgotten == (0,)


@pytest.fixture
def external(lab: Lab, tiny: Database) -> Iterator[Postgres]:
    """The same server, as one that runs already: its database for new ones has no extension."""
    name = f"{tiny.name}_outside"
    with lab.postgres.connect() as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
        try:
            yield Postgres.external(lab.postgres.url(name))
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def test_an_external_server_without_the_extension_says_how_to_get_it(
    external: Postgres, tiny: Database, ask: Ask
) -> None:
    with watch_statements(external, tiny.name) as seen:
        ask("/each?n=1")
    assert "not testable here" in seen.obstacle
    assert "`CREATE EXTENSION pg_stat_statements`" in seen.obstacle
    assert seen.evidence() == {}
    with external.connect() as connection:
        connection.execute("CREATE EXTENSION pg_stat_statements")
    with watch_statements(external, tiny.name) as seen:
        ask("/each?n=1")
    assert seen.statements == {LIST: 1, NAME: 1}


def test_a_database_that_is_not_tracked_says_so(external: Postgres) -> None:
    with external.connect() as connection:
        connection.execute("CREATE EXTENSION pg_stat_statements")
        connection.execute(f"ALTER DATABASE {external.maintenance} SET pg_stat_statements.track = none".encode())
    with watch_statements(external, external.maintenance) as seen:
        pass
    assert "pg_stat_statements.track is 'none'" in seen.obstacle

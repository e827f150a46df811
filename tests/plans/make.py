"""Make the folder of odd plans anew: ``.venv/bin/python -m tests.plans.make``.

Each is what PostgreSQL says of a statement of ``statements.py``, in a database that is made for it and dropped again.
Nothing of the machine is in them but times.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from perfstudy.lab.access import Postgres
from perfstudy.lab.databases import unique_name
from perfstudy.lab.processes import wait_until
from perfstudy.listing.lab import Lab
from tests.plans.statements import ASKED, TABLES, Asked

FOLDER = Path(__file__).parent / "json"


@contextmanager
def database(postgres: Postgres) -> Iterator[str]:
    """Make a database with the tables and return its URL; it is dropped at the end."""
    name = sql.Identifier(unique_name("plans"))
    with postgres.connect() as server:
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(name))
        url = postgres.url(name.as_string().strip('"'))
        try:
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute(TABLES)
                _reach(connection, url)
                wait_until(lambda: _is_vacuumed(connection), 60)
            yield url
        finally:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def _is_vacuumed(connection: psycopg.Connection[Any]) -> bool:
    """Vacuum and analyse all, and return whether every row is marked visible to all.

    A connection that begins at that moment, to any database of the server, keeps rows from being marked, and an index
    is then not read alone.
    """
    connection.execute("VACUUM ANALYZE")
    statement = "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relallvisible < relpages"
    row = connection.execute(statement + " AND relkind = 'r'").fetchone()
    return row == (0,)


def _reach(connection: psycopg.Connection[Any], url: str) -> None:
    """Make foreign tables: the database's own, seen from outside, and what a program writes."""
    place = conninfo_to_dict(url)
    far = sql.SQL("OPTIONS (host {}, port {}, dbname {}, async_capable 'true', use_remote_estimate 'true')").format(
        *(str(place[key]) for key in ("host", "port", "dbname"))
    )
    who = sql.SQL("OPTIONS (user {}, password {})").format(*(str(place.get(key, "")) for key in ("user", "password")))
    connection.execute("CREATE EXTENSION postgres_fdw; CREATE EXTENSION file_fdw")
    connection.execute("CREATE SERVER files FOREIGN DATA WRAPPER file_fdw")
    connection.execute(
        "CREATE FOREIGN TABLE told (a int, b text) SERVER files "
        "OPTIONS (program 'printf \"1,a\\n2,$\\n\"', format 'csv')"
    )
    for server in ("one", "two"):
        connection.execute(
            sql.SQL("CREATE SERVER {} FOREIGN DATA WRAPPER postgres_fdw ").format(sql.Identifier(server)) + far
        )
        connection.execute(
            sql.SQL("CREATE USER MAPPING FOR CURRENT_USER SERVER {} ").format(sql.Identifier(server)) + who
        )
    connection.execute(
        "CREATE FOREIGN TABLE far_item (id int, kind int, word text, big numeric) "
        "SERVER one OPTIONS (table_name 'item')"
    )
    connection.execute("CREATE TABLE far (id int, day int) PARTITION BY RANGE (day)")
    for number, server in enumerate(("one", "two"), start=1):
        connection.execute(
            f"CREATE FOREIGN TABLE far_{number} PARTITION OF far "
            f"FOR VALUES FROM ({100 * number - 100}) TO ({100 * number}) "
            f"SERVER {server} OPTIONS (table_name 'part_{number}')"
        )


def plan(connection: psycopg.Connection[Any], asked: Asked) -> Any:
    """Return the plan of a statement, whose work is rolled back."""
    said: list[str] = []
    with connection.transaction(force_rollback=True):
        for setting in asked.settings.split():
            name, _, value = setting.partition("=")
            connection.execute("SELECT set_config(%s, %s, true)", [name, value])
        if asked.logged:
            return _logged(connection, asked, said)
        row = connection.execute(f"EXPLAIN ({asked.options}, FORMAT JSON) {asked.sql}".encode()).fetchone()
        assert row is not None
        return row[0]


def _logged(connection: psycopg.Connection[Any], asked: Asked, said: list[str]) -> Any:
    """Return what auto_explain logs of a statement."""
    connection.execute("LOAD 'auto_explain'")
    settings = {"log_format": "json", "log_analyze": "on", "log_buffers": "on", "log_triggers": "on"}
    for name, value in {**settings, "log_level": "notice", "log_min_duration": "0"}.items():
        connection.execute("SELECT set_config(%s, %s, true)", [f"auto_explain.{name}", value])
    connection.add_notice_handler(lambda notice: said.append(notice.message_primary or ""))
    connection.execute(asked.sql.encode())
    return json.loads(said[-1].partition("plan:")[2])


def plans(postgres: Postgres) -> dict[str, Any]:
    """Return the plan of every statement, by its name."""
    found = {}
    with database(postgres) as url:
        for name, asked in ASKED.items():
            with psycopg.connect(url) as connection:
                try:
                    found[name] = plan(connection, asked)
                except psycopg.Error as error:
                    error.add_note(f"plan {name}: {asked.sql}")
                    raise
    return found


def types(plan: Any) -> set[str]:
    """Return the types of a plan's nodes, those of tables that are written to with what is done to them."""
    document = plan[0] if isinstance(plan, list) else plan
    waiting, found = [document["Plan"]], set()
    while waiting:
        node = waiting.pop()
        told = ("Parallel" if node.get("Parallel Aware") else "", node["Node Type"], node.get("Operation", ""))
        found.add(" ".join(part for part in told if part))
        waiting += node.get("Plans", ())
    return found


def main() -> None:
    """Write every plan into the folder."""
    FOLDER.mkdir(exist_ok=True)
    with Lab.start() as lab:
        made = plans(lab.postgres)
    for old in FOLDER.glob("*.json"):
        old.unlink()
    for name, plan in made.items():
        (FOLDER / f"{name}.json").write_text(json.dumps(plan, separators=(",", ":"), ensure_ascii=False) + "\n")
    kinds = sorted(set().union(*map(types, made.values())))
    sys.stdout.write(f"{len(made)} plans, {len(kinds)} types of nodes: {', '.join(kinds)}\n")


if __name__ == "__main__":
    main()

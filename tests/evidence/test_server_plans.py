"""Plans of the statements of a service that is not ours."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest

from perfstudy.charts.plan_tree import read_tree
from perfstudy.evidence import plans
from perfstudy.evidence.server_plans import MARK, PlanLog, log_plans, observe_requests
from perfstudy.evidence.server_statements import watch_statements
from perfstudy.lab.access import Postgres
from perfstudy.listing.lab import Database, Lab

LIST = "SELECT id, business_id FROM ads_programregistry WHERE business_id IS NOT NULL ORDER BY id LIMIT ?"
NAME = "SELECT name FROM ads_business WHERE id = ?"
ASKED = {
    "/each?n=3&fresh=1": [LIST, NAME],
    "/prepared?n=7": [LIST, NAME],
    "/cursor?n=3": [LIST],
    "/several?n=1": ["SELECT ? + ? AS one", "SELECT ? || ? AS other"],
    "/nothing?n=1": [],
}
"""What the service is asked for, and the statements that have a plan then."""
Ask = Callable[[str], None]
Serve = Callable[[str], AbstractContextManager[Ask]]


@pytest.fixture
def database(lab: Lab) -> Iterator[Database]:
    """A working copy that nobody else serves."""
    with lab.database("tiny") as database:
        yield database


@pytest.fixture
def logged(lab: Lab, database: Database, serve_plain: Serve) -> Iterator[tuple[PlanLog, Ask]]:
    """The log of the plans, and the service that began within it."""
    with log_plans(lab.postgres, database.name) as log, serve_plain(lab.postgres.service_url(database.url)) as ask:
        assert log
        yield log, ask


def test_plans_are_those_of_the_request_whatever_the_driver_does(
    lab: Lab, database: Database, logged: tuple[PlanLog, Ask]
) -> None:
    log, ask = logged
    for path, statements in ASKED.items():
        ask("/commented?n=2")
        since = log.position()
        with watch_statements(lab.postgres, database.name) as seen:
            ask(path)
        assert sorted(log.read(since, seen)) == statements, path


def test_a_logged_plan_is_like_an_explained_one(lab: Lab, database: Database, logged: tuple[PlanLog, Ask]) -> None:
    log, ask = logged
    since = log.position()
    with watch_statements(lab.postgres, database.name) as seen:
        ask("/each?n=1")
    found = log.read(since, seen)
    explained = {text: plans.explain(database.url, text.replace("?", "1")) for text in (LIST, NAME)}
    for text, plan in explained.items():
        assert plans.describe_shape(found[text]) == plans.describe_shape(plan)
        assert found[text]["Plan"].keys() == plan["Plan"].keys()
        assert found[text]["Settings"] | {MARK: log.mark} == plan["Settings"]
        assert plans.count_rows_removed(found[text]) == plans.count_rows_removed(plan)
        assert read_tree(found[text]).root
    pages = [sum(plans.count_buffers(plan).values()) for plan in found.values()]
    assert sum(pages) == seen.buffers_hit + seen.buffers_read


def test_other_databases_and_later_sessions_log_nothing(
    lab: Lab, database: Database, tiny: Database, serve_plain: Serve
) -> None:
    url = lab.postgres.service_url
    with log_plans(lab.postgres, database.name) as log:
        assert log
        since = log.position()
        with serve_plain(url(tiny.url)) as ask:
            ask("/each?n=2")
    with serve_plain(url(database.url)) as ask, watch_statements(lab.postgres, database.name) as seen:
        ask("/each?n=2")
    assert seen.statements == {LIST: 1, NAME: 2}
    assert log.read(since, seen) == {}
    with lab.postgres.connect() as connection:
        kept = connection.execute(
            "SELECT setconfig FROM pg_db_role_setting JOIN pg_database d ON d.oid = setdatabase WHERE datname = %s",
            (database.name,),
        )
        assert kept.fetchall() == []


def test_a_request_is_observed_with_its_plans(lab: Lab, database: Database, serve_plain: Serve) -> None:
    with (
        observe_requests(lab.postgres, database.name) as watch,
        serve_plain(lab.postgres.service_url(database.url)) as ask,
    ):
        with watch() as first:
            ask("/each?n=3")
        with watch() as second:
            ask("/nothing")
    assert (sorted(first.plans), second.plans) == ([LIST, NAME], {})
    removed = sum(plans.count_rows_removed(first.plans[text]) * times for text, times in first.statements.items())
    assert first.evidence()["rows_removed"] == removed > 0
    assert "rows_removed" not in second.evidence()


def test_a_server_without_our_log_gives_plans_for_any_values(lab: Lab, database: Database, serve_plain: Serve) -> None:
    with watch_statements(lab.postgres, database.name):  # so that the extension is there
        external = Postgres.external(lab.postgres.url())
    with (
        observe_requests(external, database.name) as watch,
        serve_plain(lab.postgres.service_url(database.url)) as ask,
        watch() as seen,
    ):
        ask("/each?n=3")
    assert sorted(seen.plans) == [LIST, NAME]
    assert "rows_removed" not in seen.evidence()  # nothing was executed
    assert plans.describe_shape(seen.plans[NAME]) == plans.describe_shape(
        plans.explain(database.url, NAME.replace("?", "1"))
    )

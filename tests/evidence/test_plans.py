"""Plans of a real PostgreSQL: their shape, what they throw away, and no way to write through them."""

import psycopg
import pytest

from perfstudy.evidence import plans
from perfstudy.listing.lab import Database

PAGE = "SELECT id FROM ads_programregistry WHERE username = 'agency-2671' AND status = 'CURRENT' LIMIT 20"


def test_a_shape_holds_nodes_and_names_but_no_numbers(tiny: Database) -> None:
    shape = plans.describe_shape(plans.explain(tiny.url, PAGE))
    assert shape.splitlines()[0] == "Limit"
    assert "ads_programregistry" in shape
    assert "cost" not in shape
    assert "time" not in shape


def test_shapes_of_one_plan_are_equal(tiny: Database) -> None:
    first, second = (plans.explain(tiny.url, PAGE, analyze=analyze) for analyze in (True, False))
    assert plans.describe_shape(first) == plans.describe_shape(second)


def test_thrown_away_rows_are_counted(tiny: Database) -> None:
    sql = "SELECT id FROM ads_programregistry WHERE length(program_id) < 0"
    assert plans.count_rows_removed(plans.explain(tiny.url, sql)) == tiny.facts.rows


def test_used_indexes_are_named(tiny: Database) -> None:
    plan = plans.explain(tiny.url, "SELECT username FROM ads_programregistry WHERE id = 1")
    assert plans.list_plan_indexes(plan) == ("ads_programregistry_pkey",)


def test_buffers_are_counted(tiny: Database) -> None:
    assert sum(plans.count_buffers(plans.explain(tiny.url, "SELECT count(*) FROM ads_programregistry")).values()) > 0


@pytest.mark.parametrize(
    "sql",
    ["DELETE FROM ads_programregistry", "UPDATE ads_business SET name = ''", "INSERT INTO ads_business VALUES (1)"],
)
def test_a_statement_that_writes_is_refused(tiny: Database, sql: str) -> None:
    with pytest.raises(psycopg.Error):
        plans.explain(tiny.url, sql)


def test_a_function_that_writes_is_rolled_back(tiny: Database) -> None:
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        plans.explain(tiny.url, "SELECT nextval('ads_business_id_seq')")

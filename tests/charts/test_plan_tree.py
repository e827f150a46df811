"""Plans as trees: what PostgreSQL says per loop and with everything below, as totals and shares."""

import json
from typing import Any

import pytest
from matplotlib.text import Text

from perfstudy import charts
from perfstudy.charts.plan_tree import changed, read
from perfstudy.charts.style import NARROW, WIDE
from tests.charts import factories

NAMES = ("page-baseline", "page-index", "joined", "parallel", "planned")


@pytest.mark.parametrize("name", NAMES)
def test_shares_add_up(name: str) -> None:
    tree = read(factories.plan(name))
    nodes = [node for _, node in tree.nodes()]
    assert sum(node.own_hit + node.own_read for node in nodes) == tree.pages
    assert sum(node.own_time for node in nodes) == pytest.approx(tree.root.time, rel=0.02, abs=2e-6)
    assert all(node.own_time >= 0 for node in nodes)


def test_text_list_and_document_are_the_same_plan() -> None:
    plan = factories.plan("joined")
    assert read(json.dumps(plan)) == read(plan) == read(plan[0])


def test_loops_are_totals() -> None:
    business = next(n for _, n in read(factories.plan("joined")).nodes() if n.relation == "ads_business")
    assert (business.loops, business.rows) == (20, 20)


def test_workers_run_side_by_side() -> None:
    tree = read(factories.plan("parallel"))
    scan = tree.nodes()[-1][1]
    assert scan.kind == "Parallel Seq Scan"
    assert scan.loops == 3
    assert scan.rows == pytest.approx(200_000, abs=1), "rows of all workers"
    assert scan.time < tree.root.time, "time as it passed, not once for each worker"


def test_kinds_tell_the_variety() -> None:
    kinds = [node.kind for _, node in read(factories.plan("joined")).nodes()]
    assert "Nested Loop Left Join" in kinds
    assert "Partial HashAggregate" in [node.kind for _, node in read(factories.plan("parallel")).nodes()]


def test_a_plan_that_was_not_run_has_no_rows() -> None:
    tree = read(factories.plan("planned"))
    assert tree.execution == 0
    assert all(node.rows is None for _, node in tree.nodes())
    assert "not run" in charts.plan(factories.plan("planned")).caption


def test_rows_thrown_away_are_counted() -> None:
    plan = factories.plan("page-baseline")
    tree = read(plan)
    assert tree.removed == 67
    assert "67 rows are fetched and thrown away" in charts.plan(plan).caption


def node(kind: str, *below: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"Node Type": kind, "Plan Rows": 1, **({"Plans": list(below)} if below else {}), **more}


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        ("((username)::text = 'agency-2671'::text)", "username = 'agency-2671'"),
        (
            "(((username)::text = 'a'::text) AND ((status)::text = 'CURRENT'::text))",
            "username = 'a' AND status = 'CURRENT'",
        ),
        ("((a = 1) OR (b = 2)) AND ((c)::text = ')'::text)", "(a = 1 OR b = 2) AND c = ')'"),
        ("(id = ANY ('{1,2}'::bigint[]))", "id = ANY ('{1,2}'::bigint[])"),
    ],
)
def test_conditions_lose_what_nobody_wrote(condition: str, text: str) -> None:
    found = read({"Plan": node("Seq Scan", Filter=condition)}).root.conditions
    assert found == (("Filter", text),)


def test_change_marks_only_what_differs() -> None:
    scan = node("Seq Scan", **{"Relation Name": "t"})
    before = read(node("Limit", node("Sort", scan)))
    after = read(node("Limit", node("Index Scan", **{"Relation Name": "t", "Index Name": "i"})))
    left, right = changed(before, after)
    assert [(n.signature, only) for _, n, only in left] == [("Limit", False), ("Sort", True), ("Seq Scan on t", True)]
    assert [(n.signature, only) for _, n, only in right] == [("Limit", False), ("Index Scan on t using i", True)]


def test_change_of_equal_plans_marks_nothing() -> None:
    plan = factories.plan("joined")
    assert not any(only for side in changed(read(plan), read(plan)) for *_, only in side)
    assert "same nodes" in charts.plan_change(plan, plan).caption


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_drawn_change_says_gone_and_new(width: float) -> None:
    chart = charts.plan_change(factories.plan("page-baseline"), factories.plan("page-index"), width=width)
    words = [text.get_text() for text in chart.findobj(Text)]  # type: ignore[attr-defined]
    assert words.count("gone") == words.count("new") == 1
    assert "from 62.0 µs and 103 pages to 43.0 µs and 37 pages" in chart.caption


def test_drawn_plan_has_a_row_for_each_node() -> None:
    plan = factories.plan("parallel")
    bold = [t.get_text() for t in charts.plan(plan).axes[0].texts if t.get_fontweight() == "bold"]
    assert bold == [node.kind for _, node in read(plan).nodes()]


def test_a_node_that_never_ran_says_so() -> None:
    run = {"Actual Rows": 0, "Actual Total Time": 0.1}
    plan = node("Append", node("Seq Scan", **run, **{"Actual Loops": 0}), **run, **{"Actual Loops": 1})
    chart = charts.plan({"Plan": plan, "Execution Time": 0.2, "Planning Time": 0.1})
    assert "never executed" in [t.get_text() for t in chart.axes[0].texts]

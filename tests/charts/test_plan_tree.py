"""Plans as trees: what PostgreSQL says per loop and with everything below, as totals and shares."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.text import Text

from perfstudy import charts
from perfstudy.charts.plan_tree import compare_trees, read_tree
from perfstudy.charts.style import NARROW, WIDE
from perfstudy.evidence import plans
from tests.charts import factories

NAMES = ("page-baseline", "page-index", "joined", "parallel", "planned")


@pytest.mark.parametrize("name", NAMES)
def test_shares_add_up(name: str) -> None:
    tree = read_tree(factories.plan(name))
    nodes = [node for _, node in tree.nodes()]
    assert sum(node.own_hit + node.own_read for node in nodes) == tree.pages
    assert sum(node.own_time for node in nodes) == pytest.approx(tree.root.time, rel=0.02, abs=2e-6)
    assert all(node.own_time >= 0 for node in nodes)


def test_text_list_and_document_are_the_same_plan() -> None:
    plan = factories.plan("joined")
    assert read_tree(json.dumps(plan)) == read_tree(plan) == read_tree(plan[0])


def test_loops_are_totals() -> None:
    business = next(n for _, n in read_tree(factories.plan("joined")).nodes() if n.relation == "ads_business")
    assert (business.loops, business.rows) == (20, 20)


def test_workers_run_side_by_side() -> None:
    tree = read_tree(factories.plan("parallel"))
    scan = tree.nodes()[-1][1]
    assert scan.kind == "Parallel Seq Scan"
    assert scan.loops == 3
    assert scan.rows == pytest.approx(200_000, abs=1), "rows of all workers"
    assert scan.time < tree.root.time, "time as it passed, not once for each worker"


def test_kinds_tell_the_variety() -> None:
    kinds = [node.kind for _, node in read_tree(factories.plan("joined")).nodes()]
    assert "Nested Loop Left Join" in kinds
    assert "Partial HashAggregate" in [node.kind for _, node in read_tree(factories.plan("parallel")).nodes()]


def test_a_plan_that_was_not_run_has_no_rows() -> None:
    tree = read_tree(factories.plan("planned"))
    assert tree.execution == 0
    assert all(node.rows is None for _, node in tree.nodes())
    assert "not run" in charts.plan(factories.plan("planned")).caption


def test_rows_thrown_away_are_counted() -> None:
    plan = factories.plan("page-baseline")
    tree = read_tree(plan)
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
    found = read_tree({"Plan": node("Seq Scan", Filter=condition)}).root.conditions
    assert found == (("Filter", text),)


def test_change_marks_only_what_differs() -> None:
    scan = node("Seq Scan", **{"Relation Name": "t"})
    before = read_tree(node("Limit", node("Sort", scan)))
    after = read_tree(node("Limit", node("Index Scan", **{"Relation Name": "t", "Index Name": "i"})))
    left, right = compare_trees(before, after)
    assert [(n.signature, only) for _, n, only in left] == [("Limit", False), ("Sort", True), ("Seq Scan on t", True)]
    assert [(n.signature, only) for _, n, only in right] == [("Limit", False), ("Index Scan on t using i", True)]


def test_change_of_equal_plans_marks_nothing() -> None:
    plan = factories.plan("joined")
    assert not any(only for side in compare_trees(read_tree(plan), read_tree(plan)) for *_, only in side)
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
    assert bold == [node.kind for _, node in read_tree(plan).nodes()]


def test_a_node_that_never_ran_says_so() -> None:
    run = {"Actual Rows": 0, "Actual Total Time": 0.1}
    plan = node("Append", node("Seq Scan", **run, **{"Actual Loops": 0}), **run, **{"Actual Loops": 1})
    chart = charts.plan({"Plan": plan, "Execution Time": 0.2, "Planning Time": 0.1})
    assert "never executed" in [t.get_text() for t in chart.axes[0].texts]


def inclusive(
    own: int, *below: dict[str, Any], kind: str = "Seq Scan", asks: tuple[dict[str, Any], ...] = (), **more: Any
) -> Any:
    """Return a node that took *own* milliseconds and as many pages itself; those that it *asks* ran inside of it."""
    whole = own + sum(child["Actual Total Time"] for child in (*below, *asks))
    where = " AND ".join(f"x > ({child['Subplan Name']}).col1" for child in asks)
    run = {"Actual Rows": 1, "Actual Loops": 1, "Actual Total Time": whole, "Shared Hit Blocks": whole}
    return node(kind, *below, **run, Filter=f"({where})", Own=own, **more)


@st.composite
def accounted(draw: st.DrawFn, depth: int = 0, number: tuple[int, ...] = (1,)) -> dict[str, Any]:
    """Draw a plan of which we know what each node used, with InitPlans below other nodes than run them."""
    time = st.integers(0, 50)
    name = {"Subplan Name": "InitPlan " + "".join(map(str, number)), "Parent Relationship": "InitPlan"}
    if depth == 3:
        return inclusive(draw(time))
    init = draw(accounted(depth + 1, (*number, 1))) | name
    scan = inclusive(draw(time), draw(accounted(depth + 1, (*number, 2))), asks=(init,), kind="Index Scan")
    beside = draw(accounted(depth + 1, (*number, 3)))
    middle = inclusive(draw(time), scan, beside, kind="Nested Loop")
    root = inclusive(draw(time), middle, kind="Limit")
    return root | {"Plans": [init, *root["Plans"]]}


@settings(max_examples=40, deadline=None)
@given(accounted())
def test_each_node_pays_for_what_ran_inside_of_it(plan: dict[str, Any]) -> None:
    tree = read_tree(plan)
    for given_, (_, found) in zip(plans.iterate_nodes(plan), tree.nodes(), strict=True):
        assert found.own_time * 1e3 == pytest.approx(given_["Own"], abs=1e-6)
        assert found.own_hit == given_["Own"]


def odd(name: str) -> Any:
    return json.loads((Path(__file__).parent.parent / "plans" / "json" / f"{name}.json").read_text())


@pytest.mark.parametrize("name", ["initplan", "initplan-column", "initplan-parallel", "initplan-nested"])
def test_the_time_of_an_initplan_is_its_own(name: str) -> None:
    tree = read_tree(odd(name))
    (busy,) = [n for _, n in tree.nodes() if n.relation == "generate_series"]
    (asking,) = [n for _, n in tree.nodes() if n.relation == "item"]
    assert asking.own_time < 0.4 * tree.total
    assert asking.time + busy.time > tree.total or name == "initplan-parallel", "EXPLAIN counts it in both"
    assert busy.own_time == pytest.approx(busy.time)


@pytest.mark.parametrize(
    ("name", "trigger"),
    [
        ("trigger-before", "trigger slow_before on before"),
        ("trigger-after", "trigger slow_after on after"),
        ("cte-writes", "trigger slow_after on after"),
        ("logged-trigger", "trigger slow_after on after"),
        ("delete-cascade", "trigger child_item_fkey"),
    ],
)
def test_the_time_of_triggers_is_theirs(name: str, trigger: str) -> None:
    chart = charts.plan(odd(name))
    assert re.search(rf"(9\d|100)% of the time is {trigger}", chart.caption), chart.caption
    assert any(text.get_text().startswith(trigger) for text in chart.axes[0].texts)


@pytest.mark.parametrize("name", ["logged", "logged-trigger", "no-summary", "no-timing", "no-timing-summary"])
def test_what_was_run_is_not_said_not_to_be(name: str) -> None:
    for chart in (charts.plan(odd(name)), charts.plan_change(odd(name), odd("result"))):
        assert "not run" not in chart.alt
        assert "planned only" not in " ".join(text.get_text() for text in chart.findobj(Text))  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("name", "said", "never"),
    [
        ("no-timing", "time not measured", " 0 µs"),
        ("no-timing-summary", "time not measured", " 0 "),
        ("no-buffers", "pages not measured", " 0 pages"),
    ],
)
def test_what_was_not_measured_is_no_nought(name: str, said: str, never: str) -> None:
    chart = charts.plan(odd(name))
    words = " · ".join([chart.caption, *(text.get_text() for text in chart.findobj(Text))])  # type: ignore[attr-defined]
    assert said in words
    assert never not in words


def test_a_process_that_works_alone_is_not_halved() -> None:
    """Below a Gather of a single copy, or without its leader, fewer processes work than it has workers and itself."""
    for name in ("gather-single-copy", "gather-without-leader"):
        below = odd(name)[0]["Plan"]
        while below["Node Type"] != "Gather":
            below = below["Plans"][0]
        told = below["Plans"][0]
        found = next(n for _, n in read_tree(below).nodes() if n.kind not in ("Gather",))
        assert found.time == pytest.approx(told["Actual Total Time"] / 1e3), name


def test_the_name_of_a_subplan_is_shown() -> None:
    words = [text.get_text() for text in charts.plan(odd("initplan-nested")).axes[0].texts]
    assert {"InitPlan 1", "InitPlan 2"} <= set(words)

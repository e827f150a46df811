"""Read a plan of PostgreSQL's EXPLAIN as a tree of nodes.

EXPLAIN gives times and rows per loop, and times and buffers with those of the nodes that ran inside. Here they are
totals over all loops, and ``own_*`` is what a node used by itself: those of all nodes, with the triggers, add up to
the whole (``perfstudy.charts.plan_times``).
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from perfstudy.charts.plan_times import Spent, account, spent
from perfstudy.errors import UsageError

CONDITIONS = ("Index Cond", "Recheck Cond", "Hash Cond", "Merge Cond", "Join Filter", "Filter", "Sort Key")
NAMES = ("Relation Name", "CTE Name", "Function Name", "Table Function Name", "Tuplestore Name")
REMOVED = ("Rows Removed by Filter", "Rows Removed by Index Recheck", "Rows Removed by Join Filter")


@dataclass(frozen=True, kw_only=True)
class Node:
    """One node of a plan; times in seconds, buffers in pages of 8 kB.

    Where the statement was planned but not run, ``rows`` is None. Times and buffers are 0 where they were not measured,
    which ``timed`` and ``buffered`` say.
    """

    kind: str
    """The node's type with its variety: ``Index Scan``, ``Hash Left Join``, ``Partial HashAggregate``."""
    relation: str = ""
    index: str = ""
    subplan: str = ""
    """What others call it: ``InitPlan 1``, ``CTE recent``."""
    conditions: tuple[tuple[str, str], ...] = ()
    expected: float = 0
    rows: float | None = None
    loops: int = 0
    removed: float = 0
    timed: bool = False
    buffered: bool = False
    time: float = 0
    own_time: float = 0
    hit: int = 0
    read: int = 0
    own_hit: int = 0
    own_read: int = 0
    method: str = ""
    """How a sort was done and in what space: ``quicksort, 37 kB``."""
    children: tuple["Node", ...] = ()

    @property
    def signature(self) -> str:
        """What a node is, without numbers: its kind, table and index."""
        on = f" on {self.relation}" if self.relation else ""
        using = f" using {self.index}" if self.index else ""
        return f"{self.kind}{on}{using}"

    def walk(self, depth: int = 0) -> Iterator[tuple[int, "Node"]]:
        """Yield (depth, node) from the root down, a parent before its children."""
        yield depth, self
        for child in self.children:
            yield from child.walk(depth + 1)


@dataclass(frozen=True, kw_only=True)
class Extra:
    """What took time outside the nodes: a trigger, or writing out the result."""

    name: str
    own_time: float
    calls: int = 1

    @property
    def signature(self) -> str:
        """What it is, without numbers."""
        return self.name


@dataclass(frozen=True, kw_only=True)
class Tree:
    """A plan: its root, what else took time, and its total times."""

    root: Node
    extras: tuple[Extra, ...] = ()
    execution: float = 0
    """As EXPLAIN says it, with the start and the end of the statement; auto_explain and SUMMARY OFF do not."""
    total: float = 0
    """Seconds of all nodes and extras."""
    pages: int = 0
    """Pages of 8 kB that the statement touched, found in memory or read."""

    def nodes(self) -> list[tuple[int, Node]]:
        """Return (depth, node) from the root down."""
        return list(self.root.walk())

    @property
    def ran(self) -> bool:
        """Whether the statement was run: only then has a node actual rows."""
        return self.root.rows is not None

    @property
    def elapsed(self) -> float | None:
        """Seconds that running took; None where they were not measured."""
        return self.execution or self.total or None

    @property
    def removed(self) -> float:
        """Rows that were fetched and thrown away, over all nodes."""
        return sum(node.removed for _, node in self.nodes())


def read_tree(plan: Any) -> Tree:
    """Return the tree of a plan, from EXPLAIN's JSON as text or as read.

    Raises:
        UsageError: it is no plan.
    """
    document = _document(plan)
    root = spent(document.get("Plan", document))
    after = {measure: account(root, measure) for measure in ("time", "hit", "read")}
    execution = float(document.get("Execution Time", 0)) / 1e3
    extras, outside = _extras(document, root, execution - root.total("time") - after["time"])
    pages = sum(root.total(measure) + after[measure] for measure in ("hit", "read"))
    return Tree(
        root=_node(root),
        extras=extras,
        execution=execution,
        total=root.total("time") + after["time"] + outside,
        pages=round(pages),
    )


def _document(plan: Any) -> Mapping[str, Any]:
    document = plan
    if isinstance(document, str):
        try:
            document = json.loads(document)
        except ValueError as error:
            raise UsageError(f"this is no plan: {error}; EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) gives one") from None
    if isinstance(document, list) and document:
        document = document[0]
    root = document.get("Plan", document) if isinstance(document, Mapping) else None
    if not isinstance(root, Mapping) or "Node Type" not in root:
        raise UsageError("this is no plan: EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) gives one")
    assert isinstance(document, Mapping)
    return document


def _extras(document: Mapping[str, Any], root: Spent, spare: float) -> tuple[tuple[Extra, ...], float]:
    """Return what took time outside the nodes, and how much while none ran.

    A trigger before a row's change runs inside the ModifyTable, one after it when all nodes are through. EXPLAIN does
    not say which is which; but the latter must fit into *spare*, the execution's seconds that no node ran.
    """
    extras, outside = [], 0.0
    serialization = document.get("Serialization", {})
    if "Time" in serialization:
        extras.append(Extra(name="writing out the result", own_time=float(serialization["Time"]) / 1e3))
        outside += extras[0].own_time
    writing = [node for node in root.walk() if node.kind == "ModifyTable"]
    for trigger in document.get("Triggers", ()):
        time = float(trigger.get("Time", 0)) / 1e3
        name = trigger.get("Constraint Name") or trigger.get("Trigger Name", "")
        extras.append(Extra(name=f"trigger {name} on {trigger['Relation']}", own_time=time, calls=trigger["Calls"]))
        place = max(
            writing,
            key=lambda node: (node.plan.get("Relation Name") == trigger["Relation"], node.own["time"]),
            default=None,
        )
        if "Execution Time" in document and outside + time > spare and place and place.own["time"] >= time:
            place.own["time"] -= time
        else:
            outside += time
    return tuple(extras), outside


def _node(spent: Spent) -> Node:
    plan, loops = spent.plan, spent.loops
    return Node(
        kind=_kind(plan),
        relation=str(next((plan[name] for name in NAMES if name in plan), "")),
        index=plan.get("Index Name", ""),
        subplan=plan.get("Subplan Name", ""),
        conditions=tuple((name, _text(plan[name])) for name in CONDITIONS if name in plan),
        expected=float(plan.get("Plan Rows", 0)) * max(loops, 1),
        rows=float(plan["Actual Rows"]) * loops if "Actual Rows" in plan else None,
        loops=loops,
        removed=sum(float(plan.get(key, 0)) for key in REMOVED) * max(loops, 1),
        timed="Actual Total Time" in plan,
        buffered="Shared Hit Blocks" in plan,
        time=spent.total("time"),
        own_time=spent.own["time"],
        hit=round(spent.total("hit")),
        read=round(spent.total("read")),
        own_hit=round(spent.own["hit"]),
        own_read=round(spent.own["read"]),
        method=_method(plan),
        children=tuple(map(_node, spent.children)),
    )


CAST = re.compile(r"::(?:text|character varying|bpchar)(?:\[\])?(?!\w)")


def _text(value: Any) -> str:
    """Return a condition without the casts and brackets that PostgreSQL adds."""
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    text = re.sub(r"\((\w+)\)::", r"\1::", text)
    text = CAST.sub("", text)
    while text.startswith("(") and _closes(text) == len(text) - 1:
        text = text[1:-1]
    return re.sub(r"\((\w+ [<>=]+ (?:\w+|'[^']*'))\)", r"\1", text)


def _closes(text: str) -> int:
    """Return where the bracket closes that *text* begins with."""
    depth, quoted = 0, False
    for place, letter in enumerate(text):
        quoted ^= letter == "'"
        depth += 0 if quoted else (letter == "(") - (letter == ")")
        if not depth:
            return place
    return -1


def _kind(plan: Mapping[str, Any]) -> str:
    kind = str(plan["Node Type"])
    if kind == "Aggregate" and plan.get("Strategy") == "Hashed":
        kind = "HashAggregate"
    if plan.get("Join Type", "Inner") != "Inner":
        stem = kind.removesuffix(" Join")
        kind = f"{stem} {plan['Join Type']} Join"
    partial = f"{plan['Partial Mode']} " if plan.get("Partial Mode", "Simple") != "Simple" else ""
    parallel = "Parallel " if plan.get("Parallel Aware") else ""
    return f"{parallel}{partial}{kind}"


def _method(plan: Mapping[str, Any]) -> str:
    if "Sort Method" not in plan:
        return ""
    return f"{plan['Sort Method']}, {plan.get('Sort Space Used', 0):,} kB"


MarkedNode = list[tuple[int, Node, bool]]
"""(depth, node, whether only this plan has it), from the root down."""


def compare_trees(before: Tree, after: Tree) -> tuple[MarkedNode, MarkedNode]:
    """Return the nodes of both plans, marked where the other has none.

    Nodes are aligned from the root down by what they are, in the longest common order.
    """
    left, right = before.nodes(), after.nodes()
    matcher = SequenceMatcher(
        None, [node.signature for _, node in left], [node.signature for _, node in right], autojunk=False
    )
    same_left, same_right = set(), set()
    for block in matcher.get_matching_blocks():
        same_left |= set(range(block.a, block.a + block.size))
        same_right |= set(range(block.b, block.b + block.size))
    return (
        [(depth, node, i not in same_left) for i, (depth, node) in enumerate(left)],
        [(depth, node, i not in same_right) for i, (depth, node) in enumerate(right)],
    )

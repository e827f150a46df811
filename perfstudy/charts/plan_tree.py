"""A plan as a tree of nodes: what PostgreSQL's EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) says, read once.

EXPLAIN gives times and rows per loop, and times and buffers with those of the nodes below. Here they are totals over
all loops, and ``own_*`` is what a node used by itself.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from perfstudy.errors import UsageError

CONDITIONS = ("Index Cond", "Recheck Cond", "Hash Cond", "Merge Cond", "Join Filter", "Filter", "Sort Key")
REMOVED = ("Rows Removed by Filter", "Rows Removed by Index Recheck", "Rows Removed by Join Filter")


@dataclass(frozen=True, kw_only=True)
class Node:
    """One node of a plan; times in seconds, buffers in pages of 8 kB.

    Where the statement was planned but not run, ``rows`` is None and the times and buffers are 0.
    """

    kind: str
    """The node's type with its variety: ``Index Scan``, ``Hash Left Join``, ``Partial HashAggregate``."""
    relation: str = ""
    index: str = ""
    conditions: tuple[tuple[str, str], ...] = ()
    expected: float = 0
    rows: float | None = None
    loops: int = 0
    removed: float = 0
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
class Tree:
    """A plan: its root, and the seconds that planning and running took (0 where it was not run)."""

    root: Node
    planning: float = 0
    execution: float = 0

    def nodes(self) -> list[tuple[int, Node]]:
        """Return (depth, node) from the root down."""
        return list(self.root.walk())

    @property
    def removed(self) -> float:
        """Rows that were fetched and thrown away, over all nodes."""
        return sum(node.removed for _, node in self.nodes())

    @property
    def pages(self) -> int:
        """Pages of 8 kB that the statement touched, found in memory or read."""
        return self.root.hit + self.root.read


def read(plan: Any) -> Tree:
    """Return the tree of a plan: EXPLAIN's JSON text, its list of one document, or that document.

    Raises:
        UsageError: it is no plan.
    """
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
    return Tree(
        root=_node(root, 1),
        planning=float(document.get("Planning Time", 0)) / 1e3,
        execution=float(document.get("Execution Time", 0)) / 1e3,
    )


def _node(plan: Mapping[str, Any], processes: int) -> Node:
    """Read a node; *processes* work side by side below a Gather, which takes them one loop each."""
    below = processes * (int(plan.get("Workers Launched", 0)) + 1)
    children = tuple(_node(child, below) for child in plan.get("Plans", ()))
    loops = int(plan.get("Actual Loops", 0))
    time = float(plan.get("Actual Total Time", 0)) * loops / processes / 1e3
    hit, read_ = int(plan.get("Shared Hit Blocks", 0)), int(plan.get("Shared Read Blocks", 0))
    return Node(
        kind=_kind(plan),
        relation=plan.get("Relation Name", plan.get("CTE Name", "")),
        index=plan.get("Index Name", ""),
        conditions=tuple((name, _text(plan[name])) for name in CONDITIONS if name in plan),
        expected=float(plan.get("Plan Rows", 0)) * max(loops, 1),
        rows=float(plan["Actual Rows"]) * loops if "Actual Rows" in plan else None,
        loops=loops,
        removed=sum(float(plan.get(key, 0)) for key in REMOVED) * max(loops, 1),
        time=time,
        own_time=max(0.0, time - sum(child.time for child in children)),
        hit=hit,
        read=read_,
        own_hit=max(0, hit - sum(child.hit for child in children)),
        own_read=max(0, read_ - sum(child.read for child in children)),
        method=_method(plan),
        children=children,
    )


CAST = re.compile(r"::(?:text|character varying|bpchar)(?:\[\])?(?!\w)")


def _text(value: Any) -> str:
    """Return a condition without the casts and brackets that PostgreSQL adds and nobody wrote."""
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    text = re.sub(r"\((\w+)\)::", r"\1::", text)
    text = CAST.sub("", text)
    while text.startswith("(") and _closes(text) == len(text) - 1:
        text = text[1:-1]
    return re.sub(r"\((\w+ [<>=]+ (?:\w+|'[^']*'))\)", r"\1", text)


def _closes(text: str) -> int:
    """Return where the bracket closes that *text* begins with; one inside a quoted value does not count."""
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


Marked = list[tuple[int, Node, bool]]
"""(depth, node, whether only this plan has it), from the root down."""


def changed(before: Tree, after: Tree) -> tuple[Marked, Marked]:
    """Return the nodes of both plans, each marked where the other plan has no such node in that place.

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

"""Compute what each node of a plan used by itself.

EXPLAIN gives a node's time and pages with everything that ran inside of it. What runs inside is not always what is
written below: an InitPlan or a CTE stands below the node that owns it, and runs inside the node that asks for its
value or scans it. So it is taken from there. EXPLAIN does not say who pays where several ask, or where the value is
asked for in a list of columns; then the node pays that has most to pay from, since it cannot have less.

Times of many loops are averages rounded to a microsecond, so children may seem to take longer than their parent; they
are given no more than it has.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

GATHERS = ("Gather", "Gather Merge")


@dataclass(eq=False)
class Spent:
    """A node with what EXPLAIN says that it used, over all loops."""

    plan: Mapping[str, Any]
    processes: float = 1
    """How many work side by side here; EXPLAIN counts a loop for each of them."""
    children: list["Spent"] = field(default_factory=list)
    own: dict[str, float] = field(default_factory=dict)
    """What is left of each measure for the node itself."""

    @property
    def loops(self) -> int:
        """How often the node ran, over all processes."""
        return int(self.plan.get("Actual Loops", 0))

    @property
    def kind(self) -> str:
        """The node's type."""
        return str(self.plan.get("Node Type", ""))

    @property
    def apart(self) -> bool:
        """Whether the node runs inside another node than the one that it stands below."""
        return is_apart(self.plan)

    def total(self, measure: str) -> float:
        """Return what the node and all that ran inside of it used."""
        if measure == "time":
            return float(self.plan.get("Actual Total Time", 0)) * self.loops / self.processes / 1e3
        return float(self.plan.get(f"Shared {measure.title()} Blocks", 0))

    def walk(self) -> Iterator["Spent"]:
        """Yield the node and those below it, a parent before its children."""
        yield self
        for child in self.children:
            yield from child.walk()


def is_apart(plan: Mapping[str, Any]) -> bool:
    """Whether the node of *plan* runs inside another node than its parent."""
    return bool(plan.get("Parent Relationship") == "InitPlan")


def spent(plan: Mapping[str, Any], processes: float = 1) -> Spent:
    """Return the node of *plan* with those below it."""
    node = Spent(plan, processes)
    for child in plan.get("Plans", ()):
        node.children.append(spent(child, processes if is_apart(child) else _below(node, child)))
    return node


def _below(node: Spent, child: Mapping[str, Any]) -> float:
    """Return how many processes work side by side on a child of *node*."""
    if node.kind in GATHERS:
        # The leader may or may not take part, so the loops are counted, not the workers.
        return max(1.0, int(child.get("Actual Loops", 0)) / max(1, node.loops)) * node.processes
    if node.kind == "Bitmap Heap Scan" and node.plan.get("Parallel Aware"):
        return 1  # one process makes the bitmap, and the others wait for it
    return node.processes


def account(root: Spent, measure: str) -> float:
    """Give every node its own share of *measure*; return what ran after.

    That is a CTE that writes and that nothing read to its end. The nodes' own shares add up to the root's total and
    this.
    """
    _grant(root, root.total(measure), measure)
    waiting = [(owner, child) for owner in root.walk() for child in owner.children if child.apart]
    asking = {child: _askers(owner, child) for owner, child in waiting}
    waiting.sort(key=lambda pair: not asking[pair[1]])  # those that nothing names can be placed when the rest is
    after = 0.0
    while waiting:
        ready = (pair for pair in waiting if all(measure in one.own for one in asking[pair[1]]))
        owner, child = next(ready, waiting[0])
        waiting.remove((owner, child))
        after += _settle(owner, child, asking[child], measure)
    return after


def _settle(owner: Spent, child: Spent, asking: list[Spent], measure: str) -> float:
    """Subtract *child* from the nodes it ran in; return what ran after."""
    amount = child.total(measure)
    left = _charge(amount, asking, measure)
    if child.kind == "ModifyTable":
        _grant(child, amount, measure)
        return left
    inside = set(child.walk())
    left = _charge(left, (one for one in owner.walk() if one not in inside), measure)
    _grant(child, amount - left, measure)
    return 0.0


def _charge(amount: float, places: Iterable[Spent], measure: str) -> float:
    """Take *amount* from the nodes that have most of it; return what none of them had."""
    for place in sorted((one for one in places if measure in one.own), key=lambda one: -one.own[measure]):
        taken = min(amount, place.own[measure])
        place.own[measure] -= taken
        amount -= taken
    return amount


def _grant(node: Spent, amount: float, measure: str) -> None:
    """Share *amount* between a node and those that run inside of it."""
    below = [child for child in node.children if not child.apart]
    asked = sum(child.total(measure) for child in below)
    factor = min(1.0, amount / asked) if asked else 1.0
    for child in below:
        _grant(child, child.total(measure) * factor, measure)
    node.own[measure] = amount - asked if factor == 1 else 0.0


def _askers(owner: Spent, child: Spent) -> list[Spent]:
    """Return the nodes that name the InitPlan or CTE *child*."""
    name = str(child.plan.get("Subplan Name", ""))
    if not name:
        return []
    return list(dict.fromkeys(_search(owner, child, name, None)))


def _search(node: Spent, child: Spent, name: str, gather: Spent | None) -> Iterator[Spent]:
    gather = gather or (node if node.kind in GATHERS else None)
    if _asks(node, name):
        yield gather or node
    for below in node.children:
        shadowed = any(inner is not child and inner.plan.get("Subplan Name") == name for inner in below.children)
        if below is not child and not shadowed:
            yield from _search(below, child, name, None if below.apart else gather)


def _asks(node: Spent, name: str) -> bool:
    if name.startswith("CTE "):
        return node.kind == "CTE Scan" and node.plan.get("CTE Name") == name[4:]
    words = "\n".join(_words(node.plan))
    # Up to PostgreSQL 16 it is "InitPlan 1 (returns $0)", and conditions say $0.
    returned = re.findall(r"\$\d+", name)
    return f"({name})" in words or any(re.search(rf"{re.escape(one)}(?!\d)", words) for one in returned)


def _words(plan: Mapping[str, Any]) -> Iterator[str]:
    for key, value in plan.items():
        if key not in ("Plans", "Subplan Name"):
            yield from (str(one) for one in (value if isinstance(value, list) else [value]))

"""Plans: how PostgreSQL executes a statement, and the plan's shape."""

from collections.abc import Iterator
from typing import Any

import psycopg

Plan = dict[str, Any]

OPTIONS = "ANALYZE, BUFFERS, SETTINGS, FORMAT JSON"
LIMIT = 30.0
"""Seconds that a reader's statement may run."""


def explain(url: str, statement: str, *, analyze: bool = True, seconds: float = 0) -> Plan:
    """Return the plan of *statement*.

    It is run in a read-only transaction and rolled back.

    The answer is EXPLAIN's JSON document: ``Plan``, ``Planning Time`` and, when analysed,
    ``Execution Time``, in milliseconds. After so many *seconds* PostgreSQL stops it; 0 is no limit.

    Raises:
        psycopg.Error: PostgreSQL refuses the statement, one that writes included, or stopped it (QueryCanceled).
    """
    options = OPTIONS if analyze else "SETTINGS, FORMAT JSON"
    with psycopg.connect(url, autocommit=False) as connection:
        connection.read_only = True
        with connection.transaction(force_rollback=True):
            if seconds:
                connection.execute("SELECT set_config('statement_timeout', %s, true)", [f"{seconds * 1000:.0f}"])
            # EXPLAIN takes no parameters, and the statement is one that the service or the reader wrote.
            # To be prepared it must be a single one, so nothing behind a semicolon ends the transaction.
            row = connection.execute(f"EXPLAIN ({options}) {statement}".encode(), prepare=True).fetchone()
    assert row is not None
    return dict(row[0][0])


def iterate_nodes(plan: Plan) -> Iterator[Plan]:
    """Yield the nodes of a plan, or of an EXPLAIN document, from the root down."""
    node = plan.get("Plan", plan)
    yield node
    for child in node.get("Plans", ()):
        yield from iterate_nodes(child)


def describe_shape(plan: Plan) -> str:
    """Return the plan's nodes, one a line, indented by depth.

    Each has the node's type, relation, index and subplan's name.

    Costs, times and row counts are left out, so equal plans have equal shapes.
    """
    return "\n".join(_lines(plan.get("Plan", plan), 0))


def _lines(node: Plan, depth: int) -> Iterator[str]:
    words = [f"{node['Subplan Name']}:", node["Node Type"]] if "Subplan Name" in node else [node["Node Type"]]
    if "Join Type" in node and node["Join Type"] != "Inner":
        words.append(f"({node['Join Type'].lower()})")
    if "Relation Name" in node:
        words.append(f"on {node['Relation Name']}")
    if "Index Name" in node:
        words.append(f"using {node['Index Name']}")
    yield "  " * depth + " ".join(words)
    for child in node.get("Plans", ()):
        yield from _lines(child, depth + 1)


def count_rows_removed(plan: Plan) -> int:
    """Return the rows fetched and discarded by filters and rechecks, over all loops."""
    keys = ("Rows Removed by Filter", "Rows Removed by Index Recheck", "Rows Removed by Join Filter")
    return int(sum(node.get(key, 0) * node.get("Actual Loops", 1) for node in iterate_nodes(plan) for key in keys))


def count_buffers(plan: Plan) -> dict[str, int]:
    """Return the 8 kB pages found in shared buffers (hit) and not found there (read).

    Pages read were requested from the operating system.
    """
    root = plan.get("Plan", plan)
    return {"hit": root.get("Shared Hit Blocks", 0), "read": root.get("Shared Read Blocks", 0)}


def list_plan_indexes(plan: Plan) -> tuple[str, ...]:
    """Return the names of the indexes that the plan uses, alphabetically."""
    return tuple(sorted({node["Index Name"] for node in iterate_nodes(plan) if "Index Name" in node}))

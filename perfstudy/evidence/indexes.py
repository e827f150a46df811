"""The indexes of a table, their columns, and those that a plan uses."""

import re
from typing import Any

import psycopg

from perfstudy.evidence import plans
from perfstudy.evidence.plans import Plan

INDEXES = """
    SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid), coalesce(
        (SELECT sum(pg_relation_size(relid))::bigint FROM pg_partition_tree(indexrelid)), pg_relation_size(indexrelid))
    FROM pg_index WHERE indrelid = %s::regclass ORDER BY 1
"""
"""A partitioned index has no bytes of its own, and one that is not partitioned no tree."""

COLUMNS = re.compile(r"\((.*)\)$")


def list_indexes(url: str, table: str) -> list[dict[str, Any]]:
    """Return the indexes of *table* by name.

    Each has its name ``index``, its ``columns`` in words, and ``bytes``, those of all its partitions.
    """
    with psycopg.connect(url) as connection:
        rows = connection.execute(INDEXES, (table,)).fetchall()
    return [{"index": name, "columns": _parse_columns(text), "bytes": size} for name, text, size in rows]


def _parse_columns(definition: str) -> str:
    found = COLUMNS.search(definition)
    return f"({found[1] if found else definition})"


def list_used(plan: Plan, columns: dict[str, str]) -> str:
    """Return in words the columns by which *plan* reaches rows, and its waste.

    Its waste is sorts, and rows that are discarded.

    *columns* are by index name.
    """
    names = plans.list_plan_indexes(plan)
    reached = " and ".join(columns.get(name, name) for name in names) if names else "every row of the table"
    sorts = [node["Node Type"] for node in plans.iterate_nodes(plan) if node["Node Type"].endswith("Sort")]
    removed = plans.count_rows_removed(plan)
    parts = [reached, *(sort.lower() for sort in sorts), *([f"{removed:,} rows thrown away"] if removed else [])]
    return ", ".join(parts)

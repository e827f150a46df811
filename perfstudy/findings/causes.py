"""Why two arms differ: what their stored evidence of one request says."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import inf, log
from typing import Any

from perfstudy.formatting import duration, size_in_bytes

Evidence = Mapping[str, Any]
"""One row of the stored evidence, with the shapes of its plans by statement under ``shapes``."""

MOST = 3
"""Sentences of one explanation."""
WORTH = 1.05
"""The factor from which a count that is the same at each request is worth a sentence."""
SURE = 1.5
"""The factor from which a time of a single request is, and the milliseconds by which it has to differ."""
SURE_MS = 1.0
PLAN = log(2)
"""The weight of another plan: as much as twice a count, since its cost is in the counts too."""
TEXT = log(WORTH) / 2
"""The weight of another statement of the same number: less than any count."""

COUNTS = (
    ("statement_count", "statement", "statements", 1.0),
    ("buffers", "page of the database", "pages of the database", 0.5),
    ("rows_removed", "row read in vain", "rows read in vain", 0.5),
)
"""What is counted, one of it, several, and its weight: pages and rows follow from statements and plans."""
SCAN = "Scan on "

Weighed = tuple[float, str]


FROM_DATABASE = ("statements", "statement_count", "buffers_hit", "buffers_read", "rows_removed", "shapes")
"""What means nothing where the statements are not known."""


def describe_cause(before: Evidence, after: Evidence) -> list[str]:
    """Return up to three sentences on what differs, the weightiest first.

    A count weighs by the logarithm of its factor; what follows from others, and a time, which one request cannot tell
    well, by half of it. The cache comes first, because its hits explain everything else. The list is empty where
    nothing differs; what only one of the two knows is not compared.
    """
    before, after = _leave_unknown(before), _leave_unknown(after)
    found = [
        *_compare_cache(before, after),
        *_compare_counts(_complete(before), _complete(after)),
        *_compare_plans(before, after),
        *_compare_bytes(before, after),
        *_compare_times(_list_times(before), _list_times(after)),
        *_compare_texts(before, after),
    ]
    return [sentence for _, sentence in sorted(found, key=lambda one: -one[0])][:MOST]


def attach_shapes(
    evidence: Iterable[Mapping[str, Any]], plans: Iterable[Mapping[str, Any]]
) -> dict[tuple[str, str, str, str], dict[str, Any]]:
    """Return each row of the evidence with the shapes of its plans.

    The keys are the row's variant, scale, scenario and temperature; the arguments are what a store has of a run.
    """
    found = {_place(row): {**row, "shapes": {}} for row in evidence}
    for plan in plans:
        if _place(plan) in found:
            found[_place(plan)]["shapes"][plan["sql"]] = plan["shape"]
    return found


def _place(row: Mapping[str, Any]) -> tuple[str, str, str, str]:
    return row["variant"], row["scale"], row["scenario"], row["temperature"]


def _leave_unknown(evidence: Evidence) -> Evidence:
    """Return *evidence* without counts of the database that nothing counted."""
    if evidence.get("statements_known", True):
        return evidence
    return {name: value for name, value in evidence.items() if name not in FROM_DATABASE}


def _complete(evidence: Evidence) -> dict[str, Any]:
    """Return *evidence* with all pages that were read, in memory or not."""
    pages = [evidence[name] for name in ("buffers_hit", "buffers_read") if name in evidence]
    return {**evidence, **({"buffers": sum(pages)} if pages else {})}


def _weigh(before: float, after: float) -> float:
    """Return how far two counts are apart; one more each, so that 0 has a logarithm."""
    return abs(log((before + 1) / (after + 1)))


def _compare_cache(before: Evidence, after: Evidence) -> Iterator[Weighed]:
    was, became = (str(evidence.get("cache")).upper().startswith("HIT") for evidence in (before, after))
    if became and not was:
        yield inf, "the answer came from the cache"
    if was and not became:
        yield inf, "the answer no longer came from the cache"


def _compare_counts(before: Evidence, after: Evidence) -> Iterator[Weighed]:
    # Without a statement there are no pages and no rows either.
    asked = before.get("statement_count") != 0 and after.get("statement_count") != 0
    for name, one, several, share in COUNTS if asked else COUNTS[:1]:
        was, became = before.get(name), after.get(name)
        if was is not None and became is not None and _weigh(was, became) >= log(WORTH):
            yield _weigh(was, became) * share, f"{was:,} {one if was == 1 else several} became {became:,}"


def _compare_bytes(before: Evidence, after: Evidence) -> Iterator[Weighed]:
    was, became = before.get("bytes"), after.get("bytes")
    if was is not None and became is not None and _weigh(was, became) >= log(WORTH):
        yield _weigh(was, became), f"{size_in_bytes(was)} became {size_in_bytes(became)}"


def _list_times(evidence: Evidence) -> dict[str, float]:
    """Return the server's phases, without the total, which is to be explained."""
    phases = {f"Server-Timing: {name}": time for name, time in (evidence.get("phases_ms") or {}).items()}
    phases.pop("Server-Timing: total", None)
    return phases


def _compare_times(before: Mapping[str, float], after: Mapping[str, float]) -> Iterator[Weighed]:
    """Yield the phase that changed most, if one request can tell it."""
    changed = [name for name in before.keys() & after.keys() if _is_sure(before[name], after[name])]
    if changed:
        name = max(changed, key=lambda name: (abs(before[name] - after[name]), name))
        was, became = (duration(times[name] / 1e3) if times[name] else "0" for times in (before, after))
        yield _weigh(before[name], after[name]) / 2, f"{name} {was} became {became}"


def _is_sure(before: float, after: float) -> bool:
    low, high = sorted((before, after))
    return high - low >= SURE_MS and high >= SURE * low


def _compare_plans(before: Evidence, after: Evidence) -> Iterator[Weighed]:
    """Yield the statements of both that are executed in another way."""
    was, became = before.get("shapes") or {}, after.get("shapes") or {}
    order = list(before.get("statements") or was)
    for number, sql in enumerate(order, start=1):
        if sql in was and sql in became and was[sql] != became[sql]:
            yield PLAN, f"statement {number} {_compare_shapes(was[sql], became[sql])}"


def _compare_shapes(before: str, after: str) -> str:
    """Return what became of the first table that is read in another way."""
    was, became = _list_scans(before), _list_scans(after)
    for table, way in was.items():
        if table in became and became[table] != way:
            return f"reads {table} by {became[table]} instead of {way}"
    first, second = ([line.strip() for line in shape.splitlines()] for shape in (before, after))
    lost, won = _find_missing(first, second), _find_missing(second, first)
    return f"has the node {won} instead of {lost}" if lost and won else "has another plan"


def _find_missing(lines: Sequence[str], others: Sequence[str]) -> str:
    return next((line for line in lines if line not in others), "")


def _list_scans(shape: str) -> dict[str, str]:
    """Return how each table of a plan's shape is read, at its first node.

    >>> _list_scans("Index Scan on ads using ads_name")
    {'ads': 'an index scan using ads_name'}
    """
    found: dict[str, str] = {}
    for line in shape.splitlines():
        way, scan, rest = line.strip().rpartition(SCAN)
        table, _, index = rest.partition(" using ")
        if scan:
            found.setdefault(table, _name_scan(way.rpartition(": ")[2].strip(), index))
    return found


def _name_scan(way: str, index: str) -> str:
    kind = {"Seq": "sequential"}.get(way, way.lower())
    article = "an" if kind[:1] in "aeiou" else "a"
    return f"{article} {kind} scan" + (f" using {index}" if index else "")


def _compare_texts(before: Evidence, after: Evidence) -> Iterator[Weighed]:
    """Yield how many statements are others, where they are as many as before."""
    was, became = before.get("statements"), after.get("statements")
    if was is None or became is None or sum(was.values()) != sum(became.values()):
        return
    other = sum(max(0, times - became.get(sql, 0)) for sql, times in was.items())
    if other:
        yield TEXT, f"{other:,} of {sum(was.values()):,} statements {'has' if other == 1 else 'have'} another text"

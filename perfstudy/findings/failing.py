"""Which verdicts of a run fail it, by the kinds that the reader names."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from perfstudy import formatting
from perfstudy.errors import UsageError, unknown
from perfstudy.findings.comparisons import pick_judged
from perfstudy.findings.findings import Findings
from perfstudy.model.labels import is_own

Rows = Iterator[str]


def read_kinds(text: str) -> tuple[str, ...]:
    """Return the kinds that *text* names, separated by commas.

    Raises:
        UsageError: one is unknown, or stands twice.
    """
    names = [name.strip() for name in text.split(",")]
    for name in names:
        if name not in KINDS:
            raise UsageError(f"--fail-on is {text!r}: {unknown('verdict', name, KINDS)}")
        if names.count(name) > 1:
            raise UsageError(f"--fail-on is {text!r}, with {name!r} twice: leave one out")
    return tuple(names)


def list_failures(found: Findings, kinds: Iterable[str], *, strict: bool = False) -> list[str]:
    """Return a line for each verdict of one of *kinds*.

    If *strict*, each inconclusive one has a line as well. In a study of one's own, an arm that was excluded before it
    was measured has one with any of them: what did not start, or answered otherwise, has passed nothing.
    """
    asked = [kind for kind in KINDS if kind in set(kinds)]
    lines = [line for kind in asked for line in KINDS[kind](found)]
    if (asked or strict) and "invalid" not in asked and is_own(found.run.declaration):
        lines += _list_excluded(found)
    return [*lines, *_list_inconclusive(found)] if strict else lines


def _list_claims(found: Findings, verdict: str) -> Rows:
    for row in found.verdicts.to_dict("records"):
        if row["verdict"] == verdict:
            yield f"claim {row['claim']!r} is {verdict} for {_place(row)}: {row['reason']}"


def _list_refuted(found: Findings) -> Rows:
    return _list_claims(found, "refuted")


def _list_short(found: Findings) -> Rows:
    for line in _list_claims(found, "fell short"):
        yield line.replace("is fell short", "fell short", 1)


def _list_ruled_out(found: Findings) -> Rows:
    return _list_claims(found, "ruled out")


def _list_slower(found: Findings) -> Rows:
    for row in pick_judged(found.comparisons, "slower"):
        yield f"{row['label']!r} is slower than {row['reference']!r} for {_place(row)}: {_speedup(row)} times as fast"


def _list_invalid(found: Findings) -> Rows:
    yield from _list_excluded(found)
    for row in pick_judged(found.comparisons, "invalid"):
        reason = found.invalid(row["variant"], found.variant(row["reference"])) or "the noise checks failed"
        yield f"{row['label']!r} is not comparable with {row['reference']!r} for {_place(row)}: {reason}"


def _list_excluded(found: Findings) -> Rows:
    """Yield a line for each arm that was excluded before it was measured."""
    measured = {one.name for one in found.series.values()}
    for name, reason in found.run.excluded.items():
        if name not in measured:
            yield f"{name!r} is excluded: {reason}"


def _list_statements(found: Findings) -> Rows:
    """Yield a line for each variant that sends more statements than the reference."""
    evidence: list[dict[str, Any]] = getattr(found.run, "evidence", [])
    names = {one.name for one in found.series.values() if one.role in ("variant", "competitor")}
    reference = found.variant(found.reference) if found.reference in found.series else found.reference
    counts = {(row["variant"], row["scale"], row["scenario"], row["temperature"]): row for row in evidence}
    for (name, scale, scenario, _), row in counts.items():
        before = counts.get((reference, scale, scenario, "cold"), {}).get("statement_count")
        after = row.get("statement_count")
        if name in names and before is not None and after is not None and after > before:
            sends = f"sends {after:,} statements, and {reference!r} {before:,}"
            yield f"{name!r} {sends} for {_place(row)}"


def _list_inconclusive(found: Findings) -> Rows:
    for row in pick_judged(found.comparisons, "inconclusive"):
        reference = row["reference"]
        yield f"{row['label']!r} against {reference!r} is inconclusive for {_place(row)}: {_speedup(row)} times as fast"
    yield from _list_claims(found, "inconclusive")


def _place(row: dict[str, Any]) -> str:
    return f"{row['scenario']!r} at {row['scale']!r}, {row['temperature']}"


def _speedup(row: dict[str, Any]) -> str:
    return formatting.factor_with_interval(row["speedup"], row["low"], row["high"])


KINDS: dict[str, Callable[[Findings], Rows]] = {
    "refuted": _list_refuted,
    "fell-short": _list_short,
    "ruled-out": _list_ruled_out,
    "slower": _list_slower,
    "invalid": _list_invalid,
    "statements": _list_statements,
}
"""What can fail a run, by name."""
